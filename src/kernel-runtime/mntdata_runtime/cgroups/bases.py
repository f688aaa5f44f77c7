"""Groups of our own, below which kernels get theirs: found by trying."""

import logging
import subprocess
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from mntdata_runtime.cgroups.hierarchies import Hierarchy, find_hierarchies

_log = logging.getLogger(__name__)
PROCS = "cgroup.procs"
_SUBTREE = "cgroup.subtree_control"
# Beside what the kernel allocates: its copies of the parent's pages, page tables, pipes.
_OVERHEAD_BYTES = 64 << 20
# All kernels together weigh half as much as one ordinary process or group beside them.
_CPU_SHARE = {1: ("cpu.shares", "512"), 2: ("cpu.weight", "50")}


@dataclass(frozen=True)
class GroupLimits:
    """What one kernel with all its processes may use."""

    memory_bytes: int
    processes: int


@dataclass(frozen=True)
class Base:
    """A group of ours, and the controllers that work below it."""

    version: int
    path: Path
    controllers: frozenset[str]

    def make_group(self, name: str, limits: GroupLimits) -> Path:
        """A group below, with these limits; raises OSError."""
        path = self.path / name
        path.mkdir(exist_ok=True)
        for file, value in self._settings(limits).items():
            with suppress(FileNotFoundError):  # Linux without swap accounting
                (path / file).write_text(value)
        return path

    def _settings(self, limits: GroupLimits) -> dict[str, str]:
        memory = str(limits.memory_bytes + _OVERHEAD_BYTES)
        settings: dict[str, str] = {}
        if "memory" in self.controllers:
            settings |= (
                {"memory.max": memory, "memory.swap.max": "0"}
                if self.version == 2
                else {"memory.limit_in_bytes": memory, "memory.memsw.limit_in_bytes": memory}
            )
        if "pids" in self.controllers:
            settings["pids.max"] = str(limits.processes)
        return settings


def find_bases(name: str) -> tuple[Base, ...]:
    """A base `name` in every hierarchy where we may make groups and move processes into them."""
    found = []
    for hierarchy in find_hierarchies():
        attempts = (_try(hierarchy, parent / name) for parent in _parents(hierarchy))
        base = next(filter(None, attempts), None)
        if base:
            found.append(base)
    return tuple(found)


def _parents(hierarchy: Hierarchy) -> list[Path]:
    """Our own group; in version 2, where a group with processes has no limited ones below, also above."""
    if hierarchy.version == 1:
        return [hierarchy.own]
    above = (path for path in hierarchy.own.parents if path.is_relative_to(hierarchy.root))
    return [hierarchy.own, *above]


def _try(hierarchy: Hierarchy, path: Path) -> Base | None:
    try:
        path.mkdir()
    except OSError:
        return None
    try:
        base = Base(hierarchy.version, path, _hand_down(hierarchy, path))
        if "cpu" in base.controllers:
            file, share = _CPU_SHARE[hierarchy.version]
            (path / file).write_text(share)
        _prove(base)
    except OSError as error:
        _log.debug("No control groups below %s: %s", path.parent, error)
        remove_group(path)
        return None
    return base


def _hand_down(hierarchy: Hierarchy, path: Path) -> frozenset[str]:
    """The controllers that groups below `path` can use."""
    if hierarchy.version == 1:
        return hierarchy.controllers
    if path.parent == hierarchy.own:
        # Only the root of all groups allows this while there are processes in it.
        for controller in hierarchy.controllers:
            with suppress(OSError):
                (hierarchy.own / _SUBTREE).write_text(f"+{controller}")
    offered = set((path / "cgroup.controllers").read_text().split())
    controllers = hierarchy.controllers & offered
    if not controllers & {"memory", "pids"}:
        raise OSError("neither memory nor pids can be limited here")
    enable = " ".join(f"+{controller}" for controller in sorted(controllers))
    (path / _SUBTREE).write_text(enable)
    return frozenset(controllers)


def _prove(base: Base) -> None:
    """Put a real process into a real group; raises OSError where that is not allowed."""
    path = base.make_group("probe", GroupLimits(memory_bytes=1 << 30, processes=16))
    try:
        with subprocess.Popen(["/bin/sh", "-c", "read _"], stdin=subprocess.PIPE) as process:
            try:
                (path / PROCS).write_text(str(process.pid))
            finally:
                process.kill()
    finally:
        remove_group(path)


def remove_group(path: Path, patience: float = 1.0) -> None:
    """Remove a group in which nothing runs any more; logs when that takes longer than `patience`."""
    deadline = time.monotonic() + patience
    while True:
        try:
            path.rmdir()
        except FileNotFoundError:
            return
        except OSError as error:  # what just ended is still counted for a moment
            if time.monotonic() > deadline:
                _log.warning("The control group %s cannot be removed: %s", path, error)
                return
            time.sleep(0.005)
        else:
            return
