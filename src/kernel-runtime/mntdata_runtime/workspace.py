"""The directory of a workspace, as the runtime checks it before a kernel gets it."""

import os
import stat
import sys
from dataclasses import dataclass
from pathlib import Path


class WorkspaceError(ValueError):
    """The named directory is no workspace; the message says why."""


@dataclass(frozen=True)
class Workspace:
    """`path` is absolute and free of links below the root; `owner` is the uid of the directory."""

    path: Path
    owner: int

    @classmethod
    def named(cls, root: Path, name: str) -> "Workspace":
        """The workspace `name`, a direct child of `root`; raises WorkspaceError for anything else."""
        if name in ("", ".", "..") or "/" in name or "\0" in name:
            raise WorkspaceError(f"{name!r} is not the name of a workspace directory.")
        path = root / name
        try:
            found = os.lstat(path)
        except OSError as error:
            raise WorkspaceError(f"There is no workspace directory {name!r}.") from error
        if not stat.S_ISDIR(found.st_mode):
            raise WorkspaceError(f"{name!r} is not a directory.")
        return cls(path, found.st_uid)

    def kernel_user(self) -> int | None:
        """The uid for its kernel in a room: the owner's when we are root, None (our own) when not.

        Raises WorkspaceError for a kernel that would run as root.
        """
        if os.geteuid() != 0:
            return None
        if self.owner == 0:
            raise WorkspaceError(
                f"The workspace directory {self.path.name!r} belongs to root; "
                "it needs an owner that its kernel may run as."
            )
        return self.owner

    def owner_can_run_python(self) -> bool:
        """Whether a plain kernel could run as its owner: we are root, it is not, and all may read Python."""
        return os.geteuid() == 0 and self.owner != 0 and all(map(_open_to_all, _PYTHON))


# The interpreter's library, its packages, and this one.
_PYTHON = (sys.base_prefix, sys.prefix, os.path.dirname(__file__))


def _open_to_all(path: str) -> bool:
    places = (Path(path).resolve(), *Path(path).resolve().parents)
    return all(place.stat().st_mode & stat.S_IXOTH for place in places)
