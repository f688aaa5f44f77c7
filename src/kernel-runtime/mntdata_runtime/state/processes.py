"""Naming a process so that a number used again is not mistaken for it."""

import os
import signal
import time
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class ProcessIdentity:
    """A process of one boot and one pid namespace; `start_time` is in clock ticks since the boot."""

    pid: int
    start_time: int
    boot: str
    namespace: str

    @classmethod
    def of(cls, pid: int) -> "ProcessIdentity | None":
        """The identity of a running process; None when there is none of that number."""
        try:
            status = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
        except OSError:
            return None
        # The name, in parentheses, may hold spaces and parentheses; the start time is field 22.
        start_time = int(status.rpartition(")")[2].split()[19])
        boot = Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
        return cls(pid, start_time, boot, os.readlink("/proc/self/ns/pid"))

    def is_running(self) -> bool:
        """Whether this very process still runs."""
        return ProcessIdentity.of(self.pid) == self

    def end(self, timeout: float = 5.0) -> bool:
        """Kill it and wait up to `timeout` seconds; True when it is gone (or was).

        False for one that still runs, or that is not ours to kill.
        """
        deadline = time.monotonic() + timeout
        try:
            pidfd = os.pidfd_open(self.pid)
        except ProcessLookupError:
            return True
        try:
            # The pidfd holds the number, so what is checked is what gets the signal.
            if not self.is_running():
                return True
            try:
                signal.pidfd_send_signal(pidfd, signal.SIGKILL)
            except ProcessLookupError:
                return True
            except PermissionError:
                return False
            while self.is_running() and not _is_zombie(self.pid):
                if time.monotonic() > deadline:
                    return False
                time.sleep(0.01)
            return True
        finally:
            os.close(pidfd)


def _is_zombie(pid: int) -> bool:
    try:
        status = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return True
    return status.rpartition(")")[2].split()[0] in "ZX"
