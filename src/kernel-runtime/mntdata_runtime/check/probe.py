"""One kernel in one room, started and ended as the server does it."""

import os
import secrets
from pathlib import Path

from mntdata_runtime.cgroups.groups import KernelGroup
from mntdata_runtime.launch.channels import KernelSockets
from mntdata_runtime.launch.cold import ColdStart
from mntdata_runtime.launch.request import LaunchRequest
from mntdata_runtime.places import InRoom
from mntdata_runtime.rooms.blueprint import RoomBlueprint
from mntdata_runtime.rooms.lockdown import Lockdown
from mntdata_runtime.settings import KernelLimits

_START_SECONDS = 30.0


async def run_probe(directory: Path, user: int | None) -> None:
    """Start a kernel in a room around a new workspace in `directory` and end it.

    Raises RoomError, FilterUnavailableError, KernelStartError or OSError (TimeoutError included).
    """
    workspace = directory / "workspace"
    workspace.mkdir(mode=0o700)
    if user is not None:
        os.chown(workspace, user, user)
    blueprint = RoomBlueprint.draw({}, (directory,))
    limits = KernelLimits()
    lockdown = Lockdown(
        blueprint.seccomp,
        limits.memory_bytes,
        limits.file_bytes,
        limits.processes,
        limits.open_files,
        cap_address_space=True,
    )
    room = await InRoom.build(blueprint.room_for(workspace, user), lockdown, KernelGroup(()))
    try:
        with KernelSockets(directory / "sockets").listen() as listeners:
            request = LaunchRequest(
                key=secrets.token_hex(),
                signature_scheme="hmac-sha256",
                directory=room.directory,
                environment=room.environment,
                user=user,
                output_characters=limits.output_bytes,
                lockdown=lockdown,
            )
            descriptors = (*listeners.descriptors, *room.descriptors)
            kernel = await ColdStart().launch(request, descriptors, _START_SECONDS)
        kernel.close()
    finally:
        await room.close()
