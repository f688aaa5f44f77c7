"""Enterprise Gateway's door to the rooms of several hosts. Runs in the gateway, which has its own packages.

Its `DistributedProcessProxy` asks a host through ssh whether a kernel lives, and waits for the answer with
all it has: one host that is cut off holds up the kernels of all others. Here nothing waits: a start looks for
a host that answers, and a kernel that cannot be asked for a while is given up.
"""

import asyncio
import errno
import json
import os
import signal
import time
from contextlib import suppress
from functools import partial
from socket import gethostbyname
from typing import Any

from enterprise_gateway.services.processproxies.distributed import DistributedProcessProxy
from enterprise_gateway.services.processproxies.processproxy import RemoteProcessProxy, ssh_port

# Longer than the patience of the kernels, which must be over when others are started in their place.
_PATIENCE_SECONDS = 1.5 * float(os.environ.get("MNTDATA_HOST_PATIENCE_SECONDS") or 20.0)
_PROBE_SECONDS = 1.0


class RoomProcessProxy(DistributedProcessProxy):
    """A kernel in a room of one of the hosts (`remote_hosts`), started by `mntdata_runtime.hosts`."""

    _turn = 0
    _heard_at = 0.0

    async def launch_process(self, kernel_cmd: list[str], **kwargs: Any) -> "RoomProcessProxy":
        """Start it on the next host that answers; answers 503 when none does."""
        await RemoteProcessProxy.launch_process(self, kernel_cmd, **kwargs)
        self.response_manager._response_registry.pop(self.kernel_id, None)  # it answers through ssh
        self.assigned_host = await self._next_host()
        self.ip = self.assigned_ip = gethostbyname(self.assigned_host)
        command = self._build_startup_command(kernel_cmd, **kwargs)
        loop = asyncio.get_running_loop()
        lines = await loop.run_in_executor(None, partial(self.rsh, self.ip, command))
        self._heard_at = time.monotonic()
        self._setup_connection_info(self._understood(lines))
        return self

    async def _next_host(self) -> str:
        RoomProcessProxy._turn += 1
        turn = RoomProcessProxy._turn % len(self.hosts)
        for host in (*self.hosts[turn:], *self.hosts[:turn]):
            if await _answers(host):
                return str(host)
        self.log_and_raise(http_status_code=503, reason="No host answers that could run the kernel.")
        raise AssertionError

    def _build_startup_command(self, argv_cmd: list[str], **kwargs: Any) -> str:
        """Without a log on the host: the kernel says what is wrong."""
        variables = {**kwargs["env"], **self.kernel_manager.kernel_spec.env}
        told = {key: value for key, value in variables.items() if key.startswith(("KERNEL_", "MNTDATA_"))}
        return " ".join(["env", *(_quoted(f"{key}={value}") for key, value in told.items()), *argv_cmd])

    def _understood(self, lines: list[str]) -> dict[str, Any]:
        said = lines[-1] if lines else ""
        message: dict[str, Any] = {}
        with suppress(ValueError):
            message = json.loads(said)
        if "comm_port" not in message:
            why = message.get("error", said.strip())
            self.log_and_raise(http_status_code=500, reason=f"{self.assigned_host} started no kernel: {why}")
        return message

    def send_signal(self, signum: int) -> bool | None:
        """None when it arrived, or may arrive later; False when there is no such kernel any more."""
        try:
            self._send_listener_request({"signum": signum})
        except OSError as error:
            if error.errno == errno.ECONNREFUSED:
                return False
            is_lost = time.monotonic() - self._heard_at > _PATIENCE_SECONDS
            return False if is_lost else None
        self._heard_at = time.monotonic()
        return None

    def terminate(self) -> bool | None:
        """End it; a room is disposable."""
        return self.send_signal(signal.SIGTERM)

    def kill(self) -> bool | None:
        """As `terminate`, and without waiting for the end."""
        return self.send_signal(signal.SIGKILL)

    def wait(self) -> None:
        """Nothing is left to be waited for: its host sees to the end."""


async def _answers(host: str) -> bool:
    """Whether sshd says who it is: something between may accept connections to a host that is gone."""
    writer: asyncio.StreamWriter | None = None
    try:
        reader, writer = await asyncio.wait_for(asyncio.open_connection(host, ssh_port), _PROBE_SECONDS)
        return (await asyncio.wait_for(reader.read(4), _PROBE_SECONDS)) == b"SSH-"
    except (TimeoutError, OSError):
        return False
    finally:
        if writer:
            writer.close()


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "'\\''") + "'"
