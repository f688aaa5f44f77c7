"""A kernel from a fresh interpreter: `python -I -m mntdata_runtime.kernel`, the request on stdin."""

import os
import socket
import sys

from mntdata_runtime.kernel.forked import ForkedKernel
from mntdata_runtime.launch import wire
from mntdata_runtime.launch.request import LaunchRequest
from mntdata_runtime.rooms.lockdown import adopt_orphans, end_with_parent


def main() -> None:
    """Read one request, fork its kernel, and wait for its end."""
    with socket.socket(fileno=os.dup(0)) as control:
        received = wire.receive(control)
    if received is None:
        sys.exit("the server is gone")
    message, descriptors = received
    request = LaunchRequest.from_message(message)
    if request.lockdown:
        adopt_orphans()
    else:
        end_with_parent()
    ForkedKernel(request, descriptors).tell_end()


if __name__ == "__main__":
    main()
