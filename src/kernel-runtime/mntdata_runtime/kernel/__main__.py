"""A kernel from a fresh interpreter: `python -I -m mntdata_runtime.kernel`, the request on stdin."""

import os
import socket
import sys

from mntdata_runtime.kernel.entry import become_kernel
from mntdata_runtime.launch import wire
from mntdata_runtime.launch.request import LaunchRequest


def main() -> None:
    """Read one request and become that kernel."""
    with socket.socket(fileno=os.dup(0)) as control:
        received = wire.receive(control)
    if received is None:
        sys.exit("the server is gone")
    message, descriptors = received
    become_kernel(LaunchRequest.from_message(message), descriptors)


if __name__ == "__main__":
    main()
