"""`python -I -B -m mntdata_runtime.parent`: fork a kernel for each request that arrives on stdin.

Standard input is one end of a private socket pair; its end of file is the end of the parent. Kernels that
it forked live on without it, but how they end nobody can tell then.
"""

import gc
import os
import selectors
import socket
import sys
from contextlib import suppress

from mntdata_runtime.kernel.forked import ForkedKernel
from mntdata_runtime.launch import wire
from mntdata_runtime.launch.request import LaunchRequest
from mntdata_runtime.parent.preload import preload
from mntdata_runtime.rooms.lockdown import adopt_orphans, end_with_parent


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
    adopt_orphans()
    gc.collect()
    # A collection in a kernel would otherwise write to, and so copy, every page with an object.
    gc.freeze()
    with selectors.DefaultSelector() as events:
        _serve(control, events)


def _serve(control: wire.Channel, events: selectors.BaseSelector) -> None:
    """Until the server lets go. What became of the kernels then, nobody asks any more."""
    events.register(control, selectors.EVENT_READ)
    wire.send(control, {"event": "ready"})
    while True:
        for event, _ in events.select():
            kernel: ForkedKernel | None = event.data
            if kernel:
                events.unregister(kernel.pidfd)
                kernel.tell_end()
            elif (received := wire.receive(control)) is None:
                return
            else:
                message, descriptors = received
                with suppress(OSError):  # was told
                    kernel = ForkedKernel(LaunchRequest.from_message(message), descriptors)
                    events.register(kernel.pidfd, selectors.EVENT_READ, kernel)


if __name__ == "__main__":
    main()
