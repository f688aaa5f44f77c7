"""Visiting all directories of a hostile tree, of any depth, with few descriptors and no recursion."""

import errno
import os
from collections.abc import Iterator
from dataclasses import dataclass, field

from .cancellation import Cancellation
from .descriptors import MAX_PATH_BYTES, open_directory, open_parent
from .failures import describe
from .ignored_names import is_ignored

_OPEN_LEVELS = 32
_UNREADABLE = frozenset({errno.EACCES, errno.EPERM, errno.EIO, errno.ESTALE})


@dataclass(slots=True)
class Visit:
    """A directory while it is open.

    `prefix` is what its entries' paths begin with (`""` or `"a/b/"`), None where paths got too
    long to tell; `ignored` is true below a directory that is left out; `files` is everything but
    directories.
    """

    prefix: str | None
    ignored: bool
    descriptor: int
    files: list[os.DirEntry[str]]


@dataclass(slots=True)
class Skipped:
    """A directory whose content was not visited."""

    path: str
    code: str
    message: str


@dataclass(slots=True)
class _Level:
    prefix: str | None
    ignored: bool
    descriptor: int | None
    identity: tuple[int, int]
    pending: list[str] = field(default_factory=list)


class Walk:
    """Iterates over a `Visit` for each directory, parents first, names in order.

    Takes over `root`. Holds descriptors of the innermost levels only; an outer one is regained as
    the parent (`..`) of its child, if it is still the same directory: code that moves directories
    about while they are walked cannot lead the walk out of the tree, it only ends in `skipped`.
    """

    def __init__(self, root: int, cancellation: Cancellation) -> None:
        self._root = root
        self._cancellation = cancellation
        self._stack: list[_Level] = []
        self.skipped: list[Skipped] = []
        self.directories = 0

    def __iter__(self) -> Iterator[Visit]:
        try:
            yield self._push(self._root, "", ignored=False)
            while self._stack:
                self._cancellation.check()
                level = self._stack[-1]
                if level.pending:
                    visit = self._enter(level, level.pending.pop())
                    if visit is not None:
                        yield visit
                else:
                    self._leave()
        finally:
            for level in self._stack:
                _close(level)

    def _enter(self, parent: _Level, name: str) -> Visit | None:
        ignored = parent.ignored or is_ignored(name)
        path = None if parent.prefix is None else parent.prefix + name
        if path is not None and len(os.fsencode(path)) > MAX_PATH_BYTES:
            if not ignored:
                self.skipped.append(Skipped(path, "path_too_long", "its path is too long"))
            path = None
        try:
            descriptor = open_directory(name, parent.descriptor)
        except (FileNotFoundError, NotADirectoryError):
            return None  # gone since it was listed
        except OSError as error:
            if error.errno not in _UNREADABLE:
                raise
            if path is not None:
                message = f"the directory cannot be read ({describe(error)})"
                self.skipped.append(Skipped(path, "unreadable", message))
            return None
        self.directories += 1
        return self._push(descriptor, None if path is None else path + "/", ignored)

    def _push(self, descriptor: int, prefix: str | None, ignored: bool) -> Visit:
        level = _Level(prefix, ignored, descriptor, _identity(descriptor))
        self._stack.append(level)
        if len(self._stack) > _OPEN_LEVELS + 1:  # the root stays open
            _close(self._stack[-_OPEN_LEVELS - 1])
        files: list[os.DirEntry[str]] = []
        with os.scandir(descriptor) as entries:
            for entry in entries:
                if entry.is_dir(follow_symlinks=False):
                    level.pending.append(entry.name)
                else:
                    files.append(entry)
        level.pending.sort(reverse=True)
        return Visit(prefix, ignored, descriptor, files)

    def _leave(self) -> None:
        child = self._stack.pop()
        try:
            while self._stack and self._stack[-1].descriptor is None:
                if _regain(self._stack[-1], child.descriptor):
                    return
                lost = self._stack.pop()
                if lost.prefix is not None:
                    message = "the directory was moved while it was read"
                    self.skipped.append(Skipped(lost.prefix.rstrip("/"), "changing", message))
        finally:
            _close(child)


def _regain(level: _Level, child: int) -> bool:
    try:
        descriptor = open_parent(child)
    except OSError:
        return False
    if _identity(descriptor) != level.identity:
        os.close(descriptor)
        return False
    level.descriptor = descriptor
    return True


def _identity(descriptor: int) -> tuple[int, int]:
    status = os.fstat(descriptor)
    return status.st_dev, status.st_ino


def _close(level: _Level) -> None:
    if level.descriptor is not None:
        os.close(level.descriptor)
        level.descriptor = None
