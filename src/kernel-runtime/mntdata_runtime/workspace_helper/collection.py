"""Comparing a workspace with its manifest, and collecting what changed."""

import os
import stat
from contextlib import closing, suppress
from dataclasses import dataclass, field
from typing import Any

from .cancellation import Cancellation
from .candidates import Candidate, Examiner, Finding, Limits, Outcome
from .descriptors import MAX_PATH_BYTES, not_regular
from .entries import STAMPS_LENGTH, Manifest, pack_stamps, path_to_wire
from .failures import FileError
from .ignored_names import TEMPORARY_PREFIX, is_ignored
from .mapped_files import MappedInodes
from .staging import StagedBatch
from .walk import Visit, Walk


@dataclass(slots=True)
class Totals:
    """What lies in a workspace, ignored names included; sparse files count as the space they take."""

    files: int = 0
    bytes: int = 0
    directories: int = 0

    def add(self, status: os.stat_result) -> None:
        """Count one entry that is no directory."""
        self.files += 1
        self.bytes += min(status.st_size, status.st_blocks * 512)

    def to_wire(self) -> dict[str, int]:
        """As the answer holds it."""
        return {"files": self.files, "bytes": self.bytes, "directories": self.directories}


@dataclass(slots=True)
class Collection:
    """What differs from the manifest; `upserts` and `removals` are the same for the cached manifest."""

    findings: list[Finding] = field(default_factory=list)
    deleted: list[str] = field(default_factory=list)
    left_out: list[tuple[str, str, str]] = field(default_factory=list)
    totals: Totals = field(default_factory=Totals)

    def upserts(self) -> Manifest:
        """The manifest's new and changed entries."""
        return {finding.path: finding.entry for finding in self.findings}

    def to_wire(self) -> dict[str, Any]:
        """As the answer holds it; paths in order of their bytes."""
        lists: dict[str, list[Any]] = {outcome.value: [] for outcome in Outcome}
        for finding in sorted(self.findings, key=lambda finding: os.fsencode(finding.path)):
            lists[finding.outcome.value].append(finding.to_wire())
        return {
            **lists,
            "deleted": sorted(map(path_to_wire, self.deleted)),
            "leftOut": [
                {"path": path_to_wire(path), "code": code, "message": _sentence(message)}
                for path, code, message in sorted(self.left_out, key=lambda item: os.fsencode(item[0]))
            ],
            "totals": self.totals.to_wire(),
        }


def _sentence(clause: str) -> str:
    return f"{clause[0].upper()}{clause[1:]}."


class Collector:
    """Collects one workspace once."""

    def __init__(
        self,
        known: Manifest,
        limits: Limits,
        mapped: MappedInodes,
        batch: StagedBatch,
        cancellation: Cancellation,
    ) -> None:
        self._known = known
        self._mapped = mapped
        self._batch = batch
        self._cancellation = cancellation
        self._examiner = Examiner(limits, mapped, batch, cancellation)
        self._seen: set[str] = set()
        self._collection = Collection()

    def collect(self, root: int) -> Collection:
        """Compare the tree below `root` (taken over) with the manifest; copies are durable on return."""
        walk = Walk(root, self._cancellation)
        with closing(iter(walk)) as visits:
            for visit in visits:
                for candidate in self._candidates(visit):
                    self._consider(candidate, visit)
        self._collection.totals.directories = walk.directories
        self._collection.left_out += [(it.path, it.code, it.message) for it in walk.skipped]
        self._collection.deleted = self._missing([it.path for it in walk.skipped])
        self._drop_failed(self._batch.finish())
        return self._collection

    def _candidates(self, visit: Visit) -> list[Candidate]:
        """Entries whose stamps do not prove them unchanged: the loop that every file goes through."""
        candidates: list[Candidate] = []
        count = self._collection.totals.add
        get, seen, mapped = self._known.get, self._seen, self._mapped
        for entry in visit.files:
            try:
                status = entry.stat(follow_symlinks=False)
            except OSError:
                continue  # gone since it was listed
            count(status)
            if visit.prefix is None:
                continue
            path = visit.prefix + entry.name
            recorded = get(path)
            if recorded is not None and recorded.startswith(pack_stamps(status)):
                trusted = recorded[STAMPS_LENGTH] == 0 and status.st_ino not in mapped
                if trusted and stat.S_ISREG(status.st_mode):
                    seen.add(path)
                    continue
            candidates.append(Candidate(entry.name, path, status, recorded))
        # Which files are past a limit does not depend on the file system's order.
        return sorted(candidates, key=lambda candidate: candidate.name)

    def _consider(self, candidate: Candidate, visit: Visit) -> None:
        try:
            if candidate.recorded is None and self._is_ignored(candidate, visit):
                return
            refusal = not_regular(candidate.status.st_mode)
            if refusal is not None:
                raise refusal
            self._seen.add(candidate.path)
            if len(os.fsencode(candidate.path)) > MAX_PATH_BYTES:
                raise FileError("path_too_long", "its path is too long")
            finding = self._examiner.examine(candidate, visit.descriptor)
        except FileNotFoundError:
            self._seen.discard(candidate.path)
        except FileError as failure:
            self._collection.left_out.append((candidate.path, failure.code, failure.message))
        else:
            if finding is not None:
                self._collection.findings.append(finding)

    def _is_ignored(self, candidate: Candidate, visit: Visit) -> bool:
        if candidate.name.startswith(TEMPORARY_PREFIX):
            # Placing and collecting exclude each other: its helper died, and nobody else knows the
            # name.
            with suppress(OSError):
                os.unlink(candidate.name, dir_fd=visit.descriptor)
            return True
        return visit.ignored or is_ignored(candidate.name)

    def _missing(self, skipped: list[str]) -> list[str]:
        """Paths of the manifest that are gone; about those below skipped directories nothing is known."""
        below = tuple(path + "/" for path in skipped)
        return [path for path in self._known.keys() - self._seen if not path.startswith(below)]

    def _drop_failed(self, failures: dict[str, FileError]) -> None:
        if not failures:
            return
        kept: list[Finding] = []
        for finding in self._collection.findings:
            failure = failures.get(finding.staged or "")
            if failure is None:
                kept.append(finding)
            else:
                self._collection.left_out.append((finding.path, failure.code, failure.message))
        self._collection.findings = kept
