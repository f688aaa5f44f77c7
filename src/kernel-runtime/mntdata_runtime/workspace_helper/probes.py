"""Small files by which service and kernel prove to each other that they see the same workspace."""

import os
import stat
from contextlib import suppress
from typing import Any

from .descriptors import closing, open_regular
from .failures import FileError, OperationError

MAX_BYTES = 64 << 10


def write_probe(root: int, name: str, content: bytes, uid: int | None) -> None:
    """Write a new file of mode 0644 at the top of a workspace, in place of one of that name."""
    _require_name(name)
    with suppress(FileNotFoundError):
        os.unlink(name, dir_fd=root)
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW
    with closing(os.open(name, flags, 0o600, dir_fd=root)) as descriptor:
        os.write(descriptor, content)
        if uid is not None:
            os.fchown(descriptor, uid, uid)
        os.fchmod(descriptor, 0o644)


def read_probe(root: int, name: str) -> dict[str, Any] | None:
    """Content (latin-1), owner and mode of a file at the top of a workspace; None when there is none."""
    _require_name(name)
    try:
        with closing(open_regular(name, root)) as descriptor:
            status = os.fstat(descriptor)
            content = os.read(descriptor, MAX_BYTES)
    except FileNotFoundError:
        return None
    except FileError as failure:
        raise OperationError("failed", failure.message) from failure
    return {
        "content": content.decode("latin-1"),
        "uid": status.st_uid,
        "gid": status.st_gid,
        "mode": stat.S_IMODE(status.st_mode),
    }


def _require_name(name: str) -> None:
    if not name or "/" in name or "\0" in name or name in (".", ".."):
        raise OperationError("invalid_request", f"{name!r} is no name of a file.")
