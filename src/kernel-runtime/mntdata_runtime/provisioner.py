"""Jupyter's door to the rooms: a kernel provisioner. One place and one process for every start."""

import asyncio
import signal
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jupyter_client.connect import KernelConnectionInfo
from jupyter_client.provisioning import KernelProvisionerBase

from mntdata_runtime.launch.channels import KernelSockets
from mntdata_runtime.launch.process import KernelProcess
from mntdata_runtime.launch.request import LaunchRequest
from mntdata_runtime.places import Place
from mntdata_runtime.workspace import Workspace

if TYPE_CHECKING:
    from mntdata_runtime.runtime import Runtime

_START_SECONDS = 30.0
# What subprocess says of a killed process; for a kernel whose true end nobody could tell.
_UNKNOWN_EXIT = -signal.SIGKILL


class RoomProvisioner(KernelProvisionerBase):
    """Starts a kernel in a room around its workspace, `cwd`, which must be a direct child of the root."""

    process: KernelProcess | None = None
    _place: Place | None = None
    _exit_code: int | None = None
    _ending = False
    _watch: "asyncio.Task[None] | None" = None
    _workspace: Workspace
    _user: int | None
    _sockets: KernelSockets

    @property
    def _runtime(self) -> "Runtime":
        """What the server's kernels share; the manager of all kernels holds it."""
        return self.parent.parent.runtime

    @property
    def has_process(self) -> bool:
        """Whether there is a process to poll, running or not."""
        return self.process is not None

    async def pre_launch(self, **kwargs: Any) -> dict[str, Any]:
        """Check the workspace, and tell the kernel manager where its sockets will be."""
        self._workspace = self._runtime.workspace(Path(kwargs.pop("cwd")))
        # Refused, if it is, while nothing has to be taken back.
        self._user = self._runtime.kernel_user(self._workspace)
        self._sockets = self._runtime.sockets(self.kernel_id)
        self.parent.transport = "ipc"
        self.parent.ip = self._sockets.address
        for name, number in self._sockets.ports.items():
            setattr(self.parent, name, number)
        self.parent.connection_file = str(self._sockets.connection_file)
        self.connection_info = self.parent.get_connection_info()
        return {**kwargs, "cmd": list(self.kernel_spec.argv)}

    async def launch_kernel(self, cmd: list[str], **_: Any) -> KernelConnectionInfo:
        """Make the place and start a kernel in it; both are gone again if either fails."""
        user = self._user
        try:
            self._place = place = await self._runtime.place(self._workspace, user, self.kernel_id)
            with self._sockets.listen() as listeners:
                request = LaunchRequest(
                    key=self.parent.session.key.decode(),
                    signature_scheme=self.parent.session.signature_scheme,
                    directory=place.directory,
                    environment=place.environment,
                    user=user,
                    output_characters=self._runtime.settings.limits.output_bytes,
                    lockdown=place.lockdown,
                )
                self.process = await self._runtime.launcher.launch(
                    request, (*listeners.descriptors, *place.descriptors), _START_SECONDS
                )
        except BaseException:
            await self._end()
            self._sockets.remove()
            raise
        self._exit_code = None
        self._ending = False
        self._record(user)
        self._watch = asyncio.create_task(self._clear_up_after(self.process, place))
        return self.connection_info

    def _record(self, user: int | None) -> None:
        assert self.process
        assert self._place
        pid = self._place.pid or self.process.pid
        self._runtime.state.record_kernel(
            self.kernel_id,
            pid,
            {
                "pid": pid,
                "uid": user,
                "started_at": time.time(),
                "limits": self._runtime.limits_in_force(),
            },
        )

    async def _clear_up_after(self, process: KernelProcess, place: Place) -> None:
        """A kernel that ends by itself takes its room along: no manager calls cleanup() then."""
        code = await process.wait()
        reason = place.why_it_ended()
        await place.close()
        self._exit_code = _UNKNOWN_EXIT if code is None else code
        self._runtime.state.forget_kernel(self.kernel_id)
        if not self._ending:
            self._runtime.state.record_end(self.kernel_id, {"exit_code": code, "reason": reason})
        process.close()

    async def _end(self) -> None:
        """End the kernel and everything it started; returns when all of it is gone."""
        self._ending = True
        if self.process:
            self.process.signal_group(signal.SIGKILL)
        if self._place:
            await self._place.close()
        if self._watch:
            await self._watch

    async def poll(self) -> int | None:
        """None while the kernel runs, then its exit code, negative for a signal."""
        return self._exit_code if self.process else 0

    async def wait(self) -> int | None:
        """Wait until the kernel and its place are gone."""
        if self._watch:
            await asyncio.shield(self._watch)
        self.process = None
        return self._exit_code

    async def send_signal(self, signum: int) -> None:
        """Interrupt, or end, the kernel with all that it started."""
        if signum in (signal.SIGKILL, signal.SIGTERM):
            await self._end()
        elif self.process:
            self.process.signal_group(signum)

    async def kill(self, restart: bool = False) -> None:
        """End it at once."""
        await self._end()

    async def terminate(self, restart: bool = False) -> None:
        """End it at once: a room is disposable, its kernel needs no time to say farewell."""
        await self._end()

    async def shutdown_requested(self, restart: bool = False) -> None:
        """Do not let the manager poll for a clean exit that nobody needs."""
        await self._end()

    async def cleanup(self, restart: bool = False) -> None:
        """Nothing of the kernel is left; its sockets stay for a restart."""
        await self._end()
        if not restart:
            self._sockets.remove()
