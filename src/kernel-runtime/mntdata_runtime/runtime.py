"""What all kernels of one server share."""

from pathlib import Path

from mntdata_runtime.launch.channels import KernelSockets
from mntdata_runtime.launch.cold import ColdStart
from mntdata_runtime.launch.fork import ForkStart
from mntdata_runtime.launch.launcher import Launcher
from mntdata_runtime.libraries import installed_libraries
from mntdata_runtime.places import InRoom, Place, WithoutRoom
from mntdata_runtime.rooms.blueprint import RoomBlueprint
from mntdata_runtime.rooms.lockdown import Lockdown
from mntdata_runtime.settings import RuntimeSettings
from mntdata_runtime.state.directory import StateDirectory
from mntdata_runtime.workspace import Workspace, WorkspaceError


class Runtime:
    """Settings, state directory, launcher, and the blueprint of every room (None: no rooms)."""

    def __init__(self, settings: RuntimeSettings, state: StateDirectory) -> None:
        self.settings = settings
        self.state = state
        self.launcher: Launcher = ForkStart(ColdStart()) if settings.sandbox else ColdStart()
        self.libraries = installed_libraries()
        self._blueprint = (
            RoomBlueprint.draw(self.libraries, (settings.state, settings.workspaces))
            if settings.sandbox
            else None
        )

    def workspace(self, directory: Path) -> Workspace:
        """The workspace at `directory`; raises WorkspaceError unless it is a direct child of the root."""
        if directory.parent != self.settings.workspaces:
            raise WorkspaceError(f"{str(directory)!r} is not a workspace directory.")
        return Workspace.named(self.settings.workspaces, directory.name)

    def sockets(self, kernel_id: str) -> KernelSockets:
        """The sockets of one kernel, not bound yet."""
        return KernelSockets(self.state.run / kernel_id.replace("-", "")[:20])

    async def place(self, workspace: Workspace, user: int | None) -> Place:
        """A new place for a kernel of that workspace; raises RoomError or TimeoutError."""
        if self._blueprint is None:
            return WithoutRoom(workspace.path, user)
        plan = self._blueprint.room_for(workspace.path, user)
        return await InRoom.build(plan, self._lockdown(plan.seccomp))

    def _lockdown(self, seccomp: bytes) -> Lockdown:
        limits = self.settings.limits
        return Lockdown(
            seccomp=seccomp,
            memory_bytes=limits.memory_bytes,
            file_bytes=limits.file_bytes,
            processes=limits.processes,
            open_files=limits.open_files,
            cap_address_space=True,
        )
