"""The namespaces of a room, for a process that forks a kernel into them. It must have one thread."""

import ctypes
import errno
import os

_libc = ctypes.CDLL(None, use_errno=True)
_NEWNS, _NEWCGROUP, _NEWUTS, _NEWIPC, _NEWUSER, _NEWPID, _NEWNET = (
    1 << bit for bit in (17, 25, 26, 27, 28, 29, 30)
)
_AROUND_A_PROCESS = _NEWNS | _NEWCGROUP | _NEWUTS | _NEWIPC | _NEWNET
_LONGEST_NUMBER = 20


def fork_into(room: int) -> int:
    """As os.fork; the child is in the pid namespace of the process behind the pidfd `room`.

    Only a child can be: a process stays in the pid namespace that it began in. The child must call
    `enter` for all the others. It is a child of the caller, who must be a subreaper unless it is root.
    Raises OSError. Linux 5.8 or newer.
    """
    return _fork_as_root(room) if os.geteuid() == 0 else _fork_as_user(room)


def enter(room: int) -> None:
    """Join what `fork_into` left: every namespace but that of pids."""
    if os.geteuid() == 0:
        # Root keeps its user namespace: the room of a root service has none of its own.
        _join(room, _AROUND_A_PROCESS)


def _fork_as_root(room: int) -> int:
    """Root can turn back, so one fork will do."""
    own = os.open("/proc/self/ns/pid", os.O_RDONLY)
    child = None
    try:
        _join(room, _NEWPID)
        child = os.fork()
    finally:
        if child != 0:
            _join(own, _NEWPID)
        os.close(own)
    return child


def _fork_as_user(room: int) -> int:
    """Only within the room's user namespace it may join the others, and from there no way leads back.

    So a process between them goes there and forks; it ends at once, and the child becomes the caller's.
    """
    reading, writing = os.pipe()
    between = os.fork()
    if between == 0:
        return _fork_inside(room, writing)
    os.close(writing)
    with open(reading, "rb", buffering=0) as answer:
        child = int(answer.read(_LONGEST_NUMBER) or -errno.EIO)
    os.waitpid(between, 0)
    if child < 0:
        raise OSError(-child, f"the room cannot be entered: {os.strerror(-child)}")
    return child


def _fork_inside(room: int, answer: int) -> int:
    """Returns in the child alone; tells its pid, or the negative number of an error, and ends."""
    child = -errno.EIO
    try:
        _join(room, _NEWUSER | _NEWPID | _AROUND_A_PROCESS)
        child = os.fork()
    except OSError as error:
        child = -(error.errno or errno.EIO)
    finally:
        if child != 0:
            os.write(answer, str(child).encode())
            os._exit(0)
    return child


def _join(target: int, kinds: int) -> None:
    if _libc.setns(target, kinds) != 0:
        number = ctypes.get_errno()
        raise OSError(number, f"setns: {os.strerror(number)}")
