"""Deciding about one file whose stamps do not prove it unchanged."""

import os
import stat
import time
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any

from .cancellation import Cancellation
from .content import ContentChanged, copy_and_hash, hash_content
from .descriptors import closing, open_regular
from .entries import (
    digest_of,
    is_racy,
    outlast_race,
    pack_entry,
    pack_stamps,
    path_to_wire,
    size_of,
    stamps_to_wire,
)
from .failures import FileError, describe
from .mapped_files import MappedInodes
from .staging import StagedBatch

LARGE = 32 << 20
"""From this size on, reading once more costs more than waiting until the stamps can be trusted."""

_ATTEMPTS = 2


class Outcome(Enum):
    """How a file relates to the manifest."""

    CREATED = "created"
    MODIFIED = "modified"
    REFRESHED = "refreshed"


@dataclass(frozen=True, slots=True)
class Limits:
    """What is collected; `extensions` is None when every file is, else lower-case endings with their dot."""

    max_file_bytes: int
    max_files: int
    extensions: tuple[str, ...] | None

    @classmethod
    def from_wire(cls, limits: Mapping[str, Any]) -> "Limits":
        """Read `{maxFileBytes, maxFiles, trackedExtensions: "*" | [...]}`; dots may be left out."""
        tracked = limits["trackedExtensions"]
        extensions = None if tracked == "*" else tuple("." + it.lower().removeprefix(".") for it in tracked)
        return cls(limits["maxFileBytes"], limits["maxFiles"], extensions)

    def track(self, name: str) -> bool:
        """Whether files of this name are collected."""
        return self.extensions is None or name.lower().endswith(self.extensions)


@dataclass(slots=True)
class Candidate:
    """A file of the directory being visited, as it was listed, and its entry in the manifest."""

    name: str
    path: str
    status: os.stat_result
    recorded: bytes | None

    @property
    def change(self) -> Outcome:
        """What it is, if its content is not the recorded one."""
        return Outcome.CREATED if self.recorded is None else Outcome.MODIFIED

    @property
    def has_recorded_stamps(self) -> bool:
        """It is a candidate only because its stamps cannot be trusted."""
        return self.recorded is not None and self.recorded.startswith(pack_stamps(self.status))

    @property
    def unread_and_unchanged(self) -> bool:
        """Its content was never read, so there is nothing that could differ but the stamps."""
        return self.has_recorded_stamps and digest_of(self.recorded or b"") is None


@dataclass(slots=True)
class Finding:
    """A file that the manifest does not tell, or tells otherwise.

    `untracked` is why only its stamps enter the manifest: it is not looked at until it changes.
    """

    outcome: Outcome
    path: str
    status: os.stat_result
    racy: bool = False
    digest: bytes | None = None
    staged: str | None = None
    untracked: str | None = None

    @property
    def entry(self) -> bytes:
        """The entry that the manifest gets."""
        return pack_entry(pack_stamps(self.status), self.racy, self.digest)

    def to_wire(self) -> dict[str, Any]:
        """As the answer holds it."""
        wire = {
            "path": path_to_wire(self.path),
            "size": self.status.st_size,
            "mode": stat.S_IMODE(self.status.st_mode),
            "stamps": stamps_to_wire(pack_stamps(self.status), self.racy),
            "sha256": self.digest.hex() if self.digest else None,
            "staged": self.staged,
        }
        if self.untracked is not None:
            wire["untracked"] = self.untracked
        return wire


class Examiner:
    """Examines the candidates of one collection and stages those that changed."""

    def __init__(
        self,
        limits: Limits,
        mapped: MappedInodes,
        batch: StagedBatch,
        cancellation: Cancellation,
    ) -> None:
        self._limits = limits
        self._mapped = mapped
        self._batch = batch
        self._cancellation = cancellation
        self._collected = 0

    def examine(self, candidate: Candidate, directory: int) -> Finding | None:
        """What is new about the file; None when nothing is.

        Raises FileError when it is left out and stays a candidate, FileNotFoundError when it is gone.
        """
        if not self._limits.track(candidate.name):
            return _untracked(candidate, "untracked")
        if candidate.status.st_size > self._limits.max_file_bytes:
            return _untracked(candidate, "too_large")
        if candidate.unread_and_unchanged:
            return None
        for _ in range(_ATTEMPTS):
            try:
                return self._read(candidate, directory)
            except ContentChanged:
                continue
            except FileNotFoundError:
                raise
            except OSError as error:
                raise FileError("unreadable", f"it cannot be read ({describe(error)})") from error
        raise FileError("changing", "it kept changing while it was read; it is read again after the next run")

    def _read(self, candidate: Candidate, directory: int) -> Finding | None:
        with closing(open_regular(candidate.name, directory)) as source:
            if candidate.status.st_size >= LARGE:
                outlast_race(os.fstat(source))
            looked_at = time.time_ns()
            status = os.fstat(source)
            if status.st_size > self._limits.max_file_bytes:
                raise ContentChanged
            racy = is_racy(status, looked_at) or status.st_ino in self._mapped
            if self._is_same(candidate, source, status):
                return _refreshed(candidate, status, racy)
            if self._collected >= self._limits.max_files:
                return Finding(candidate.change, candidate.path, status, untracked="too_many_files")
            return self._stage(candidate, source, status, racy)

    def _is_same(self, candidate: Candidate, source: int, status: os.stat_result) -> bool:
        """Whether the content is the recorded one: read, but not copied, since it mostly is."""
        known = digest_of(candidate.recorded or b"")
        if known is None or size_of(candidate.recorded or b"") != status.st_size:
            return False
        digest = hash_content(source, status.st_size, self._cancellation)
        _require_unchanged(source, status)
        return digest == known

    def _stage(self, candidate: Candidate, source: int, status: os.stat_result, racy: bool) -> Finding:
        copy = self._batch.create()
        try:
            digest = copy_and_hash(source, copy.descriptor, status.st_size, self._cancellation)
            _require_unchanged(source, status)
        except BaseException:
            self._batch.discard(copy)
            raise
        self._batch.sync(copy)
        self._collected += 1
        return Finding(candidate.change, candidate.path, status, racy, digest, copy.path)


def _refreshed(candidate: Candidate, status: os.stat_result, racy: bool) -> Finding | None:
    digest = digest_of(candidate.recorded or b"")
    finding = Finding(Outcome.REFRESHED, candidate.path, status, racy, digest)
    return None if finding.entry == candidate.recorded else finding


def _untracked(candidate: Candidate, code: str) -> Finding | None:
    if candidate.has_recorded_stamps:
        return None
    return Finding(candidate.change, candidate.path, candidate.status, untracked=code)


def _require_unchanged(source: int, status: os.stat_result) -> None:
    if pack_stamps(os.fstat(source)) != pack_stamps(status):
        raise ContentChanged
