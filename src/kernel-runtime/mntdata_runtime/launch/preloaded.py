"""One life of the preloaded parent, as the server sees it."""

import asyncio
import subprocess
import sys
import tempfile

from mntdata_runtime.asynchronous import exited, readable
from mntdata_runtime.launch import wire
from mntdata_runtime.launch.process import KernelProcess, NobodyAnsweredError
from mntdata_runtime.launch.request import LaunchRequest
from mntdata_runtime.rooms.environment import room_environment

_PRELOAD_SECONDS = 60.0
# A fork takes some 10 ms; a parent that is stopped or stuck must not hold up a start for long.
_FORK_SECONDS = 5.0
_END_SECONDS = 5.0


class ParentLostError(RuntimeError):
    """The parent is gone or does not react; no kernel came of the request."""


class PreloadedParent:
    """A running `mntdata_runtime.parent` that said it was ready."""

    def __init__(self, process: "subprocess.Popen[bytes]", control: "wire.Channel") -> None:
        self._process = process
        self.pid = process.pid
        self._control = control
        self.over = asyncio.ensure_future(exited(process, None))
        """Done when the process is gone."""
        self._retired = asyncio.Event()

    @classmethod
    async def start(cls) -> "PreloadedParent":
        """Raises ParentLostError when it could not be made; its own words are in the log."""
        # Ours, because it may be killed before it can tidy up. matplotlib keeps the name for ever, and
        # kernels make it again in their room, which has a /tmp.
        with tempfile.TemporaryDirectory(prefix="matplotlib-", dir="/tmp") as configuration:
            parent = cls._spawn(configuration)
            try:
                await readable(parent._control.fileno(), _PRELOAD_SECONDS)
                if wire.receive(parent._control) is None:
                    raise ParentLostError("it ended before it was ready")
            except BaseException:
                parent.kill()
                await parent.over
                raise
        return parent

    @classmethod
    def _spawn(cls, configuration: str) -> "PreloadedParent":
        ours, theirs = wire.pair()
        with theirs:
            process = subprocess.Popen(
                [sys.executable, "-I", "-B", "-m", "mntdata_runtime.parent"],
                stdin=theirs.fileno(),
                stdout=subprocess.DEVNULL,
                env={**room_environment(), "MPLCONFIGDIR": configuration},
                cwd="/",
                start_new_session=True,
            )
        return cls(process, ours)

    async def fork(
        self, request: LaunchRequest, descriptors: tuple[int, ...], timeout: float
    ) -> KernelProcess:
        """As Launcher.launch; raises ParentLostError when somebody else may try the same again."""
        ours, theirs = wire.pair()
        with theirs:
            try:
                wire.send(self._control, request.to_message(), (theirs.fileno(), *descriptors))
            except OSError as error:
                ours.close()
                raise ParentLostError(str(error)) from error
        try:
            return await KernelProcess.await_start(ours, timeout, _FORK_SECONDS)
        except NobodyAnsweredError as error:
            raise ParentLostError(str(error)) from error

    async def serves(self) -> None:
        """Return when it forks no more: it ended, or was retired."""
        retired = asyncio.ensure_future(self._retired.wait())
        try:
            await asyncio.wait((self.over, retired), return_when=asyncio.FIRST_COMPLETED)
        finally:
            retired.cancel()

    def retire(self) -> None:
        """Let it end once its kernels have, for which it waits."""
        self._control.close()
        self._retired.set()

    def kill(self) -> None:
        """End one that does not react; its kernels live on."""
        self.retire()
        self._process.kill()

    async def close(self) -> None:
        """End it, and wait for that; its kernels should be gone."""
        self.retire()
        await asyncio.wait((self.over,), timeout=_END_SECONDS)
        self._process.kill()
        await self.over
