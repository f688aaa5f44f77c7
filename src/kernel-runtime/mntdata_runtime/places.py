"""Where a kernel runs: in a room, or, with the sandbox switched off, as a plain process."""

import os
import shutil
import tempfile
from abc import ABC, abstractmethod
from pathlib import Path

from mntdata_runtime.cgroups.groups import KernelGroup
from mntdata_runtime.rooms.environment import plain_environment, room_environment
from mntdata_runtime.rooms.lockdown import Lockdown
from mntdata_runtime.rooms.mounts import WORKSPACE
from mntdata_runtime.rooms.room import Room, RoomPlan


class Place(ABC):
    """What a launch request needs to know. `pid` is the process whose end ends everything (0: none)."""

    directory: str
    environment: dict[str, str]
    lockdown: Lockdown | None = None
    descriptors: tuple[int, ...] = ()
    pid: int = 0

    def why_it_ended(self) -> str | None:
        """`memory`, when Linux killed for memory there; asked before the place is closed."""
        return None

    @abstractmethod
    async def close(self) -> None:
        """End what runs there and remove it. Calling it again does nothing."""


class InRoom(Place):
    """A room of its own, with a control group."""

    def __init__(self, room: Room, lockdown: Lockdown, group: KernelGroup) -> None:
        assert room.pidfd is not None
        self._room = room
        self._group = group
        self.pid = room.pid
        self.directory = WORKSPACE
        self.environment = room_environment()
        self.lockdown = lockdown
        self.descriptors = (room.pidfd, *group.descriptors)

    @classmethod
    async def build(cls, plan: RoomPlan, lockdown: Lockdown, group: KernelGroup) -> "InRoom":
        """Build the room, and take over `group`; raises RoomError or TimeoutError."""
        try:
            return cls(await Room.build(plan), lockdown, group)
        except BaseException:
            group.remove()
            raise

    def why_it_ended(self) -> str | None:
        """As the port says; known only where there is a control group for memory."""
        return "memory" if self._group.ran_out_of_memory() else None

    async def close(self) -> None:
        """End the room with all its processes."""
        await self._room.close()
        self._group.remove()


class WithoutRoom(Place):
    """The workspace's own directory, and a directory for the home and temporary files."""

    def __init__(self, workspace: Path, user: int | None) -> None:
        self._scratch = tempfile.mkdtemp(prefix="mntdata-kernel-")
        if user is not None:
            os.chown(self._scratch, user, user)
        self.directory = str(workspace)
        self.environment = plain_environment(self._scratch)

    async def close(self) -> None:
        """Remove the temporary files. The kernel itself is ended by its process group."""
        shutil.rmtree(self._scratch, ignore_errors=True)
