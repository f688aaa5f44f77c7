"""`python -I -B -m mntdata_runtime.parent`: fork a kernel for each request that arrives on stdin.

Standard input is one end of a private socket pair. After its end of file the parent forks no more, and ends
when its kernels have ended. They would live on without it, but how they end nobody could tell then.
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
from mntdata_runtime.rooms.lockdown import adopt_orphans, end_with_parent, outlive_parent


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
    # From here on the end of the control channel is enough, and kernels that die then are still waited for:
    # until they are, Linux keeps their rooms.
    outlive_parent()
    adopt_orphans()
    gc.collect()
    # A collection in a kernel would otherwise write to, and so copy, every page with an object.
    gc.freeze()
    with selectors.DefaultSelector() as events:
        _serve(control, events)


def _serve(control: wire.Channel, events: selectors.BaseSelector) -> None:
    """Fork until the server lets go, and wait for kernels until there is none."""
    events.register(control, selectors.EVENT_READ)
    wire.send(control, {"event": "ready"})
    while events.get_map():
        for event, _ in events.select():
            kernel: ForkedKernel | None = event.data
            if kernel:
                events.unregister(kernel.pidfd)
                kernel.tell_end()
            elif (received := wire.receive(control)) is None:
                events.unregister(control)
            else:
                message, descriptors = received
                with suppress(OSError):  # was told
                    kernel = ForkedKernel(LaunchRequest.from_message(message), descriptors)
                    events.register(kernel.pidfd, selectors.EVENT_READ, kernel)


if __name__ == "__main__":
    main()
