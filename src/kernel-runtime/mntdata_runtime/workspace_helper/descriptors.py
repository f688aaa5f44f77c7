"""Opening what lies in a workspace without trusting it.

The owner of a workspace can swap any name for a link, a FIFO or a device at any instant. A
descriptor, once open, stays what it is. So a name is first opened with O_PATH, which follows
nothing, blocks on nothing and has no effect on a device; what it turned out to be decides; and the
very same inode is then opened for reading through `/proc/self/fd`, which no rename can redirect.
"""

import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager

from .failures import FileError

MAX_PATH_BYTES = 4096

_LOOK = os.O_PATH | os.O_NOFOLLOW | os.O_CLOEXEC
_READ = os.O_RDONLY | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC
_READ_DIRECTORY = _READ | os.O_DIRECTORY | os.O_NOFOLLOW

_KINDS = {
    stat.S_IFLNK: ("symlink", "it is a symbolic link, and links are not followed"),
    stat.S_IFIFO: ("fifo", "it is a named pipe, not a file with content"),
    stat.S_IFSOCK: ("socket", "it is a socket, not a file with content"),
    stat.S_IFBLK: ("device", "it is a device, not a file with content"),
    stat.S_IFCHR: ("device", "it is a device, not a file with content"),
    stat.S_IFDIR: ("directory", "it is a directory"),
}


@contextmanager
def closing(descriptor: int) -> Iterator[int]:
    """Close the descriptor at the end of the block."""
    try:
        yield descriptor
    finally:
        os.close(descriptor)


def by_descriptor(descriptor: int) -> str:
    """Path that means the open inode itself, whatever its name became."""
    return f"/proc/self/fd/{descriptor}"


def not_regular(mode: int) -> FileError | None:
    """Why something of this `st_mode` has no content to collect; None for a regular file."""
    if stat.S_ISREG(mode):
        return None
    return FileError(*_KINDS.get(stat.S_IFMT(mode), ("device", "it is not a regular file")))


def open_directory(name: str, parent: int | None, need: int = 0o500) -> int:
    """Open a directory, by its name in another one or (no parent) by a path of ours; no link in its place.

    `need` are permissions of the owner without which it is useless to us: where they are missing
    and we are the owner, they are given. Raises NotADirectoryError for anything but a directory.
    """
    try:
        descriptor = os.open(name, _READ_DIRECTORY, dir_fd=parent)
    except PermissionError:
        with closing(os.open(name, _LOOK | os.O_DIRECTORY, dir_fd=parent)) as seen:
            _grant(seen, need)
            return os.open(by_descriptor(seen), _READ | os.O_DIRECTORY)
    try:
        _grant(descriptor, need)
    except BaseException:
        os.close(descriptor)
        raise
    return descriptor


def open_parent(descriptor: int) -> int:
    """Open the directory that holds this open directory now, wherever it was moved."""
    return os.open("..", _READ_DIRECTORY, dir_fd=descriptor)


def open_regular(name: str, parent: int) -> int:
    """Open a regular file for reading.

    A file that denies its owner to read is given that permission. Raises FileError with the code
    of what it is instead, or `unreadable`; FileNotFoundError when it is gone.
    """
    with closing(os.open(name, _LOOK, dir_fd=parent)) as seen:
        refusal = not_regular(os.fstat(seen).st_mode)
        if refusal is not None:
            raise refusal
        try:
            return _open_seen(seen)
        except PermissionError as error:
            raise FileError("unreadable", "it may not be read") from error
        except BlockingIOError as error:
            raise FileError("changing", "a program holds a lease on it") from error


def _open_seen(seen: int) -> int:
    try:
        return os.open(by_descriptor(seen), _READ)
    except PermissionError:
        _grant(seen, 0o400)
        return os.open(by_descriptor(seen), _READ)


def _grant(descriptor: int, need: int) -> None:
    """Give the owner permissions that he took from himself; root reads without them."""
    mode = stat.S_IMODE(os.fstat(descriptor).st_mode)
    if os.geteuid() != 0 and mode & need != need:
        # Not fchmod: it refuses O_PATH descriptors.
        os.chmod(by_descriptor(descriptor), mode | need)
