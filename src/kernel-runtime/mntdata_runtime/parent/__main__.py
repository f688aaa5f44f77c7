"""`python -I -B -m mntdata_runtime.parent`: fork a kernel for each request that arrives on stdin.

Standard input is one end of a private socket pair; its end of file is the end of the parent. Kernels that
it forked live on without it.
"""

import gc
import os
import signal
import socket
import sys

from mntdata_runtime.kernel.entry import become_kernel
from mntdata_runtime.kernel.inheritance import renew_inherited_state
from mntdata_runtime.launch import wire
from mntdata_runtime.launch.request import LaunchRequest
from mntdata_runtime.parent.preload import preload
from mntdata_runtime.rooms.lockdown import end_with_parent


def main() -> None:
    """Preload, say `ready`, and serve."""
    end_with_parent()
    control = socket.socket(fileno=os.dup(0))
    null = os.open(os.devnull, os.O_RDWR)
    os.dup2(null, 0)
    try:
        preload()
    except Exception as error:
        sys.exit(f"The parent of the kernels could not be made: {error!r}")
    # Kernels are nobody's children as far as this process is concerned.
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    gc.collect()
    # A collection in a kernel would otherwise write to, and so copy, every page with an object.
    gc.freeze()
    wire.send(control, {"event": "ready"})
    while (received := wire.receive(control)) is not None:
        _serve(*received)


def _serve(message: dict[str, object], descriptors: list[int]) -> None:
    try:
        child = os.fork()
    except OSError as error:
        channel = socket.socket(fileno=os.dup(descriptors[0]))
        with channel:
            wire.send(channel, {"event": "failed", "message": f"fork: {error}"})
        child = -1
    if child == 0:
        renew_inherited_state()
        become_kernel(LaunchRequest.from_message(message), descriptors)
    for descriptor in descriptors:
        os.close(descriptor)


if __name__ == "__main__":
    main()
