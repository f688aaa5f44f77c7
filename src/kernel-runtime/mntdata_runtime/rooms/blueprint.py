"""What the rooms of one server have in common."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from mntdata_runtime.rooms.filter import compile_filter
from mntdata_runtime.rooms.mounts import HOME, MountPlan, exposed, python_trees, system_files
from mntdata_runtime.rooms.packages import guidance_files
from mntdata_runtime.rooms.room import RoomError, RoomPlan

# The uid inside the user namespace of an unprivileged service.
_INNER_USER = 1000


@dataclass(frozen=True)
class RoomBlueprint:
    """The compiled seccomp filter, and the trees and files that every room sees."""

    seccomp: bytes
    trees: tuple[str, ...]
    files: dict[str, bytes]

    @classmethod
    def draw(cls, libraries: Mapping[str, str], private: Iterable[Path]) -> "RoomBlueprint":
        """A blueprint for this machine.

        Raises RoomError when a room would see one of the `private` directories, FilterUnavailableError
        without libseccomp.
        """
        trees = python_trees()
        seen = exposed(private, trees)
        if seen:
            raise RoomError(
                f"{seen} lies inside a directory that every room must see ({', '.join(trees)}, /usr); "
                "put the data or the Python environment elsewhere."
            )
        return cls(compile_filter(), trees, guidance_files(libraries))

    def room_for(self, workspace: Path, user: int | None) -> RoomPlan:
        """The room of one workspace, whose kernel runs as `user` (None: as the only uid of the room)."""
        files = {**system_files(), **self.files, **_identity_files(_INNER_USER if user is None else user)}
        return RoomPlan(MountPlan(workspace, self.trees, files), self.seccomp)


def _identity_files(user: int) -> dict[str, bytes]:
    """Names for the ids in a room, for programs that look themselves up."""
    return {
        "/etc/passwd": f"user:x:{user}:{user}::{HOME}:/bin/sh\n".encode(),
        "/etc/group": f"user:x:{user}:\n".encode(),
        "/etc/hosts": b"127.0.0.1 localhost mntdata\n::1 localhost\n",
        "/etc/nsswitch.conf": b"passwd: files\ngroup: files\nhosts: files\n",
    }
