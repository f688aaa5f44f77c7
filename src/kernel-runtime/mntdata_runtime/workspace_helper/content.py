"""Hashing and copying the content of open files."""

import ctypes
import errno
import fcntl
import hashlib
import os
import threading
from collections.abc import Iterator

from .cancellation import Cancellation
from .failures import SPACE_ERRORS, FileError, OperationError, describe

_BUFFER = 1 << 20
_STEP = 8 << 20
"""Bytes copied between two looks at the cancellation."""

_FICLONE = 0x40049409
_SYNC_FILE_RANGE_WRITE = 2
_NO_COPY_FILE_RANGE = frozenset({errno.EXDEV, errno.EINVAL, errno.ENOSYS, errno.EOPNOTSUPP, errno.EPERM})

_sync_file_range = ctypes.CDLL(None).sync_file_range
_sync_file_range.argtypes = [ctypes.c_int, ctypes.c_int64, ctypes.c_int64, ctypes.c_uint]

_buffers = threading.local()


class ContentChanged(Exception):  # noqa: N818 - it is no error, the file is read again
    """The file is no longer what its stamps said."""


def hash_content(source: int, size: int, cancellation: Cancellation) -> bytes:
    """SHA-256 of the first `size` bytes of a file; raises ContentChanged when there are fewer."""
    digest = hashlib.sha256()
    for chunk in _chunks(source, 0, size, cancellation):
        digest.update(chunk)
    return digest.digest()


def copy_and_hash(source: int, target: int, size: int, cancellation: Cancellation) -> bytes:
    """Copy the first `size` bytes and return the SHA-256 of the copy.

    What is hashed is what was written: a file that changes in between, as it can through a mapping without a
    trace in its stamps, must not get another content's name. Each step is on its way to the disk while it is
    hashed, so the `fsync` at the end has little left to do. A clone costs reading it once from the disk.
    """
    digest = hashlib.sha256()
    for start, count in copy_content(source, target, size, cancellation):
        _sync_file_range(target, start, count, _SYNC_FILE_RANGE_WRITE)
        for chunk in _chunks(target, start, count, cancellation):
            digest.update(chunk)
    return digest.digest()


def copy_content(
    source: int, target: int, size: int, cancellation: Cancellation
) -> Iterator[tuple[int, int]]:
    """Copy the first `size` bytes into an empty file, and yield start and count of each step.

    Blocks are shared (reflink) where the file system can, else the operating system copies them. Raises
    ContentChanged when there are fewer, FileError `no_space`.
    """
    copy = _copy_file_range
    if size > 0 and _clone(source, target):
        yield 0, size
        return
    done = 0
    while done < size:
        cancellation.check()
        try:
            count = copy(source, target, min(_STEP, size - done), done)
        except OSError as error:
            if copy is _send_file or error.errno not in _NO_COPY_FILE_RANGE:
                raise write_failure(error) from error
            count = 0
        if count > 0:
            yield done, count
            done += count
        elif copy is _send_file:
            raise ContentChanged
        else:
            copy = _send_file  # between file systems, or where the first is not to be believed


def write_failure(error: OSError) -> Exception:
    """What a failure to write means: `no_space` for this file, else the end of the operation."""
    if error.errno in SPACE_ERRORS:
        return FileError("no_space", "there was no space left to store it")
    return OperationError("failed", f"Content could not be written: {describe(error)}.")


def _clone(source: int, target: int) -> bool:
    try:
        fcntl.ioctl(target, _FICLONE, source)
    except OSError:
        return False
    return True


def _copy_file_range(source: int, target: int, count: int, offset: int) -> int:
    return os.copy_file_range(source, target, count, offset, offset)


def _send_file(source: int, target: int, count: int, offset: int) -> int:
    os.lseek(target, offset, os.SEEK_SET)
    return os.sendfile(target, source, offset, count)


def _chunks(source: int, start: int, count: int, cancellation: Cancellation) -> Iterator[memoryview]:
    buffer = _buffer()
    end = start + count
    while start < end:
        cancellation.check()
        read = os.preadv(source, [buffer[: min(_BUFFER, end - start)]], start)
        if read == 0:
            raise ContentChanged
        start += read
        yield buffer[:read]


def _buffer() -> memoryview:
    """One per thread, for all it ever reads."""
    buffer = getattr(_buffers, "view", None)
    if buffer is None:
        buffer = _buffers.view = memoryview(bytearray(_BUFFER))
    return buffer
