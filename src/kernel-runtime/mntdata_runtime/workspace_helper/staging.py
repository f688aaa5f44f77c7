"""Copies on their way to the artifacts, in the service's staging directory.

A copy grows in a directory of this helper's own and moves to the staging directory, under a random
name, only when the answer that names it is ready. So whatever lies in the directory of a helper
that died is worthless. A lock on that directory, which ends with its process, tells the living
from the dead.
"""

import fcntl
import os
import secrets
import threading
from collections.abc import Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field

from .content import write_failure
from .descriptors import closing
from .failures import FileError, OperationError

_PREFIX = "helper-"
_SYNCS_AT_ONCE = 8
_UNSYNCED = 64
"""Copies of one collection that are open while they wait to be synced."""


class Staging:
    """The staging directory, shared with the service and with other helpers."""

    def __init__(self, root: str) -> None:
        self.root = root
        os.makedirs(root, mode=0o700, exist_ok=True)
        self._name, self._lock = self._claim()
        self._syncs = ThreadPoolExecutor(_SYNCS_AT_ONCE, thread_name_prefix="sync")

    def batch(self) -> "StagedBatch":
        """Begin the copies of one collection."""
        return StagedBatch(self.root, os.path.join(self.root, self._name), self._syncs)

    def sweep(self) -> int:
        """Remove what helpers that died left behind; returns how many copies there were."""
        removed = 0
        for name in os.listdir(self.root):
            if name.startswith(_PREFIX) and name != self._name:
                removed += _sweep_dead(os.path.join(self.root, name))
        return removed

    def discard(self, paths: Iterable[str]) -> None:
        """Remove published copies; only names directly in the staging directory are ours to remove."""
        for path in paths:
            if os.path.dirname(path) != self.root:
                raise OperationError("invalid_request", "Only staged copies can be discarded.")
            with suppress(FileNotFoundError):
                os.unlink(path)

    def close(self) -> None:
        """Give up the helper's own directory; its batches have ended."""
        self._syncs.shutdown()
        with suppress(OSError):
            os.rmdir(os.path.join(self.root, self._name))
        os.close(self._lock)

    def _claim(self) -> tuple[str, int]:
        while True:
            name = _PREFIX + secrets.token_hex(8)
            path = os.path.join(self.root, name)
            os.mkdir(path, 0o700)
            descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
            # Another helper's sweep can come between the two calls, and takes the directory for a
            # dead one's.
            if _lock(descriptor) and os.path.isdir(path):
                return name, descriptor
            os.close(descriptor)


@dataclass(slots=True)
class StagedCopy:
    """A copy that is being made; `path` is where it will be once the batch is published."""

    path: str
    part: str
    descriptor: int
    synced: Future[None] | None = field(default=None)


class StagedBatch:
    """The copies of one collection: published together, or all removed."""

    def __init__(self, root: str, parts: str, syncs: ThreadPoolExecutor) -> None:
        self._root = root
        self._parts = parts
        self._syncs = syncs
        self._copies: dict[str, StagedCopy] = {}
        self._unsynced = threading.BoundedSemaphore(_UNSYNCED)

    def create(self) -> StagedCopy:
        """Open a new, empty copy for reading and writing; raises FileError `no_space`."""
        self._unsynced.acquire()
        name = secrets.token_hex(16)
        part = os.path.join(self._parts, name)
        try:
            descriptor = os.open(part, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600)
        except OSError as error:
            self._unsynced.release()
            raise write_failure(error) from error
        copy = StagedCopy(os.path.join(self._root, name), part, descriptor)
        self._copies[copy.path] = copy
        return copy

    def sync(self, copy: StagedCopy) -> None:
        """Begin to make a complete copy durable, along with others: one by one takes three times as long."""
        copy.synced = self._syncs.submit(self._sync, copy)

    def discard(self, copy: StagedCopy) -> None:
        """Remove a copy that is not wanted."""
        del self._copies[copy.path]
        self._end(copy)
        with suppress(FileNotFoundError):
            os.unlink(copy.part)

    def finish(self) -> dict[str, FileError]:
        """Wait until all copies are durable; those that could not be written are removed and told by path."""
        failures: dict[str, FileError] = {}
        for copy in list(self._copies.values()):
            try:
                if copy.synced is not None:
                    copy.synced.result()
            except FileError as failure:
                failures[copy.path] = failure
                self.discard(copy)
        return failures

    def publish(self) -> None:
        """Move all copies to where the answer says they are."""
        for path, copy in self._copies.items():
            os.rename(copy.part, path)
        self._copies.clear()

    def close(self) -> None:
        """Remove whatever was not published."""
        for copy in list(self._copies.values()):
            with suppress(Exception):
                if copy.synced is not None:
                    copy.synced.result()
            self.discard(copy)

    def _sync(self, copy: StagedCopy) -> None:
        try:
            os.fsync(copy.descriptor)
        except OSError as error:
            raise write_failure(error) from error
        finally:
            self._end(copy)

    def _end(self, copy: StagedCopy) -> None:
        if copy.descriptor >= 0:
            os.close(copy.descriptor)
            copy.descriptor = -1
            self._unsynced.release()


def _sweep_dead(path: str) -> int:
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    except OSError:
        return 0  # swept by another helper meanwhile
    with closing(descriptor):
        if not _lock(descriptor):
            return 0
        names = os.listdir(descriptor)
        for name in names:
            with suppress(FileNotFoundError):
                os.unlink(name, dir_fd=descriptor)
        with suppress(OSError):
            os.rmdir(path)
        return len(names)


def _lock(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
