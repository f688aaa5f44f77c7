"""The managers behind /api/kernels and /api/kernelspecs."""

import asyncio
import json
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import zmq
from jupyter_client.kernelspec import KernelSpec, KernelSpecManager, NoSuchKernel
from jupyter_core.utils import ensure_async
from jupyter_server.services.kernels.kernelmanager import AsyncMappingKernelManager, ServerKernelManager
from tornado import web
from tornado.ioloop import IOLoop

from mntdata_runtime.launch.process import KernelStartError
from mntdata_runtime.launch.request import KERNEL_IDENT
from mntdata_runtime.rooms.room import RoomError
from mntdata_runtime.runtime import Runtime
from mntdata_runtime.workspace import Workspace, WorkspaceError

KERNEL_NAME = "mntdata"
# Larger than any that an honest kernel sends; a longer one ends the connection to its kernel.
_LARGEST_MESSAGE = 32 << 20
# On each connection; what else a kernel says waits in the kernel.
_WAITING_MESSAGES = 4


class OneKernelSpec(KernelSpecManager):
    """Knows the kernel of the rooms, and none that happens to be installed on the machine."""

    def find_kernel_specs(self) -> dict[str, str]:
        """Resource directory by name; there are no resources."""
        return {KERNEL_NAME: ""}

    def get_kernel_spec(self, kernel_name: str) -> KernelSpec:
        """The one specification; raises NoSuchKernel for any other name."""
        if kernel_name != KERNEL_NAME:
            raise NoSuchKernel(kernel_name)
        return KernelSpec(
            argv=[sys.executable, "-I", "-B", "-m", "mntdata_runtime.kernel"],
            name=KERNEL_NAME,
            display_name="Python in a room",
            language="python",
            # Also stops code that holds the GIL, which a message cannot.
            interrupt_mode="signal",
            metadata={"kernel_provisioner": {"provisioner_name": KERNEL_NAME, "config": {}}},
        )

    def get_all_specs(self) -> dict[str, Any]:
        """As the REST API lists them."""
        spec = self.get_kernel_spec(KERNEL_NAME)
        return {KERNEL_NAME: {"resource_dir": "", "spec": spec.to_dict()}}


class WorkspaceKernelManager(ServerKernelManager):
    """One kernel, as the server manages it."""

    @property
    def core_event_schema_paths(self) -> list[Path]:
        """None: the server has registered them. Jupyter reads and checks the file again for each kernel."""
        return []


class WorkspaceKernels(AsyncMappingKernelManager):
    """All kernels; `path` in `POST /api/kernels` is the name of a workspace directory."""

    runtime: Runtime

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self._starts: set[asyncio.Future[str]] = set()
        self._ending = False
        # A kernel can be made to say anything: bound what waits here. For every socket to every kernel.
        self.context.setsockopt(zmq.MAXMSGSIZE, _LARGEST_MESSAGE)
        self.context.setsockopt(zmq.RCVHWM, _WAITING_MESSAGES)

    def cwd_for_path(self, path: str, **_: Any) -> str:
        """The workspace directory; 404 when there is none, instead of falling back to a parent."""
        try:
            return str(Workspace.named(self.runtime.settings.workspaces, path).path)
        except WorkspaceError as error:
            raise web.HTTPError(404, str(error), reason="No such workspace") from error

    async def start_kernel(self, **options: Any) -> str:
        """As in Jupyter, up to as many as may live; what went wrong is told to the service."""
        if len(self) + len(self._starts) >= self.runtime.settings.max_kernels:
            raise web.HTTPError(429, "As many kernels live as may.", reason="All places are taken")
        start = asyncio.ensure_future(super().start_kernel(**options))
        self._starts.add(start)
        try:
            return await start
        except asyncio.CancelledError as error:
            if not self._ending:
                raise
            raise web.HTTPError(503, "The engine is ending.", reason="Kernel not started") from error
        except WorkspaceError as error:
            raise web.HTTPError(409, str(error), reason="Unsuitable workspace") from error
        except (RoomError, KernelStartError, OSError) as error:
            message = f"The kernel could not be started: {str(error) or type(error).__name__}"
            raise web.HTTPError(503, message, reason="Kernel not started") from error
        finally:
            self._starts.discard(start)

    async def give_up_starts(self) -> None:
        """Before the end: a start takes seconds where nothing is preloaded, and nobody waits for it."""
        self._ending = True
        for start in self._starts:
            start.cancel()
        await asyncio.gather(*self._starts, return_exceptions=True)

    async def shutdown_all(self, now: bool = False) -> None:
        """As in Jupyter, but each kernel whatever becomes of the others, and no start that was given up."""
        ends = [self.shutdown_kernel(kernel_id, now=now) for kernel_id in self.list_kernel_ids()]
        for outcome in await asyncio.gather(*ends, return_exceptions=True):
            # One that ended by itself meanwhile is what was wanted.
            if isinstance(outcome, Exception) and getattr(outcome, "status_code", None) != 404:
                self.log.error("A kernel could not be ended.", exc_info=outcome)

    def kernel_model(self, kernel_id: str) -> dict[str, Any]:
        """As in Jupyter, with the process whose end ends the kernel, for a service on the same machine."""
        return {**super().kernel_model(kernel_id), "room": self.runtime.state.room_of(kernel_id)}

    def start_watching_activity(self, kernel_id: str) -> None:
        """As in Jupyter, by the status alone, of which only what matters here is read.

        What a kernel says of its state is signed with a key that its code can find; so nobody asks.
        """
        kernel = self.get_kernel(kernel_id)
        kernel.reason = ""
        kernel.last_activity = datetime.now(UTC)
        kernel._activity_stream = stream = kernel.connect_iopub()
        stream.setsockopt(zmq.UNSUBSCRIBE, b"")
        stream.setsockopt(zmq.SUBSCRIBE, f"kernel.{KERNEL_IDENT}.status".encode())
        stream.on_recv(lambda frames: self._note_status(kernel, frames))

    def _note_status(self, kernel: ServerKernelManager, frames: list[bytes]) -> None:
        _, (_, _, parent, _, content, *_) = kernel.session.feed_identities(frames)
        state = json.loads(content).get("execution_state")
        if state is None:
            return  # the welcome to a new subscriber, by the same topic
        if self.track_message_type(json.loads(parent).get("msg_type")):
            self.last_kernel_activity = kernel.last_activity = datetime.now(UTC)
            kernel.execution_state = state
        elif kernel.execution_state == "starting" != state:
            kernel.execution_state = "idle"

    def _handle_kernel_died(self, kernel_id: str) -> None:
        """Let go of everything that belongs to the kernel; Jupyter itself only forgets its id."""
        manager = self.get_kernel(kernel_id)
        self.stop_watching_activity(kernel_id)
        super()._handle_kernel_died(kernel_id)
        IOLoop.current().add_callback(lambda: ensure_async(manager.cleanup_resources()))
