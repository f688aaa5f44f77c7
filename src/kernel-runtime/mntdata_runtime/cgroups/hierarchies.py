"""Where the control groups of this process are, in either version of the interface."""

import os
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

WANTED = frozenset(("memory", "pids", "cpu"))


@dataclass(frozen=True)
class Hierarchy:
    """One mounted hierarchy: its version, the controllers of WANTED it may have, its root, our group."""

    version: int
    controllers: frozenset[str]
    root: Path
    own: Path


def find_hierarchies(process: Path = Path("/proc/self")) -> list[Hierarchy]:
    """The hierarchies with a controller we want; empty where none is visible."""
    groups = _groups(process)
    found = []
    for mount in _mounts(process):
        if mount.version == 2:
            path = groups.get("")
            controllers = WANTED
        else:
            controllers = WANTED & mount.options
            path = next(
                (groups[name] for name in groups if name and set(name.split(",")) & controllers), None
            )
        if controllers and path and path.is_relative_to(mount.shown):
            own = mount.point / path.relative_to(mount.shown)
            if own.is_dir():
                found.append(Hierarchy(mount.version, controllers, mount.point, own))
    return found


def memory_bytes(process: Path = Path("/proc/self")) -> int:
    """How much memory the groups around the process leave it: that of the machine where none limits it."""
    most = [os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")]
    for hierarchy in find_hierarchies(process):
        name = "memory.max" if hierarchy.version == 2 else "memory.limit_in_bytes"
        for group in (hierarchy.own, *hierarchy.own.parents):
            # No limit reads as `max`, and the group of all has no such file.
            with suppress(OSError, ValueError):
                most.append(int((group / name).read_text(encoding="ascii")))
            if group == hierarchy.root:
                break
    return min(most)


@dataclass(frozen=True)
class _Mount:
    version: int
    shown: Path
    """The part of the hierarchy that is mounted."""
    point: Path
    options: frozenset[str]


def _groups(process: Path) -> dict[str, Path]:
    """Our group by the names of the controllers (comma-separated; empty for version 2)."""
    lines = (process / "cgroup").read_text(encoding="utf-8").splitlines()
    return {controllers: Path(path) for _, controllers, path in (line.split(":", 2) for line in lines)}


def _mounts(process: Path) -> Iterator[_Mount]:
    for line in (process / "mountinfo").read_text(encoding="utf-8").splitlines():
        before, _, after = line.partition(" - ")
        kind, _, options = after.split(" ", 2)
        if kind in ("cgroup", "cgroup2"):
            shown, point = before.split(" ")[3:5]
            version = 2 if kind == "cgroup2" else 1
            yield _Mount(version, Path(shown), Path(point), frozenset(options.split(",")))
