"""What no option of ZMQ bounds: a message of any number of parts.

`MAXMSGSIZE` bounds each part and the high-water mark counts whole messages, so that a kernel could fill this
process with the parts of a single one.
"""

import os
import threading
import time
from logging import Logger, LoggerAdapter
from pathlib import Path

from mntdata_runtime.cgroups.hierarchies import memory_bytes
from mntdata_runtime.state.directory import StateDirectory
from mntdata_runtime.state.processes import ProcessIdentity

_LOOK_SECONDS = 0.05
# What honest kernels together may make wait here: their own limits of output keep it far below.
_MOST_BYTES = 1 << 30
_MOST_OF_MACHINE = 4
# What is large and grows no more has been held up already.
_GROWTH_BYTES = 8 << 20


class MemoryGuard(threading.Thread):
    """Ends the kernel that makes this process grow past 1 GiB, or a quarter of the machine or its container.

    A thread, because messages arrive whether or not the event loop comes to look. Nothing tells whose bytes
    arrive; but to send them is work of the operating system, and who has it do most is the sender. Kernels
    without rooms are not told apart.
    """

    def __init__(self, state: StateDirectory, log: "Logger | LoggerAdapter[Logger]") -> None:
        super().__init__(name="memory guard", daemon=True)
        self._state = state
        self._log = log
        self._memory = _OwnMemory()
        self._most = self._memory.resident() + min(_MOST_BYTES, memory_bytes() // _MOST_OF_MACHINE)

    def run(self) -> None:
        """Look until this process ends."""
        before = self._memory.resident()
        while True:
            time.sleep(_LOOK_SECONDS)
            now = self._memory.resident()
            if now > self._most and now - before > _GROWTH_BYTES:
                self._end_sender()
            before = now

    def _end_sender(self) -> None:
        rooms = self._state.rooms()
        before = _system_ticks()
        time.sleep(_LOOK_SECONDS)
        after = _system_ticks()

        def used(room: ProcessIdentity) -> int:
            namespace = _namespace(room.pid)
            return after.get(namespace, 0) - before.get(namespace, 0)

        sender = max(rooms, key=used, default=None)
        if sender and used(sender) > 0:
            self._log.warning("A kernel sent more than can be held here; ending its room (%d).", sender.pid)
            sender.end()


class _OwnMemory:
    """Memory that this process takes; the file stays open, since it is read twenty times a second."""

    def __init__(self) -> None:
        self._statm = os.open("/proc/self/statm", os.O_RDONLY)
        self._page = os.sysconf("SC_PAGE_SIZE")

    def resident(self) -> int:
        """Bytes."""
        return int(os.pread(self._statm, 256, 0).split()[1]) * self._page


def _system_ticks() -> dict[str, int]:
    """Clock ticks that the operating system worked for all processes of each pid namespace but our own."""
    ticks: dict[str, int] = {}
    ours = _namespace(os.getpid())
    for process in Path("/proc").glob("[0-9]*"):
        namespace = _namespace(int(process.name))
        try:
            status = (process / "stat").read_text(encoding="utf-8", errors="replace")
        except OSError:
            continue
        if namespace not in ("", ours):
            ticks[namespace] = ticks.get(namespace, 0) + int(status.rpartition(")")[2].split()[12])
    return ticks


def _namespace(pid: int) -> str:
    """The pid namespace of a process; empty when it is gone or none of ours."""
    try:
        return os.readlink(f"/proc/{pid}/ns/pid")
    except OSError:
        return ""
