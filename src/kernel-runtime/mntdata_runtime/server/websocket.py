"""The websocket between the service and a kernel's channels."""

import asyncio
from typing import Any

import zmq
from jupyter_server.services.kernels.connection.channels import ZMQChannelsWebsocketConnection
from tornado.ioloop import IOLoop
from zmq.eventloop.zmqstream import ZMQStream

# Output that waits for the service to read it; past the first mark the kernel has to wait as well.
_STOP_BYTES = 32 << 20
_GO_ON_BYTES = 8 << 20
# A kernel that ends is noticed by its process, which takes a moment.
_SETTLE_SECONDS = 1.0


class PromptWebsocketConnection(ZMQChannelsWebsocketConnection):
    """Jupyter's own, prompt, bounded, and whole or closed.

    Prompt: without the 40 ms that Nagle's algorithm and delayed ACKs cost each message. Bounded: a
    service that does not keep up with a kernel's output makes the kernel wait, not this process grow. Whole:
    ZMQ cuts a channel on which more came than it takes, and never connects it again; then this connection
    closes, so that the service makes another.
    """

    _waiting_bytes = 0
    _stopped = False

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._monitors: list[ZMQStream] = []

    def connect(self) -> "asyncio.Future[None] | None":
        """As in Jupyter; tornado switches TCP_NODELAY on for no websocket by itself."""
        self.websocket_handler.set_nodelay(True)
        return super().connect()

    def create_stream(self) -> None:
        """As in Jupyter; watches the channels by which a run tells something."""
        super().create_stream()
        for channel in ("iopub", "shell"):
            monitor = ZMQStream(self.channels[channel].socket.get_monitor_socket(zmq.EVENT_DISCONNECTED))
            monitor.on_recv(lambda _: IOLoop.current().call_later(_SETTLE_SECONDS, self._close_if_cut))
            self._monitors.append(monitor)

    def _close_if_cut(self) -> None:
        # A kernel that ended is told of by Jupyter itself.
        if self._monitors and self.kernel_id in self.multi_kernel_manager:
            self.log.warning("A channel of kernel %s was cut; closing its connection.", self.kernel_id)
            self.websocket_handler.close()

    def disconnect(self) -> None:
        """As in Jupyter."""
        while self._monitors:
            self._monitors.pop().close()
        super().disconnect()

    def write_message(self, message: bytes | str, binary: bool = False) -> "asyncio.Future[None]":
        """Send to the service; raises WebSocketClosedError."""
        size = len(message)
        written = self.websocket_handler.write_message(message, binary=binary)
        self._waiting_bytes += size
        written.add_done_callback(lambda done: self._written(size, done))
        if self._waiting_bytes > _STOP_BYTES and not self._stopped:
            self._stopped = True
            self.channels["iopub"].stop_on_recv()
        return written

    def _written(self, size: int, done: "asyncio.Future[None]") -> None:
        # A connection that was closed meanwhile is noticed elsewhere.
        done.cancelled() or done.exception()
        self._waiting_bytes -= size
        iopub = self.channels.get("iopub")
        if self._stopped and self._waiting_bytes < _GO_ON_BYTES and iopub and not iopub.closed():
            self._stopped = False
            iopub.on_recv_stream(self.handle_outgoing_message)
