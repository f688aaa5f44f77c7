"""Removing trees of any depth and with any permissions, with a handful of descriptors.

Every directory that is found moves up into a flat one, so that nothing is ever walked down, and
becomes ours alone before it is listed, so that nobody adds to it.
"""

import errno
import os
import secrets
from contextlib import suppress

from .cancellation import Cancellation
from .descriptors import closing, open_directory
from .failures import OperationError

_PREFIX = ".removed-"
_ATTEMPTS = 10


class Trash:
    """Where removed workspaces go first, so that their name is free and a crash leaves nothing half."""

    def __init__(self, workspaces: str, trash: str) -> None:
        self._workspaces = workspaces
        self._trash = trash
        os.makedirs(trash, mode=0o700, exist_ok=True)

    def remove(self, directory: str, cancellation: Cancellation) -> bool:
        """Remove a workspace; False when there is none."""
        source = os.path.join(self._workspaces, directory)
        _make_movable(source)
        try:
            place = _move(source, self._trash, "")
        except OSError as error:
            if error.errno != errno.EXDEV:
                raise
            place = _move(source, self._workspaces, _PREFIX)  # the trash is on another file system
        if place is None:
            return False
        _destroy(place, cancellation)
        return True

    def sweep(self, cancellation: Cancellation) -> int:
        """Remove what is left of removed workspaces; returns how many there were."""
        places = [os.path.join(self._trash, name) for name in os.listdir(self._trash)]
        places += [
            os.path.join(self._workspaces, name)
            for name in os.listdir(self._workspaces)
            if name.startswith(_PREFIX)
        ]
        for place in places:
            _destroy(place, cancellation)
        return len(places)


def _move(source: str, trash: str, prefix: str) -> str | None:
    place = os.path.join(trash, prefix + secrets.token_hex(8))
    os.mkdir(place, 0o700)
    try:
        os.rename(source, os.path.join(place, "0"))
    except OSError as error:
        os.rmdir(place)
        if error.errno == errno.ENOENT:
            return None
        raise
    return place


def _destroy(place: str, cancellation: Cancellation) -> None:
    try:
        pool = os.open(place, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    except FileNotFoundError:
        return  # another sweep was faster
    with closing(pool):
        while names := os.listdir(place):
            for name in names:
                cancellation.check()
                _remove(name, pool, cancellation)
    with suppress(FileNotFoundError):
        os.rmdir(place)


def _remove(name: str, pool: int, cancellation: Cancellation) -> None:
    """Remove an entry of the pool; its subdirectories become entries of the pool."""
    try:
        descriptor = open_directory(name, pool, need=0o700)
    except FileNotFoundError:
        return
    except NotADirectoryError:
        with suppress(FileNotFoundError):
            os.unlink(name, dir_fd=pool)
        return
    with closing(descriptor):
        _take_over(descriptor)
        for _ in range(_ATTEMPTS):
            _empty(descriptor, pool, cancellation)
            try:
                os.rmdir(name, dir_fd=pool)
            except FileNotFoundError:
                return
            except OSError as error:
                if error.errno not in (errno.ENOTEMPTY, errno.EEXIST):
                    raise
            else:
                return
    raise OperationError("failed", "Something keeps writing into a workspace that is being removed.")


def _empty(directory: int, pool: int, cancellation: Cancellation) -> None:
    # Opened anew: btrfs lists only what was there when the directory was opened.
    with closing(open_directory(".", directory)) as listed, os.scandir(listed) as entries:
        for entry in entries:
            cancellation.check()
            # Gone, or swapped for another kind, since it was listed: the next attempt sees it.
            with suppress(FileNotFoundError, NotADirectoryError, IsADirectoryError):
                if entry.is_dir(follow_symlinks=False):
                    _move_up(entry.name, directory, pool)
                else:
                    os.unlink(entry.name, dir_fd=directory)


def _move_up(name: str, directory: int, pool: int) -> None:
    _make_movable(name, directory)
    os.rename(name, secrets.token_hex(16), src_dir_fd=directory, dst_dir_fd=pool)


def _make_movable(name: str, parent: int | None = None) -> None:
    """Moving a directory writes to it (its `..`), which its owner may have denied himself."""
    if os.geteuid() != 0:
        with suppress(FileNotFoundError):
            os.close(open_directory(name, parent, need=0o700))


def _take_over(descriptor: int) -> None:
    if os.geteuid() == 0:
        os.fchown(descriptor, 0, 0)
    os.fchmod(descriptor, 0o700)
