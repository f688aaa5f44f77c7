"""Entries of a manifest, packed: tens of thousands of them are held per workspace and compared per
run.

A packed entry is size, mtime, ctime and inode (8 bytes each), flags (1 byte), and the SHA-256 (32
bytes) when the content is known. Its first 32 bytes are compared with those of a fresh `stat`.

Paths are `str` as `os.scandir` gives them (undecodable bytes as surrogates); on the wire they are
the latin-1 decoding of their bytes.
"""

import os
import struct
import time
from collections.abc import Iterable, Mapping
from typing import Any

STAMPS_LENGTH = 32
RACY = 1
RACY_WINDOW_NS = 20_000_000
"""Wider than a tick of any kernel's clock (at most 10 ms): a later change gets another stamp."""

_STAMPS = struct.Struct("<qqqQ")
_MASK = (1 << 64) - 1

Manifest = dict[str, bytes]


def pack_stamps(status: os.stat_result) -> bytes:
    """The part of a packed entry that tells whether a file may have changed."""
    size, mtime, ctime, inode = (
        status.st_size,
        status.st_mtime_ns,
        status.st_ctime_ns,
        status.st_ino,
    )
    try:
        return _STAMPS.pack(size, mtime, ctime, inode)
    except struct.error:
        # Times beyond 1677-2262 do not fit into 64 bits of nanoseconds; anyone can set them.
        return _STAMPS.pack(size, _wrapped(mtime), _wrapped(ctime), inode)


def pack_entry(stamps: bytes, racy: bool, digest: bytes | None) -> bytes:
    """An entry of these stamps; no digest when the content is not known."""
    return stamps + (b"\x01" if racy else b"\x00") + (digest or b"")


def digest_of(entry: bytes) -> bytes | None:
    """The SHA-256 that the entry recorded."""
    return entry[STAMPS_LENGTH + 1 :] or None


def size_of(entry: bytes) -> int:
    """The size in bytes that the entry recorded."""
    return _STAMPS.unpack_from(entry)[0]


def is_racy(status: os.stat_result, looked_at: int) -> bool:
    """Whether a change after `looked_at` (ns, before the content was read) may leave the stamps as
    they are.

    The kernel stamps changes with a clock that ticks every few milliseconds: as with git's index,
    an entry that was changed just before it was looked at cannot be trusted by its stamps.
    """
    return (
        status.st_ctime_ns >= looked_at - RACY_WINDOW_NS
        or abs(status.st_mtime_ns - looked_at) <= RACY_WINDOW_NS
    )


def outlast_race(status: os.stat_result) -> None:
    """Wait until the file's stamps are no longer racy; at most the window, whatever its stamps say."""
    age = time.time_ns() - max(status.st_ctime_ns, status.st_mtime_ns)
    if 0 <= age <= RACY_WINDOW_NS:
        time.sleep((RACY_WINDOW_NS - age) / 1e9 + 0.001)


def path_to_wire(path: str) -> str:
    """The latin-1 decoding of the path's bytes."""
    return os.fsencode(path).decode("latin-1")


def path_from_wire(path: str) -> str:
    """The path as `os.scandir` would give it."""
    return os.fsdecode(path.encode("latin-1"))


def stamps_to_wire(stamps: bytes, racy: bool) -> dict[str, Any]:
    """Times and inode as decimal strings: JavaScript's numbers are too short for them."""
    _, mtime, ctime, inode = _STAMPS.unpack(stamps)
    return {"mtimeNs": str(mtime), "ctimeNs": str(ctime), "inode": str(inode), "racy": racy}


def manifest_from_wire(entries: Iterable[Mapping[str, Any]]) -> Manifest:
    """Pack `{path, size, mtimeNs, ctimeNs, inode, racy, sha256}`; stamps and sha256 may be null.

    Without stamps the file was not seen since it was placed: no inode is 0, so it is looked at.
    """
    manifest: Manifest = {}
    for entry in entries:
        unseen = entry["inode"] is None
        stamps = _STAMPS.pack(
            entry["size"],
            0 if unseen else _wrapped(int(entry["mtimeNs"])),
            0 if unseen else _wrapped(int(entry["ctimeNs"])),
            0 if unseen else int(entry["inode"]),
        )
        digest = None if entry["sha256"] is None else bytes.fromhex(entry["sha256"])
        manifest[path_from_wire(entry["path"])] = pack_entry(stamps, entry["racy"], digest)
    return manifest


def _wrapped(value: int) -> int:
    value &= _MASK
    return value - (1 << 64) if value >> 63 else value
