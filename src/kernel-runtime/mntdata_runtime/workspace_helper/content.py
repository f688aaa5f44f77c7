"""Reading, hashing and copying the content of open files, in buffers of one MiB."""

import ctypes
import fcntl
import hashlib
import os
import threading
from collections.abc import Iterator

from .cancellation import Cancellation
from .failures import SPACE_ERRORS, FileError, OperationError, describe

CHUNK = 1 << 20
COPY_CHUNK = 64 << 20
"""Bytes copied by the operating system between two looks at the cancellation."""

_FLUSH_STEP = 8 << 20
_FICLONE = 0x40049409
_SYNC_FILE_RANGE_WRITE = 2

_libc = ctypes.CDLL(None, use_errno=True)
_sync_file_range = _libc.sync_file_range
_sync_file_range.argtypes = [ctypes.c_int, ctypes.c_int64, ctypes.c_int64, ctypes.c_uint]

_buffers = threading.local()


class ContentChanged(Exception):  # noqa: N818 - it is no error, the file is read again
    """The file ended earlier or later than its size said."""


def hash_content(source: int, size: int, cancellation: Cancellation) -> bytes:
    """SHA-256 of a file of `size` bytes, read from its beginning."""
    digest = hashlib.sha256()
    for chunk in _chunks(source, size, cancellation):
        digest.update(chunk)
    return digest.digest()


def copy_content(source: int, target: int, size: int, cancellation: Cancellation) -> bytes:
    """Copy `size` bytes and return the SHA-256 of what was written, in one pass.

    A clone that shares blocks (reflink) is hashed after; elsewhere each chunk is read once.
    Writing to disk begins while the rest is still read, so that the `fsync` at the end has little
    left to do. Raises FileError `no_space`.
    """
    if clone(source, target):
        return hash_content(target, size, cancellation)
    digest = hashlib.sha256()
    done = flushed = 0
    for chunk in _chunks(source, size, cancellation):
        digest.update(chunk)
        _write(target, chunk)
        done += len(chunk)
        if done - flushed >= _FLUSH_STEP:
            _sync_file_range(target, flushed, done - flushed, _SYNC_FILE_RANGE_WRITE)
            flushed = done
    return digest.digest()


def clone(source: int, target: int) -> bool:
    """Make the empty `target` share the blocks of `source`, where the file system can."""
    try:
        fcntl.ioctl(target, _FICLONE, source)
    except OSError:
        return False
    return True


def _chunks(source: int, size: int, cancellation: Cancellation) -> Iterator[memoryview]:
    buffer = _buffer()
    os.lseek(source, 0, os.SEEK_SET)
    left = size
    while True:
        cancellation.check()
        # One byte more than is left tells a file that grows; an endless one is not followed.
        count = os.readv(source, [buffer[: min(CHUNK, left + 1)]])
        if count == 0 and left == 0:
            return
        if count == 0 or count > left:
            raise ContentChanged
        left -= count
        yield buffer[:count]


def _buffer() -> memoryview:
    buffer = getattr(_buffers, "view", None)
    if buffer is None:
        buffer = _buffers.view = memoryview(bytearray(CHUNK))
    return buffer


def _write(target: int, chunk: memoryview) -> None:
    try:
        while chunk:
            chunk = chunk[os.write(target, chunk) :]
    except OSError as error:
        raise write_failure(error) from error


def write_failure(error: OSError) -> Exception:
    """What a failure to write means: `no_space` for this file, else the end of the operation."""
    if error.errno in SPACE_ERRORS:
        return FileError("no_space", "there was no space left to store it")
    return OperationError("failed", f"Content could not be written: {describe(error)}.")
