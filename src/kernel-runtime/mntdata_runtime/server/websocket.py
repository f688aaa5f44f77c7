"""The websocket between the service and a kernel's channels."""

import asyncio

from jupyter_server.services.kernels.connection.channels import ZMQChannelsWebsocketConnection

# Output that waits for the service to read it; past the first mark the kernel has to wait as well.
_STOP_BYTES = 32 << 20
_GO_ON_BYTES = 8 << 20


class PromptWebsocketConnection(ZMQChannelsWebsocketConnection):
    """Jupyter's own, prompt and bounded.

    Prompt: without the 40 ms that Nagle's algorithm and delayed ACKs cost each message. Bounded: a
    service that does not keep up with a kernel's output makes the kernel wait, not this process grow.
    """

    _waiting_bytes = 0
    _stopped = False

    def connect(self) -> "asyncio.Future[None] | None":
        """As in Jupyter; tornado switches TCP_NODELAY on for no websocket by itself."""
        self.websocket_handler.set_nodelay(True)
        return super().connect()

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
