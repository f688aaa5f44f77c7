"""The websocket between the service and a kernel's channels."""

import asyncio

from jupyter_server.services.kernels.connection.channels import ZMQChannelsWebsocketConnection


class PromptWebsocketConnection(ZMQChannelsWebsocketConnection):
    """Jupyter's own, without the 40 ms that Nagle's algorithm and delayed ACKs cost each message."""

    def connect(self) -> "asyncio.Future[None] | None":
        """As in Jupyter; tornado switches TCP_NODELAY on for no websocket by itself."""
        self.websocket_handler.set_nodelay(True)
        return super().connect()
