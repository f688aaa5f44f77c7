"""What all kernels of one server share."""

from abc import ABC, abstractmethod
from pathlib import Path
from typing import Any

from mntdata_runtime.cgroups.bases import GroupLimits
from mntdata_runtime.cgroups.groups import KernelGroups
from mntdata_runtime.launch.channels import KernelSockets
from mntdata_runtime.launch.cold import ColdStart
from mntdata_runtime.launch.fork import ForkStart
from mntdata_runtime.launch.launcher import Launcher
from mntdata_runtime.libraries import installed_libraries
from mntdata_runtime.limits import limits_in_force
from mntdata_runtime.places import InRoom, Place, WithoutRoom
from mntdata_runtime.rooms.blueprint import RoomBlueprint
from mntdata_runtime.rooms.lockdown import Lockdown
from mntdata_runtime.settings import RuntimeSettings
from mntdata_runtime.state.directory import StateDirectory
from mntdata_runtime.workspace import Workspace, WorkspaceError


class Runtime(ABC):
    """Settings, state directory and launcher; where kernels run is up to its two kinds."""

    launcher: Launcher

    def __init__(self, settings: RuntimeSettings, state: StateDirectory) -> None:
        self.settings = settings
        self.state = state
        self.libraries = installed_libraries()
        state.write("libraries.json", self.libraries)

    @staticmethod
    def create(settings: RuntimeSettings, state: StateDirectory) -> "Runtime":
        """The kind that the settings ask for.

        Raises RoomError or FilterUnavailableError when this machine can have no rooms.
        """
        return RoomRuntime(settings, state) if settings.sandbox else PlainRuntime(settings, state)

    def workspace(self, directory: Path) -> Workspace:
        """The workspace at `directory`; raises WorkspaceError unless it is a direct child of the root."""
        if directory.parent != self.settings.workspaces:
            raise WorkspaceError(f"{str(directory)!r} is not a workspace directory.")
        return Workspace.named(self.settings.workspaces, directory.name)

    def sockets(self, kernel_id: str) -> KernelSockets:
        """The sockets of one kernel, not bound yet."""
        return KernelSockets(self.state.run / _short(kernel_id))

    @abstractmethod
    def kernel_user(self, workspace: Workspace) -> int | None:
        """The uid for a kernel of that workspace, None for our own; raises WorkspaceError."""

    @abstractmethod
    async def place(self, workspace: Workspace, user: int | None, kernel_id: str) -> Place:
        """A new place for a kernel; raises RoomError, OSError or TimeoutError."""

    @abstractmethod
    def limits_in_force(self) -> dict[str, Any]:
        """What holds for every kernel, and by what means."""

    def close(self) -> None:
        """Let go of everything; no kernel may be left."""
        self.state.close()


class RoomRuntime(Runtime):
    """Every kernel has a room and, where possible, a control group."""

    def __init__(self, settings: RuntimeSettings, state: StateDirectory) -> None:
        super().__init__(settings, state)
        self.launcher = ForkStart(ColdStart(), self._announce_parent)
        self._blueprint = RoomBlueprint.draw(self.libraries, (settings.state, settings.workspaces))
        self._groups = KernelGroups.find()
        state.record_server(self._groups.paths)
        state.write("limits.json", self.limits_in_force())

    def _announce_parent(self, pid: int | None) -> None:
        self.state.write("parent.json", {"pid": pid})

    def kernel_user(self, workspace: Workspace) -> int | None:
        """As the workspace says: never root."""
        return workspace.kernel_user()

    async def place(self, workspace: Workspace, user: int | None, kernel_id: str) -> Place:
        """A room around the workspace."""
        limits = self.settings.limits
        lockdown = Lockdown(
            seccomp=self._blueprint.seccomp,
            memory_bytes=limits.memory_bytes,
            file_bytes=limits.file_bytes,
            processes=limits.processes,
            open_files=limits.open_files,
            cap_address_space="memory" not in self._groups.controllers,
        )
        group = self._groups.create(_short(kernel_id), GroupLimits(limits.memory_bytes, limits.processes))
        return await InRoom.build(self._blueprint.room_for(workspace.path, user), lockdown, group)

    def limits_in_force(self) -> dict[str, Any]:
        """By control group where there is one."""
        return limits_in_force(self.settings.limits, self._groups.controllers)

    def close(self) -> None:
        """Also remove the control groups."""
        self._groups.close()
        super().close()


class PlainRuntime(Runtime):
    """SANDBOX=off: kernels are plain processes, which see what their user sees."""

    def __init__(self, settings: RuntimeSettings, state: StateDirectory) -> None:
        super().__init__(settings, state)
        self.launcher = ColdStart()
        state.record_server([])
        state.write("limits.json", self.limits_in_force())

    def kernel_user(self, workspace: Workspace) -> int | None:
        """The owner of the workspace, if that user can reach the Python environment."""
        return workspace.owner if workspace.owner_can_run_python() else None

    async def place(self, workspace: Workspace, user: int | None, kernel_id: str) -> Place:
        """The workspace's own directory."""
        return WithoutRoom(workspace.path, user)

    def limits_in_force(self) -> dict[str, Any]:
        """None."""
        return {}


def _short(kernel_id: str) -> str:
    """Short enough for the path of a socket, and as unique."""
    return kernel_id.replace("-", "")[:20]
