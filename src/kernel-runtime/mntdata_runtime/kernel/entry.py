"""From a forked process to a kernel in its room."""

import os
import signal
import socket
import traceback
from contextlib import suppress
from typing import NoReturn

from mntdata_runtime.kernel.inheritance import renew_inherited_state
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
    """Run the kernel in this process, which was made for it (`fork_into` where it has a room).

    `descriptors` are those of LaunchRequest; every other one of this process is closed. Must be called
    while the process has one thread.
    """
    try:
        renew_inherited_state()
        reply, *others = _keep_only(descriptors)
        listeners = dict(zip(CHANNELS, others, strict=False))
        channel = socket.socket(fileno=reply)
        os.setsid()
        _tell_start(channel)
        _use_null_device()
        with open("/proc/self/oom_score_adj", "w", encoding="ascii") as score:
            score.write(str(_OOM_SCORE))
        if request.lockdown:
            room, *groups = others[len(CHANNELS) :]
            enter(room)
            os.close(room)
            _join(groups)
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


def _tell_start(channel: socket.socket) -> None:
    pidfd = os.pidfd_open(os.getpid())
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
