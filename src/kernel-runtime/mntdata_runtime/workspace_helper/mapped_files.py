"""Files that live programs have mapped into their memory, shared.

A write through a mapping changes a file's times only when it is the first one since the page was
last written to disk; later ones change the content under the same stamps.
"""

import os
import re
from collections.abc import Iterator
from contextlib import suppress

# address, permissions (shared), offset, device, inode; see proc_pid_maps(5)
_SHARED = re.compile(rb"\S+ ...s \S+ \S+ ([1-9][0-9]*)").match


def mapped_inodes(pid: int) -> frozenset[int]:
    """Inodes mapped shared by the process and its descendants; none when it is gone.

    Mappings that are read-only now count, they can become writable again without a trace. The
    device is not compared: file systems with subvolumes or layers show another one here than
    `stat` does, and an inode taken for another merely costs reading a file once more.
    """
    inodes: set[int] = set()
    for process in _family(pid):
        matches = map(_SHARED, _lines(f"/proc/{process}/maps"))
        inodes.update(int(match[1]) for match in matches if match)
    return frozenset(inodes)


def _family(pid: int) -> Iterator[int]:
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
