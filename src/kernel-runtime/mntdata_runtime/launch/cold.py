"""The cold start: a fresh interpreter for one kernel."""

import asyncio
import subprocess
import sys

from mntdata_runtime.asynchronous import exited
from mntdata_runtime.launch import wire
from mntdata_runtime.launch.launcher import Launcher
from mntdata_runtime.launch.process import KernelProcess
from mntdata_runtime.launch.request import LaunchRequest


class ColdStart(Launcher):
    """Starts each kernel by itself: slower than a fork, and in need of nothing but the interpreter."""

    def __init__(self) -> None:
        self._reaping: set[asyncio.Task[int]] = set()

    async def launch(
        self, request: LaunchRequest, descriptors: tuple[int, ...], timeout: float
    ) -> KernelProcess:
        """As the port says."""
        ours, theirs = wire.pair()
        control, stdin = wire.pair()
        with theirs, control:
            with stdin:
                interpreter = self._start(request, stdin.fileno())
            wire.send(control, request.to_message(), (theirs.fileno(), *descriptors))
        try:
            return await KernelProcess.await_start(ours, timeout)
        except BaseException:
            # It is outside of the room that the caller ends, and may hang.
            interpreter.kill()
            raise

    def _start(self, request: LaunchRequest, stdin: int) -> "subprocess.Popen[bytes]":
        interpreter = subprocess.Popen(
            [sys.executable, "-I", "-B", "-m", "mntdata_runtime.kernel"],
            stdin=stdin,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            env=request.environment,
            cwd="/",
            start_new_session=True,
        )
        reaping = asyncio.create_task(exited(interpreter, None))
        self._reaping.add(reaping)
        reaping.add_done_callback(self._reaping.discard)
        return interpreter
