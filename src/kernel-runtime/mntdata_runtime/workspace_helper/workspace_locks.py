"""Operations that change or compare one workspace go one at a time."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager


class WorkspaceLocks:
    """A lock per directory, kept only while someone wants it."""

    def __init__(self) -> None:
        self._guard = threading.Lock()
        self._locks: dict[str, tuple[threading.Lock, int]] = {}

    @contextmanager
    def hold(self, directory: str) -> Iterator[None]:
        """Hold the directory's lock during the block."""
        with self._guard:
            lock, holders = self._locks.get(directory, (threading.Lock(), 0))
            self._locks[directory] = (lock, holders + 1)
        try:
            with lock:
                yield
        finally:
            with self._guard:
                _, holders = self._locks.pop(directory)
                if holders > 1:
                    self._locks[directory] = (lock, holders - 1)
