"""`python -I -m mntdata_runtime.hosts KERNEL_ID`: one kernel in a room, for an Enterprise Gateway.

Started through ssh. Says in one line of JSON where the kernel listens, or what is wrong, and goes on in the
background; so nothing secret travels but inside of ssh.
"""

import asyncio
import json
import os
import shutil
import sys
import tempfile
from pathlib import Path
from typing import NoReturn

from mntdata_runtime.hosts.kernel import HostedKernel
from mntdata_runtime.launch.process import KernelStartError
from mntdata_runtime.rooms.filter import FilterUnavailableError
from mntdata_runtime.rooms.room import RoomError
from mntdata_runtime.runtime import Runtime
from mntdata_runtime.settings import RuntimeSettings, SettingsError
from mntdata_runtime.state.directory import StateDirectory, StateError
from mntdata_runtime.workspace import WorkspaceError

_PATIENCE_SECONDS = 20.0
_EXPECTED = (
    SettingsError,
    StateError,
    WorkspaceError,
    RoomError,
    FilterUnavailableError,
    KernelStartError,
    OSError,
    TimeoutError,
)


def main() -> None:
    """Print what the kernel says first; it lives on in a process of its own."""
    (kernel_id,) = sys.argv[1:]
    out, into = os.pipe()
    if os.fork() == 0:
        os.close(out)
        _run_in_background(kernel_id, into)
    os.close(into)
    with open(out, encoding="utf-8") as said:
        sys.stdout.write(said.read())


def _run_in_background(kernel_id: str, into: int) -> NoReturn:
    os.setsid()
    null = os.open(os.devnull, os.O_RDWR)
    for standard in (0, 1, 2):
        os.dup2(null, standard)
    state = tempfile.mkdtemp(prefix="mntdata-kernel-")
    try:
        _host(kernel_id, state, into)
    except _EXPECTED as error:
        _tell(into, {"error": str(error) or type(error).__name__})
    finally:
        shutil.rmtree(state, ignore_errors=True)
        os._exit(0)


def _host(kernel_id: str, state: str, into: int) -> None:
    settings = RuntimeSettings.from_environment({**os.environ, "MNTDATA_STATE": state})
    runtime = Runtime.create(settings, StateDirectory.open(settings.state))
    try:
        asyncio.run(_run(runtime, kernel_id, into))
    finally:
        runtime.close()


async def _run(runtime: Runtime, kernel_id: str, into: int) -> None:
    directory = Path(runtime.settings.workspaces, os.environ.get("KERNEL_WORKSPACE", ""))
    patience = float(os.environ.get("MNTDATA_HOST_PATIENCE_SECONDS") or _PATIENCE_SECONDS)
    kernel = HostedKernel(runtime, kernel_id)
    try:
        await kernel.start(runtime.workspace(directory))
        _tell(into, kernel.connection_info())
        await kernel.until_over(patience)
    finally:
        await kernel.close()


def _tell(into: int, message: dict[str, object]) -> None:
    with open(into, "w", encoding="utf-8") as channel:
        channel.write(json.dumps(message) + "\n")


if __name__ == "__main__":
    main()
