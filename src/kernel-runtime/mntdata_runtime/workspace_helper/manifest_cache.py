"""The manifests of recently used workspaces, so that they need not be sent for each run."""

import threading
from collections import OrderedDict
from collections.abc import Iterable

from .entries import Manifest

MAX_ENTRIES = 500_000
"""About 250 bytes each."""


class _Cached:
    __slots__ = ("entries", "generation", "removals", "unsettled", "upserts")

    def __init__(self, generation: int, entries: Manifest) -> None:
        self.generation = generation
        self.entries = entries
        self.unsettled = False
        self.upserts: Manifest = {}
        self.removals: frozenset[str] = frozenset()


class ManifestCache:
    """One manifest per workspace directory, of one generation; the least recently used ones are
    dropped.

    What an operation found or placed is kept aside until `settle` says that the service committed
    it. The caller holds the directory's lock (`WorkspaceLocks`).
    """

    def __init__(self, max_entries: int = MAX_ENTRIES) -> None:
        self._max_entries = max_entries
        self._lock = threading.Lock()
        self._manifests: OrderedDict[str, _Cached] = OrderedDict()
        self._entries = 0

    def get(self, directory: str, generation: int) -> Manifest | None:
        """The manifest, if it is here in this generation; another generation is dropped."""
        with self._lock:
            cached = self._manifests.get(directory)
            if cached is None:
                return None
            if cached.generation != generation:
                self._drop(directory)
                return None
            self._manifests.move_to_end(directory)
            return cached.entries

    def put(self, directory: str, generation: int, entries: Manifest) -> None:
        """Hold a manifest that the service sent."""
        with self._lock:
            self._drop(directory)
            self._manifests[directory] = _Cached(generation, entries)
            self._entries += len(entries)
            self._shrink()

    def found(self, directory: str, upserts: Manifest, removals: Iterable[str]) -> None:
        """Keep aside what a collection found, instead of anything kept aside before."""
        with self._lock:
            cached = self._manifests.get(directory)
            if cached is not None:
                cached.unsettled = True
                cached.upserts = upserts
                cached.removals = frozenset(removals)

    def placed(self, directory: str, upserts: Manifest) -> None:
        """Keep aside, besides what is there, what was placed."""
        with self._lock:
            cached = self._manifests.get(directory)
            if cached is not None:
                cached.unsettled = True
                cached.upserts = {**cached.upserts, **upserts}
                cached.removals -= upserts.keys()

    def settle(self, directory: str, from_generation: int, to_generation: int) -> bool:
        """Make what was kept aside part of the manifest, which becomes the new generation.

        Drops the manifest, and returns False, when it is not at `from_generation`, or when it
        would become a new generation by changes that did not come from here.
        """
        with self._lock:
            cached = self._manifests.get(directory)
            if cached is None:
                return False
            known = cached.unsettled or from_generation == to_generation
            if cached.generation != from_generation or not known:
                self._drop(directory)
                return False
            self._apply(cached)
            cached.generation = to_generation
            self._shrink()
            return True

    def forget(self, directory: str) -> None:
        """Drop what is held about a directory."""
        with self._lock:
            self._drop(directory)

    def _apply(self, cached: _Cached) -> None:
        before = len(cached.entries)
        for path in cached.removals:
            cached.entries.pop(path, None)
        cached.entries.update(cached.upserts)
        self._entries += len(cached.entries) - before
        cached.unsettled = False
        cached.upserts = {}
        cached.removals = frozenset()

    def _drop(self, directory: str) -> None:
        cached = self._manifests.pop(directory, None)
        if cached is not None:
            self._entries -= len(cached.entries)

    def _shrink(self) -> None:
        while self._entries > self._max_entries and len(self._manifests) > 1:
            _, cached = self._manifests.popitem(last=False)
            self._entries -= len(cached.entries)
