"""What a process gives up, for ever, before any foreign code runs in it."""

import ctypes
import os
import resource
import signal
from dataclasses import dataclass

_libc = ctypes.CDLL(None, use_errno=True)
_PR_SET_PDEATHSIG = 1
_PR_SET_DUMPABLE = 4
_PR_SET_SECCOMP = 22
_PR_CAPBSET_DROP = 24
_PR_SET_CHILD_SUBREAPER = 36
_PR_SET_NO_NEW_PRIVS = 38
_PR_CAP_AMBIENT = 47
_PR_CAP_AMBIENT_CLEAR_ALL = 4
_SECCOMP_MODE_FILTER = 2
_CAPABILITY_VERSION_3 = 0x20080522

# On Linux glibc reserves this per thread for its stack; without a memory cgroup it is the margin that
# keeps the address-space limit from refusing threads that the process limit allows.
_ADDRESS_SPACE_MARGIN = 2 << 30


class _Program(ctypes.Structure):
    _fields_ = (("length", ctypes.c_ushort), ("instructions", ctypes.c_char_p))


@dataclass(frozen=True)
class Lockdown:
    """What holds for every process of a room.

    `memory_bytes` is what the process may allocate beyond what it holds now. `cap_address_space`: also
    limit shared anonymous memory, which no other rlimit counts; needed where no memory cgroup does.
    """

    seccomp: bytes
    memory_bytes: int
    file_bytes: int
    processes: int
    open_files: int
    cap_address_space: bool

    def apply(self, user: int | None) -> None:
        """Limits first (they need no privilege), then the ids, then capabilities, then the filter."""
        self._limit()
        self._drop_bounding_set()
        become(user)
        _check(_libc.prctl(_PR_CAP_AMBIENT, _PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0), "ambient set")
        _drop_capabilities()
        # Changing the uid made the process undumpable: its own /proc/self would belong to root.
        _check(_libc.prctl(_PR_SET_DUMPABLE, 1, 0, 0, 0), "dumpable")
        _check(_libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), "no_new_privs")
        program = _Program(len(self.seccomp) // 8, self.seccomp)
        _check(_libc.prctl(_PR_SET_SECCOMP, _SECCOMP_MODE_FILTER, ctypes.byref(program), 0, 0), "seccomp")

    def _limit(self) -> None:
        now = _memory_in_use()
        limits = [
            (resource.RLIMIT_DATA, now["VmData"] + self.memory_bytes),
            (resource.RLIMIT_FSIZE, self.file_bytes),
            (resource.RLIMIT_NPROC, self.processes),
            (resource.RLIMIT_NOFILE, self.open_files),
            (resource.RLIMIT_CORE, 0),
            (resource.RLIMIT_MEMLOCK, 1 << 16),
            (resource.RLIMIT_MSGQUEUE, 0),
        ]
        if self.cap_address_space:
            total = now["VmSize"] + self.memory_bytes + _ADDRESS_SPACE_MARGIN
            limits.append((resource.RLIMIT_AS, total))
        for which, value in limits:
            _, hard = resource.getrlimit(which)
            value = value if hard == resource.RLIM_INFINITY else min(value, hard)
            resource.setrlimit(which, (value, value))

    def _drop_bounding_set(self) -> None:
        for capability in range(64):
            if _libc.prctl(_PR_CAPBSET_DROP, capability, 0, 0, 0) != 0:
                return  # past the last one that this Linux knows


def become(user: int | None) -> None:
    """Take `user` as uid and only gid; None keeps the present ones (a user namespace maps just one)."""
    if user is not None:
        os.setgroups([])
        os.setresgid(user, user, user)
        os.setresuid(user, user, user)


def end_with_parent() -> None:
    """Be killed when the parent ends. Changing the uid undoes it, so call it last."""
    _check(_libc.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0), "parent death signal")


def outlive_parent() -> None:
    """Take `end_with_parent` back."""
    _check(_libc.prctl(_PR_SET_PDEATHSIG, 0, 0, 0, 0), "parent death signal")


def adopt_orphans() -> None:
    """Become the parent of the children of this process' children that end."""
    _check(_libc.prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0), "child subreaper")


def _memory_in_use() -> dict[str, int]:
    """VmData and VmSize of this process in bytes."""
    with open("/proc/self/status", encoding="ascii") as status:
        fields = dict(line.split(":", 1) for line in status)
    return {name: int(fields[name].split()[0]) << 10 for name in ("VmData", "VmSize")}


def _drop_capabilities() -> None:
    header = (ctypes.c_uint32 * 2)(_CAPABILITY_VERSION_3, 0)
    nothing = (ctypes.c_uint32 * 6)()
    _check(_libc.capset(ctypes.byref(header), ctypes.byref(nothing)), "capset")


def _check(result: int, what: str) -> None:
    if result != 0:
        number = ctypes.get_errno()
        raise OSError(number, f"{what}: {os.strerror(number)}")
