"""Starting kernels by fork, under supervision, with the cold start to fall back on."""

import asyncio
import logging
import os
import sys
import sysconfig
import time
from collections.abc import Callable
from contextlib import suppress

from mntdata_runtime.launch.launcher import Launcher
from mntdata_runtime.launch.preloaded import ParentLostError, PreloadedParent
from mntdata_runtime.launch.process import KernelProcess
from mntdata_runtime.launch.request import LaunchRequest

_log = logging.getLogger(__name__)
_FIRST_DELAY = 0.5
_LONGEST_DELAY = 60.0
# A parent that lived this long was no failed attempt.
_STABLE_SECONDS = 30.0


class ForkStart(Launcher):
    """Forks a preloaded parent, and starts cold whenever there is none at hand.

    The parent is made again when it ends, with growing pauses, and when the Python environment changed.
    """

    def __init__(self, cold: Launcher, announce: Callable[[int | None], None]) -> None:
        """`announce` gets the pid of a parent that is ready, and None when there is none any more."""
        self._cold = cold
        self._announce = announce
        self._parent: PreloadedParent | None = None
        self._retired: set[PreloadedParent] = set()
        self._fingerprint: Fingerprint = ()
        self._supervision: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Make the parent, in the background; kernels start cold until it is ready."""
        self._supervision = asyncio.create_task(self._supervise())

    async def launch(
        self, request: LaunchRequest, descriptors: tuple[int, ...], timeout: float
    ) -> KernelProcess:
        """As the port says; a request on which the parent died is tried once more, cold."""
        parent = self._usable_parent()
        if parent:
            try:
                return await parent.fork(request, descriptors, timeout)
            except ParentLostError as error:
                _log.warning("The parent of the kernels is lost (%s); starting cold.", error)
                parent.kill()
        return await self._cold.launch(request, descriptors, timeout)

    def _usable_parent(self) -> PreloadedParent | None:
        parent = self._parent
        if parent and self._fingerprint != environment_fingerprint():
            _log.info("The Python environment changed; making a new parent of the kernels.")
            self._parent = None
            parent.retire()
        return self._parent

    async def _supervise(self) -> None:
        delay = _FIRST_DELAY
        while True:
            began = time.monotonic()
            await self._live_once()
            delay = _FIRST_DELAY if time.monotonic() - began > _STABLE_SECONDS else delay
            await asyncio.sleep(delay)
            delay = min(2 * delay, _LONGEST_DELAY)

    async def _live_once(self) -> None:
        # Before the imports, so that a change while they run is noticed.
        self._fingerprint = environment_fingerprint()
        try:
            parent = await PreloadedParent.start()
        except (ParentLostError, OSError) as error:
            _log.warning("The parent of the kernels could not be made: %s", error)
            return
        self._parent = parent
        self._announce(parent.pid)
        try:
            await parent.serves()
        finally:
            self._parent = None
            self._announce(None)
            self._retire(parent)

    def _retire(self, parent: PreloadedParent) -> None:
        self._retired.add(parent)
        parent.over.add_done_callback(lambda _: self._retired.discard(parent))
        parent.retire()

    async def close(self) -> None:
        """End the parents; kernels are not touched."""
        if self._supervision:
            self._supervision.cancel()
            with suppress(asyncio.CancelledError):
                await self._supervision
        await asyncio.gather(*(parent.close() for parent in self._retired))


Fingerprint = tuple[tuple[str, int], ...]


def environment_fingerprint() -> Fingerprint:
    """Changes whenever a distribution is installed, replaced or removed: each has an own directory."""
    paths = {sysconfig.get_path("purelib"), sysconfig.get_path("platlib"), sys.prefix}
    return tuple((path, os.stat(path).st_mtime_ns) for path in sorted(paths) if os.path.isdir(path))
