"""Placing artifacts in a workspace, whole or not at all."""

import os
import secrets
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from .cancellation import Cancellation
from .candidates import LARGE
from .content import ContentChanged, copy_content, hash_content
from .descriptors import by_descriptor, closing, not_regular, open_directory, open_regular
from .entries import is_racy, outlast_race, pack_entry, pack_stamps, stamps_to_wire
from .failures import FileError, describe
from .ignored_names import TEMPORARY_PREFIX
from .workspace_paths import relative_parts


@dataclass(frozen=True, slots=True)
class Item:
    """One artifact to place; `digest`, where the service tells it, goes into the cached manifest."""

    parts: list[str]
    artifact: str
    mode: int
    uid: int | None
    replace: bool
    digest: bytes | None

    @classmethod
    def from_wire(cls, item: Mapping[str, Any]) -> "Item":
        """Read `{path, artifact, mode?, uid, ifTaken, sha256?}`; raises FileError for a bad path."""
        digest = item.get("sha256")
        return cls(
            relative_parts(item["path"]),
            item["artifact"],
            item.get("mode", 0o644) & 0o777,
            item["uid"],
            item["ifTaken"] == "replace",
            bytes.fromhex(digest) if digest else None,
        )

    @property
    def path(self) -> str:
        """The path as the manifest names it."""
        return "/".join(self.parts)


class Placement:
    """Places the items of one request.

    `entries` is what the manifest gains; None when the items do not tell enough to know.
    """

    def __init__(self, root: int, cancellation: Cancellation) -> None:
        self._root = root
        self._cancellation = cancellation
        self.entries: dict[str, bytes] | None = {}

    def place(self, wire: Mapping[str, Any]) -> dict[str, Any]:
        """Place one item and tell what came of it, as the answer holds it."""
        self._cancellation.check()
        try:
            item = Item.from_wire(wire)
            with closing(self._open_parent(item)) as parent:
                outcome = self._place(item, parent)
        except FileError as failure:
            outcome = _failed(failure.code, failure.message)
        except OSError as error:
            outcome = _failed("failed", f"it could not be written ({describe(error)})")
        if outcome["outcome"] != "placed":
            self.entries = None  # what the manifest says about this path is the service's to decide
        return outcome

    def _open_parent(self, item: Item) -> int:
        current = os.dup(self._root)
        for name in item.parts[:-1]:
            with closing(current) as parent:
                current = _open_or_make(name, parent, item.uid)
        return current

    def _place(self, item: Item, parent: int) -> dict[str, Any]:
        with closing(_open_artifact(item.artifact)) as source:
            size = os.fstat(source).st_size
            if not item.replace and _exists(item.parts[-1], parent):
                return self._taken(item, parent, size)
            try:
                status, looked_at = self._write(item, parent, source, size)
            except FileExistsError:
                return self._taken(item, parent, size)
        stamps, racy = pack_stamps(status), is_racy(status, looked_at)
        if item.digest is None:
            self.entries = None
        elif self.entries is not None:
            self.entries[item.path] = pack_entry(stamps, racy, item.digest)
        return {"outcome": "placed", "stamps": stamps_to_wire(stamps, racy)}

    def _write(self, item: Item, parent: int, source: int, size: int) -> tuple[os.stat_result, int]:
        """Write the file under a name that no scan sees, then give it its own; its stamps, and when."""
        temporary = TEMPORARY_PREFIX + secrets.token_hex(8)
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW
        with closing(os.open(temporary, flags, 0o600, dir_fd=parent)) as target:
            try:
                self._copy(source, target, size)
                if item.uid is not None:
                    os.fchown(target, item.uid, item.uid)
                os.fchmod(target, item.mode)
                _name(target, temporary, item, parent)
            finally:
                with suppress(FileNotFoundError):
                    os.unlink(temporary, dir_fd=parent)
            if size >= LARGE:
                outlast_race(os.fstat(target))
            looked_at = time.time_ns()
            return os.fstat(target), looked_at

    def _copy(self, source: int, target: int, size: int) -> None:
        try:
            for _ in copy_content(source, target, size, self._cancellation):
                pass
        except ContentChanged as error:
            raise FileError("artifact_missing", "its content is shorter than it was") from error

    def _taken(self, item: Item, parent: int, size: int) -> dict[str, Any]:
        """The name is taken; the digest of what is there, when it may be the same content."""
        answer: dict[str, Any] = {"outcome": "taken"}
        with suppress(OSError, FileError), closing(open_regular(item.parts[-1], parent)) as existing:
            if os.fstat(existing).st_size == size:
                answer["sha256"] = hash_content(existing, size, self._cancellation).hex()
        return answer


def _open_artifact(path: str) -> int:
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW)
    except OSError as error:
        raise FileError("artifact_missing", f"its content cannot be read ({describe(error)})") from error
    if not_regular(os.fstat(descriptor).st_mode) is not None:
        os.close(descriptor)
        raise FileError("artifact_missing", "its content is not a file")
    return descriptor


def _open_or_make(name: str, parent: int, uid: int | None) -> int:
    try:
        try:
            return open_directory(name, parent, need=0o700)
        except FileNotFoundError:
            with suppress(FileExistsError):
                os.mkdir(name, 0o700, dir_fd=parent)
            descriptor = open_directory(name, parent, need=0o700)
    except NotADirectoryError as error:
        raise FileError("not_a_directory", "a parent of its path is no directory") from error
    # A directory put in its place meanwhile belongs to the same owner: giving it to him changes
    # nothing.
    if uid is not None:
        os.fchown(descriptor, uid, uid)
    os.fchmod(descriptor, 0o755)
    return descriptor


def _name(target: int, temporary: str, item: Item, parent: int) -> None:
    if item.replace:
        try:
            os.rename(temporary, item.parts[-1], src_dir_fd=parent, dst_dir_fd=parent)
        except IsADirectoryError as error:
            raise FileError("is_directory", "a directory has its name") from error
    else:
        # By descriptor: exactly what was written, whatever the owner put under the temporary name.
        os.link(by_descriptor(target), item.parts[-1], dst_dir_fd=parent, follow_symlinks=True)


def _exists(name: str, parent: int) -> bool:
    try:
        os.stat(name, dir_fd=parent, follow_symlinks=False)
    except FileNotFoundError:
        return False
    return True


def _failed(code: str, message: str) -> dict[str, Any]:
    return {"outcome": "failed", "code": code, "message": message}
