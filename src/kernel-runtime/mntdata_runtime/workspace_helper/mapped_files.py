"""Files that live programs have mapped into their memory, shared.

A write through a mapping changes a file's times only when it is the first one since the page was
last written to disk; later ones change the content under the same stamps.
"""

import os
import re
from collections.abc import Iterator
from contextlib import suppress
from functools import cached_property

# address, permissions (shared), offset, device, inode; see proc_pid_maps(5)
_SHARED = re.compile(rb"\S+ ...s \S+ \S+ ([1-9][0-9]*)").match


class MappedInodes:
    """Inodes mapped shared by a process and its family; none when it is gone, or there is no process.

    Found out when it is first asked: a workspace without files needs not. Mappings that are
    read-only now count, they can become writable again without a trace. The device is not compared:
    file systems with subvolumes or layers show another one here than `stat` does, and an inode
    taken for another merely costs reading a file once more.
    """

    def __init__(self, pid: int | None) -> None:
        self._pid = pid

    def __contains__(self, inode: int) -> bool:
        return inode in self._inodes

    @cached_property
    def _inodes(self) -> frozenset[int]:
        if self._pid is None:
            return frozenset()
        lines = (line for process in _family(self._pid) for line in _lines(f"{process}/maps"))
        return frozenset(int(match[1]) for match in map(_SHARED, lines) if match)


def _family(pid: int) -> Iterator[str]:
    """All processes of the room whose pid 1 it is; without a room, itself and its descendants.

    As directories of procfs. A kernel that was forked into its room is no descendant of the room's
    pid 1, but stands in the room's own `/proc`, and nothing else does. Nothing that code starts leaves
    the room's pid namespace (pid_namespaces(7)), or can mount another file system there.
    """
    namespace = _namespace(pid)
    if namespace is None or namespace == _namespace(os.getpid()):
        yield from (f"/proc/{process}" for process in _descendants(pid))
        return
    room = f"/proc/{pid}/root/proc"
    with suppress(OSError):  # the room ended
        yield from (f"{room}/{name}" for name in os.listdir(room) if name.isdecimal())


def _namespace(pid: int) -> str | None:
    try:
        return os.readlink(f"/proc/{pid}/ns/pid")
    except OSError:  # the process ended, or is not ours to look at
        return None


def _descendants(pid: int) -> Iterator[int]:
    waiting = [pid]
    seen = set(waiting)
    while waiting:
        process = waiting.pop()
        yield process
        children = set(_children(process)) - seen
        seen |= children
        waiting.extend(children)


def _children(pid: int) -> Iterator[int]:
    try:
        threads = os.listdir(f"/proc/{pid}/task")
    except OSError:
        return
    for thread in threads:
        for line in _lines(f"/proc/{pid}/task/{thread}/children"):
            yield from map(int, line.split())


def _lines(path: str) -> Iterator[bytes]:
    with suppress(OSError), open(path, "rb") as file:  # the process ended, or is not ours to look at
        yield from file
