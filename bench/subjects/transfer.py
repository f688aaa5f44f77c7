"""A client that costs little: moves one file over HTTP in pieces of 1 MiB and tells what it took, as JSON.

`transfer.py get <url> <authorization>`, `transfer.py put|post <url> <authorization> <file>`; `post` sends
the file as a form with the message id `upload`, as a browser does.
"""

import json
import os
import sys
import time
from collections.abc import Iterator
from http.client import HTTPConnection
from urllib.parse import urlsplit

PIECE = 1 << 20
BOUNDARY = "transfer-boundary"


def pieces(path: str, head: bytes, tail: bytes) -> Iterator[memoryview | bytes]:
    """The file between what the form says before and after it."""
    yield head
    buffer = memoryview(bytearray(PIECE))
    with open(path, "rb", buffering=0) as file:
        while count := file.readinto(buffer):
            yield buffer[:count]
    yield tail


def form() -> tuple[bytes, bytes]:
    """What stands before and after the file."""
    disposition = 'Content-Disposition: form-data; name="{}"'
    field = f"--{BOUNDARY}\r\n{disposition.format('message_id')}\r\n\r\nupload\r\n"
    part = f'--{BOUNDARY}\r\n{disposition.format("file")}; filename="large.bin"\r\n\r\n'
    return (field + part).encode(), f"\r\n--{BOUNDARY}--\r\n".encode()


def main() -> None:
    """Do as the arguments say; fails when the server does not answer with success."""
    method, url, authorization, *rest = sys.argv[1:]
    address = urlsplit(url)
    connection = HTTPConnection(address.hostname or "", address.port, blocksize=PIECE)
    headers = {"Authorization": authorization}
    body = None
    if rest:
        head, tail = form() if method == "post" else (b"", b"")
        headers["Content-Length"] = str(len(head) + os.path.getsize(rest[0]) + len(tail))
        if method == "post":
            headers["Content-Type"] = f"multipart/form-data; boundary={BOUNDARY}"
        body = pieces(rest[0], head, tail)
    start = time.perf_counter()
    connection.request(method.upper(), address.path, body, headers)
    response = connection.getresponse()
    buffer = memoryview(bytearray(PIECE))
    size = 0
    while count := response.readinto(buffer):
        size += count
    if response.status >= 300:
        sys.exit(f"{method} {url} was answered with {response.status}: {bytes(buffer[:300])!r}")
    print(json.dumps({"ms": (time.perf_counter() - start) * 1000, "bytes": size}))


main()
