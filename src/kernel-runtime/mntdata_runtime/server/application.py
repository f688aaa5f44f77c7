"""The Jupyter Server application, configured in code: no file and no argument changes it."""

import asyncio
import json
import os
import secrets
import signal
import sys
from pathlib import Path
from typing import Any

from jupyter_server.serverapp import ServerApp
from tornado.httpserver import HTTPServer
from tornado.netutil import bind_sockets
from traitlets.config import Config

from mntdata_runtime.runtime import Runtime
from mntdata_runtime.server.kernels import (
    KERNEL_NAME,
    OneKernelSpec,
    WorkspaceKernelManager,
    WorkspaceKernels,
)
from mntdata_runtime.server.lifeline import watch_lifeline
from mntdata_runtime.server.memory_guard import MemoryGuard
from mntdata_runtime.server.runtime_api import runtime_handlers
from mntdata_runtime.server.websocket import PromptWebsocketConnection

_STOP_SECONDS = 10.0


class EngineServer(ServerApp):
    """Kernels and their specification, and nothing else: no files, terminals, sessions, extensions."""

    name = "mntdata-engine"
    default_services = ("api", "kernels", "kernelspecs")

    def load_config_file(self, *_: Any, **__: Any) -> None:
        """Configuration of the machine's Jupyter is not meant for this server."""

    def write_server_info_file(self) -> None:
        """It would put the token on disk."""

    def init_signal(self) -> None:
        """End in order on both signals; a terminal's ^C is meant for the service."""
        signal.signal(signal.SIGTERM, self._signal_stop)
        signal.signal(signal.SIGINT, self._signal_stop)

    def init_webapp(self) -> None:
        """As in Jupyter, with what it does not know of: rooms, their limits, how kernels ended."""
        super().init_webapp()
        self.web_app.add_handlers(".*$", runtime_handlers(self.base_url))

    def init_httpserver(self) -> None:
        """Bind once: Jupyter frees the port it found and binds it again, and may lose it between."""
        sockets = bind_sockets(self.port, self.ip)
        self.port = sockets[0].getsockname()[1]
        self._http_server = HTTPServer(self.web_app, max_body_size=self.max_body_size)
        self._http_server.add_sockets(sockets)

    async def _post_start(self) -> None:
        await super()._post_start()
        runtime = self.kernel_manager.runtime
        runtime.launcher.start()
        MemoryGuard(runtime.state, self.log).start()
        watch_lifeline(sys.stdin.fileno(), self._service_is_gone)
        host = f"[{self.ip}]" if ":" in self.ip else self.ip
        ready = {"event": "ready", "url": f"http://{host}:{self.port}/"}
        print(json.dumps(ready), flush=True)

    async def _stop(self) -> None:
        """As in Jupyter, but whatever becomes of the cleaning up.

        Rooms that are left end with this process.
        """
        try:
            await asyncio.wait_for(self._cleanup(), _STOP_SECONDS)
        except Exception:
            self.log.exception("Not all could be cleaned up.")
        finally:
            self.io_loop.stop()

    async def _cleanup(self) -> None:
        try:
            await self.kernel_manager.give_up_starts()
            await super()._cleanup()
        finally:
            await self.kernel_manager.runtime.launcher.close()

    def _service_is_gone(self) -> None:
        self.log.warning("The service is gone; ending all kernels.")
        self.stop()


def configuration(runtime: Runtime, token: str) -> Config:
    """Everything that differs from Jupyter's defaults, as traitlets configuration."""
    settings = runtime.settings
    config = Config()
    server = config.ServerApp
    server.ip, server.port, server.port_retries = settings.host, settings.port, 0
    server.root_dir = str(own_directory(runtime))
    server.allow_root = True
    server.open_browser = False
    server.terminals_enabled = False
    # Below it, records would be made and thrown away.
    server.logging_config = {"loggers": {EngineServer.__name__: {"level": "INFO"}}}
    # The service may reach it under a name that Jupyter does not know as local; the token is what counts.
    server.allow_remote_access = True
    # Its pings would close the connection of a service that is busy for a while.
    server.tornado_settings = {"ws_ping_interval": 0, "ws_ping_timeout": 0}
    server.cookie_secret = secrets.token_bytes()
    server.kernel_spec_manager_class = OneKernelSpec
    server.kernel_manager_class = WorkspaceKernels
    server.kernel_websocket_connection_class = PromptWebsocketConnection
    config.IdentityProvider.token = token
    config.OneKernelSpec.ensure_native_kernel = False
    kernels = config.WorkspaceKernels
    kernels.kernel_manager_class = f"{WorkspaceKernelManager.__module__}.{WorkspaceKernelManager.__name__}"
    kernels.root_dir = str(settings.workspaces)
    kernels.default_kernel_name = KERNEL_NAME
    # A kernel that dies while it starts blocks the websocket's handshake for this long.
    kernels.kernel_info_timeout = 10
    kernels.buffer_offline_messages = False
    # Left by a process that died: one that lives ends its kernels itself, and collects their files first.
    kernels.cull_idle_timeout = settings.idle_seconds
    kernels.cull_interval = max(1, min(settings.idle_seconds, 60))
    kernels.cull_connected = False
    # Its limit also loses the output of the run after; the service bounds output itself.
    config.PromptWebsocketConnection.limit_rate = False
    # A dead kernel is told, never replaced: the service decides, and collects its files first.
    config.KernelRestarter.restart_limit = 0
    config.KernelRestarter.time_to_dead = 0.5
    return config


def own_directory(runtime: Runtime) -> Path:
    """Where Jupyter looks and writes instead of in the home directory; it stays empty."""
    directory = runtime.settings.state / "jupyter"
    directory.mkdir(mode=0o700, exist_ok=True)
    return directory


def run_server(runtime: Runtime, token: str) -> None:
    """Serve until the lifeline ends or a signal comes; all kernels are gone when it returns."""
    directory = str(own_directory(runtime))
    # Whoever runs the service may have no home at all, and Jupyter insists on looking for one.
    os.environ["HOME"] = directory
    app = EngineServer.instance(
        config=configuration(runtime, token),
        config_dir=directory,
        data_dir=directory,
        runtime_dir=directory,
        no_browser_open_file=True,
    )
    app.initialize(argv=[], find_extensions=False)
    app.kernel_manager.runtime = runtime
    app.start()
