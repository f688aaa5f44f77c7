"""The websocket between the service and a kernel's channels."""

import asyncio
from contextlib import suppress

from jupyter_server.services.kernels.connection.channels import ZMQChannelsWebsocketConnection

# Output that waits for the service to read it; past the first mark the kernel has to wait as well.
_STOP_BYTES = 32 << 20
_GO_ON_BYTES = 8 << 20
# A request that came before the subscription is answered where nobody hears it.
_ASK_AGAIN_SECONDS = 0.5


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

    def nudge(self) -> "asyncio.Future[None]":
        """As in Jupyter: resolves when output of the kernel is known to arrive here.

        By one request instead of two or more, and at once: Jupyter looks every 50 ms whether another
        connection has heard as well. Raises TimeoutError.
        """
        return asyncio.ensure_future(self._hear_from_kernel())

    async def _hear_from_kernel(self) -> None:
        # Code that holds the GIL may keep it from answering, and what it says arrives all the same.
        if self.kernel_manager.execution_state == "busy":
            return
        iopub = self.channels["iopub"]
        control = self.kernel_manager.connect_control()
        heard = asyncio.Event()
        iopub.on_recv(lambda _: heard.set())
        try:
            async with asyncio.timeout(self.kernel_info_timeout):
                while not heard.is_set() and not iopub.closed() and self._kernel_lives():
                    self.session.send(control, "kernel_info_request")
                    with suppress(TimeoutError):
                        await asyncio.wait_for(heard.wait(), _ASK_AGAIN_SECONDS)
        finally:
            control.close()
            if not iopub.closed():
                iopub.stop_on_recv()

    def _kernel_lives(self) -> bool:
        return self.kernel_id in self.multi_kernel_manager

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
