"""From a fresh or forked process to a kernel in its room."""

import os
import signal
import socket
import traceback
from contextlib import suppress
from typing import NoReturn

from mntdata_runtime.launch import wire
from mntdata_runtime.launch.request import CHANNELS, LaunchRequest
from mntdata_runtime.rooms.lockdown import become, end_with_parent
from mntdata_runtime.rooms.namespaces import enter

# Raised, so that Linux takes a kernel before it takes the service.
_OOM_SCORE = 800
_NICENESS = 5
_FIRST_DESCRIPTOR = 3
_LAST_DESCRIPTOR = 1 << 16
_LONGEST_TRACEBACK = 4000


def become_kernel(request: LaunchRequest, descriptors: list[int]) -> NoReturn:
    """Never returns: runs the kernel, or waits for it as the parent that tells how it ended.

    `descriptors` are those of LaunchRequest; every other one of this process is closed. Must be called
    while the process has one thread.
    """
    reply, *others = _keep_only(descriptors)
    listeners = dict(zip(CHANNELS, others, strict=False))
    place = others[len(CHANNELS) :]
    _use_null_device()
    channel = socket.socket(fileno=reply)
    # The parent of all kernels ignores the ends of its children; here they are waited for.
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    try:
        with open("/proc/self/oom_score_adj", "w", encoding="ascii") as score:
            score.write(str(_OOM_SCORE))
        if request.lockdown:
            room, *groups = place
            enter(room)
            os.close(room)
            _split(channel)
            _join(groups)
        else:
            end_with_parent()
            _split(channel)
        _run(request, listeners, channel)
    except BaseException:
        with suppress(OSError):  # the server is gone, or heard `ready` before
            text = traceback.format_exc()[-_LONGEST_TRACEBACK:]
            wire.send(channel, {"event": "failed", "message": text})
    finally:
        os._exit(1)


def _keep_only(descriptors: list[int]) -> list[int]:
    """Close all descriptors but these; they get the numbers from 3 on, in order."""
    above = max(descriptors) + len(descriptors) + _FIRST_DESCRIPTOR
    for number, descriptor in enumerate(descriptors):
        os.dup2(descriptor, above + number, inheritable=False)
    kept = [_FIRST_DESCRIPTOR + number for number in range(len(descriptors))]
    for number, descriptor in enumerate(kept):
        os.dup2(above + number, descriptor, inheritable=False)
    os.closerange(kept[-1] + 1, _LAST_DESCRIPTOR)
    return kept


def _use_null_device() -> None:
    null = os.open(os.devnull, os.O_RDWR)
    for standard in (0, 1, 2):
        os.dup2(null, standard)
    os.close(null)


def _tell_start(channel: socket.socket, pid: int) -> None:
    pidfd = os.pidfd_open(pid)
    wire.send(channel, {"event": "started"}, (pidfd,))
    os.close(pidfd)


def _join(groups: list[int]) -> None:
    """Move into the control groups behind these open files, and be gentle where none limits the CPU."""
    for group in groups:
        os.write(group, b"0")
        os.close(group)
    os.nice(_NICENESS)
    with suppress(OSError), open("/proc/self/autogroup", "w", encoding="ascii") as autogroup:
        autogroup.write(str(_NICENESS))


def _split(channel: socket.socket) -> None:
    """Fork; returns in the child, which becomes the kernel, in a session of its own.

    The parent waits and tells the exit status, which nobody else could: in a room the kernel would be
    left to pid 1. It stays outside of the room's pid namespace, where nobody can see or signal it.
    """
    child = os.fork()
    if child == 0:
        os.setsid()
        return
    _tell_start(channel, child)
    _keep_only([channel.fileno()])
    _, status = os.waitpid(child, 0)
    with suppress(OSError):  # the server is gone
        wire.send(channel, {"event": "exit", "code": os.waitstatus_to_exitcode(status)})
    os._exit(0)


def _run(request: LaunchRequest, listeners: dict[str, int], channel: socket.socket) -> None:
    _use_null_device()  # the room's own
    # Until there is a kernel to handle it.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    os.umask(0o022)
    os.chdir(request.directory)
    os.environ.clear()
    os.environ.update(request.environment)
    if request.lockdown:
        request.lockdown.apply(request.user)
    else:
        become(request.user)
        end_with_parent()
    from mntdata_runtime.kernel.application import start_kernel

    def ready() -> None:
        wire.send(channel, {"event": "ready"})
        channel.close()

    start_kernel(request, listeners, ready)
