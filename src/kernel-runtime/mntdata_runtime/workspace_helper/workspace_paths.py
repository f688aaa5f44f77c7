"""Names that the service sends: checked here too, since they meet the file system here."""

import re
from typing import Any

from .descriptors import MAX_PATH_BYTES
from .entries import path_from_wire
from .failures import FileError, OperationError

_DIRECTORY = re.compile(r"[0-9A-Za-z_-]{1,64}").fullmatch


def directory_name(value: Any) -> str:
    """The opaque name of a workspace's directory; raises OperationError `invalid_request`."""
    if not isinstance(value, str) or _DIRECTORY(value) is None:
        raise OperationError("invalid_request", f"{value!r} is no name of a workspace directory.")
    return value


def relative_parts(path: str) -> list[str]:
    """Components of a path inside a workspace, from the wire; raises FileError when it leads elsewhere."""
    parts = path_from_wire(path).split("/")
    if any(part in ("", ".", "..") or "\0" in part for part in parts):
        raise FileError("invalid_path", "it is not a path below the workspace")
    if len(path) > MAX_PATH_BYTES:
        raise FileError("path_too_long", "its path is too long")
    return parts
