"""A kernel in a room of this host, reached through ports of this host."""

import asyncio
import json
import os
import secrets
import signal
from contextlib import suppress
from typing import Any

from mntdata_runtime.hosts.relay import relay
from mntdata_runtime.launch.process import KernelProcess
from mntdata_runtime.launch.request import LaunchRequest
from mntdata_runtime.places import Place
from mntdata_runtime.runtime import Runtime
from mntdata_runtime.workspace import Workspace

_START_SECONDS = 30.0
_SIGNATURE = "hmac-sha256"
# The listeners of a gateway are sent a few bytes and closed.
_REQUEST_SECONDS = 2.0
_LONGEST_REQUEST = 1000


class HostedKernel:
    """One kernel, with a port for each channel and one for the gateway's signals."""

    def __init__(self, runtime: Runtime, kernel_id: str) -> None:
        self._runtime = runtime
        self._kernel_id = kernel_id
        self._key = secrets.token_hex(32)
        self._sockets = runtime.sockets(kernel_id)
        self._servers: dict[str, asyncio.Server] = {}
        self._place: Place | None = None
        self._process: KernelProcess | None = None
        self._over = asyncio.Event()
        self._asked_at = 0.0

    async def start(self, workspace: Workspace) -> None:
        """Make the room and the kernel; raises what Runtime.place and Launcher.launch do."""
        user = self._runtime.kernel_user(workspace)
        self._place = place = await self._runtime.place(workspace, user, self._kernel_id)
        with self._sockets.listen() as listeners:
            request = LaunchRequest(
                key=self._key,
                signature_scheme=_SIGNATURE,
                directory=place.directory,
                environment=place.environment,
                user=user,
                output_characters=self._runtime.settings.limits.output_bytes,
                lockdown=place.lockdown,
            )
            self._process = await self._runtime.launcher.launch(
                request, (*listeners.descriptors, *place.descriptors), _START_SECONDS
            )
        for name, number in self._sockets.ports.items():
            path = f"{self._sockets.address}-{number}"
            self._servers[name] = await asyncio.start_server(relay(path), "0.0.0.0", 0)
        self._servers["comm_port"] = await asyncio.start_server(self._answer, "0.0.0.0", 0)

    def connection_info(self) -> dict[str, Any]:
        """What Enterprise Gateway wants to know of a kernel on another host."""
        ports = {name: server.sockets[0].getsockname()[1] for name, server in self._servers.items()}
        return {
            **ports,
            "transport": "tcp",
            "ip": "0.0.0.0",
            "key": self._key,
            "signature_scheme": _SIGNATURE,
            "kernel_id": self._kernel_id,
            "pid": os.getpid(),
            "pgid": os.getpgrp(),
        }

    async def until_over(self, patience: float) -> None:
        """Return when the kernel ended, was told to, or nobody asked for it for `patience` seconds.

        A host that is cut off must not go on with what the gateway has long started elsewhere.
        """
        assert self._process
        now = asyncio.get_running_loop().time
        self._asked_at = now()
        ended = asyncio.create_task(self._process.wait())
        ended.add_done_callback(lambda _: self._over.set())
        while not self._over.is_set() and (left := self._asked_at + patience - now()) > 0:
            with suppress(TimeoutError):
                await asyncio.wait_for(self._over.wait(), left)
        ended.cancel()

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(TimeoutError, OSError, ValueError, AttributeError):
            said = await asyncio.wait_for(reader.read(_LONGEST_REQUEST), _REQUEST_SECONDS)
            self._take(json.loads(said))
        writer.close()

    def _take(self, request: dict[str, Any]) -> None:
        self._asked_at = asyncio.get_running_loop().time()
        number = request.get("signum", 0)
        if request.get("shutdown") or number in (signal.SIGKILL, signal.SIGTERM):
            self._over.set()
        elif number == signal.SIGINT and self._process:
            self._process.signal_group(signal.SIGINT)

    async def close(self) -> None:
        """End the kernel and all that belongs to it."""
        for server in self._servers.values():
            server.close()
        if self._process:
            self._process.signal_group(signal.SIGKILL)
        if self._place:
            await self._place.close()
        await self._runtime.launcher.close()
        self._sockets.remove()
