"""Where a kernel runs: in a room, or, with the sandbox switched off, as a plain process."""

import os
import shutil
import tempfile
from abc import ABC, abstractmethod
from pathlib import Path

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

    @abstractmethod
    async def close(self) -> None:
        """End what runs there and remove it. Calling it again does nothing."""


class InRoom(Place):
    """A room of its own."""

    def __init__(self, room: Room, lockdown: Lockdown) -> None:
        assert room.pidfd is not None
        self._room = room
        self.pid = room.pid
        self.directory = WORKSPACE
        self.environment = room_environment()
        self.lockdown = lockdown
        self.descriptors = (room.pidfd,)

    @classmethod
    async def build(cls, plan: RoomPlan, lockdown: Lockdown) -> "InRoom":
        """Build the room; raises RoomError or TimeoutError."""
        return cls(await Room.build(plan), lockdown)

    async def close(self) -> None:
        """End the room with all its processes."""
        await self._room.close()


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
