"""Forking a process that becomes a kernel, and telling the server how it ended."""

import os
import socket
from contextlib import suppress

from mntdata_runtime.kernel.entry import become_kernel
from mntdata_runtime.launch import wire
from mntdata_runtime.launch.request import ROOM, LaunchRequest
from mntdata_runtime.rooms.namespaces import fork_into


class ForkedKernel:
    """A kernel that is a child of this process.

    Its parent waits for it and tells the exit status, which nobody else could: in a room the kernel would
    be left to pid 1. The parent stays outside of the room, where nobody can see or signal it.
    """

    def __init__(self, request: LaunchRequest, descriptors: list[int]) -> None:
        """Take over `descriptors`, those of LaunchRequest. Never returns in the kernel; raises OSError."""
        self._channel = socket.socket(fileno=descriptors[0])
        try:
            self._pid = fork_into(descriptors[ROOM]) if request.lockdown else os.fork()
            if self._pid == 0:
                become_kernel(request, descriptors)
            self.pidfd = os.pidfd_open(self._pid)
            """Readable when the kernel has ended."""
        except OSError as error:
            with suppress(OSError):
                wire.send(self._channel, {"event": "failed", "message": f"fork: {error}"})
            self._channel.close()
            raise
        finally:
            for descriptor in descriptors[1:]:
                os.close(descriptor)

    def tell_end(self) -> None:
        """Wait for the kernel, and tell its exit code."""
        _, status = os.waitpid(self._pid, 0)
        os.close(self.pidfd)
        with self._channel, suppress(OSError):  # the server is gone
            wire.send(self._channel, {"event": "exit", "code": os.waitstatus_to_exitcode(status)})
