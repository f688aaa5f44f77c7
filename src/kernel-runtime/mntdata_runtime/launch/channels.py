"""The sockets of one kernel: bound by the server, in a directory that no room ever sees.

The kernel gets them as listening descriptors. So it has no directory in which it could put a link to
somebody else's socket for the server to connect to, and the server can connect before the kernel is up.
"""

import shutil
import socket
from contextlib import ExitStack
from pathlib import Path

from mntdata_runtime.launch.request import CHANNELS

_BACKLOG = 128
# sizeof(sockaddr_un.sun_path) without the final NUL.
LONGEST_SOCKET_PATH = 107


class KernelSockets:
    """Where one kernel's sockets are; `address` and `ports` are what Jupyter calls them."""

    def __init__(self, directory: Path) -> None:
        directory.mkdir(mode=0o700, exist_ok=True)
        self.directory = directory
        self.address = str(directory / "s")
        self.connection_file = directory / "connection.json"
        self.ports = {f"{name}_port": number for number, name in enumerate(CHANNELS, 1)}

    def listen(self) -> "ListeningSockets":
        """Bind and listen, in place of what an earlier start left there."""
        with ExitStack() as held:
            listeners = []
            for number in self.ports.values():
                path = Path(f"{self.address}-{number}")
                path.unlink(missing_ok=True)
                listener = held.enter_context(socket.socket(socket.AF_UNIX, socket.SOCK_STREAM))
                listener.bind(str(path))
                listener.listen(_BACKLOG)
                listeners.append(listener)
            return ListeningSockets(listeners, held.pop_all())

    def remove(self) -> None:
        """Remove the directory with all that is in it."""
        shutil.rmtree(self.directory, ignore_errors=True)


class ListeningSockets:
    """Open listening sockets, in the order of CHANNELS. To be closed here once the kernel has them."""

    def __init__(self, sockets: list[socket.socket], held: ExitStack) -> None:
        self.descriptors = tuple(listener.fileno() for listener in sockets)
        self._held = held

    def __enter__(self) -> "ListeningSockets":
        return self

    def __exit__(self, *_: object) -> None:
        self._held.close()
