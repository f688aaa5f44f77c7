"""A control group for each kernel."""

import secrets
from contextlib import ExitStack, suppress
from pathlib import Path

from mntdata_runtime.cgroups.bases import PROCS, Base, GroupLimits, find_bases, remove_group

_PREFIX = "mntdata-"


class KernelGroup:
    """The group of one kernel, in every hierarchy that has one."""

    def __init__(self, paths: tuple[Path, ...]) -> None:
        self._paths = paths
        with ExitStack() as held:
            doors = [held.enter_context(open(path / PROCS, "wb", buffering=0)) for path in paths]
            self.descriptors = tuple(door.fileno() for door in doors)
            """Open files; a process that writes `0` to each of them is in the group."""
            self._held = held.pop_all()

    def ran_out_of_memory(self) -> bool:
        """Whether Linux has killed a process of the group for its memory."""
        for path in self._paths:
            for name in ("memory.events", "memory.oom_control"):
                with suppress(OSError, ValueError):
                    counts = dict(line.split() for line in (path / name).read_text().splitlines())
                    if int(counts.get("oom_kill", 0)):
                        return True
        return False

    def remove(self) -> None:
        """Remove the group; everything in it must have ended. Calling it again does nothing."""
        self._held.close()
        for path in self._paths:
            remove_group(path)


class KernelGroups:
    """Makes the groups of kernels, where this process may; elsewhere they have no limits to set."""

    def __init__(self, bases: tuple[Base, ...]) -> None:
        self._bases = bases

    @classmethod
    def find(cls) -> "KernelGroups":
        """Tried, not guessed: takes some milliseconds."""
        return cls(find_bases(f"{_PREFIX}{secrets.token_hex(4)}"))

    @property
    def controllers(self) -> frozenset[str]:
        """Those of memory, pids and cpu that are in force."""
        return frozenset().union(*(base.controllers for base in self._bases))

    @property
    def paths(self) -> list[str]:
        """Directories for the next start to remove, should this process be killed."""
        return [str(base.path) for base in self._bases]

    def create(self, name: str, limits: GroupLimits) -> KernelGroup:
        """A group with these limits; raises OSError."""
        paths = []
        try:
            for base in self._bases:
                paths.append(base.make_group(name, limits))
            return KernelGroup(tuple(paths))
        except OSError:
            for path in paths:
                remove_group(path)
            raise

    def close(self) -> None:
        """Remove our own groups; the kernels' must be gone."""
        for base in self._bases:
            remove_group(base.path)


def remove_groups(paths: list[str]) -> None:
    """Remove groups that an earlier life left (`KernelGroups.paths`), with those below them."""
    for path in map(Path, paths):
        if path.name.startswith(_PREFIX):
            for below in filter(Path.is_dir, path.glob("*")):
                remove_group(below)
            remove_group(path)
