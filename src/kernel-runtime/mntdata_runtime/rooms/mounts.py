"""What a room sees of the file system, as arguments for bubblewrap."""

import os
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from mntdata_runtime.settings import MEBIBYTE

WORKSPACE = "/mnt/data"
HOME = "/home/user"
_SYSTEM = ("/usr", "/etc/fonts", "/etc/alternatives", "/etc/ssl/certs")
_SYSTEM_FILES = ("/etc/ld.so.cache", "/etc/localtime", "/etc/mime.types")
_TOP_LEVEL = ("/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32")
_SCRATCH = (("/tmp", "1777", 256), ("/dev/shm", "1777", 64), (HOME, "0777", 64))


@dataclass(frozen=True)
class MountPlan:
    """Read-only trees at their own paths, read-only files made of bytes, and the one writable tree."""

    workspace: Path
    trees: tuple[str, ...]
    files: dict[str, bytes] = field(default_factory=dict)

    def arguments(self, descriptor_of: "dict[str, int]") -> list[str]:
        """bubblewrap's arguments; `descriptor_of` has an open descriptor for each path of `files`."""
        directories = _Parents()
        arguments = [*directories.above(*_SYSTEM, WORKSPACE, HOME)]
        for path in _SYSTEM:
            if os.path.exists(path):
                arguments += ["--ro-bind", path, path]
        for path in _TOP_LEVEL:
            if os.path.islink(path):
                arguments += ["--symlink", os.readlink(path), path]
            elif os.path.isdir(path):
                arguments += ["--ro-bind", path, path]
        arguments += ["--proc", "/proc", "--dev", "/dev"]
        for path, mode, size in _SCRATCH:
            arguments += ["--perms", mode, "--size", str(size * MEBIBYTE), "--tmpfs", path]
        arguments += directories.above(*self.trees, *self.files)
        for path in self.trees:
            arguments += ["--ro-bind", path, path]
        for path in self.files:
            mode = "0555" if "/bin/" in path else "0444"
            # A copy in the root, which is read-only in the end, costs no mount; a tree needs one.
            how = "--ro-bind-data" if _is_below(path, self.trees) else "--file"
            arguments += ["--perms", mode, how, str(descriptor_of[path]), path]
        return [*arguments, "--bind", str(self.workspace), WORKSPACE, "--remount-ro", "/"]


class _Parents:
    """Directories above mount points: bubblewrap would make missing ones 0700 and closed to the kernel."""

    def __init__(self) -> None:
        self._made = {"/", "/usr", "/tmp", "/dev", "/proc"}

    def above(self, *paths: str) -> Iterator[str]:
        for path in paths:
            for parent in reversed(Path(path).parents):
                if str(parent) not in self._made:
                    self._made.add(str(parent))
                    yield from ("--perms", "0755", "--dir", str(parent))


def system_files() -> dict[str, bytes]:
    """Content by path. Small ones: copied, for each mount costs bubblewrap a look at all mounts."""
    return {path: Path(path).read_bytes() for path in _SYSTEM_FILES if os.path.exists(path)}


def python_trees() -> tuple[str, ...]:
    """The directories that this Python and its packages live in, outermost first, without /usr."""
    package = Path(__file__).resolve().parent.parent
    candidates = [sys.base_prefix, os.path.realpath(sys.base_prefix), sys.prefix, str(package)]
    return tuple(_outermost(path for path in candidates if not _is_below(path, ["/usr"])))


def _outermost(paths: Iterable[str]) -> Iterator[str]:
    kept: list[str] = []
    for path in sorted(set(paths), key=len):
        if not _is_below(path, kept):
            kept.append(path)
            yield path


def _is_below(path: str, trees: Iterable[str]) -> bool:
    return any(Path(path).is_relative_to(tree) for tree in trees)


def exposed(private: Iterable[Path], trees: Iterable[str]) -> Path | None:
    """The first of `private` that a kernel would see through the mounted `trees`, if any."""
    everything = [*trees, *_SYSTEM]
    for path in private:
        if _is_below(os.path.realpath(path), everything):
            return path
    return None
