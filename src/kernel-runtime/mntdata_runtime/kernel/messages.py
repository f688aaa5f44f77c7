"""How the kernel writes its messages."""

import json
from typing import Any

from jupyter_client.jsonutil import json_clean, json_default
from jupyter_client.session import Session

from mntdata_runtime.kernel.output import MEBIBYTE

# The service takes 32 MiB in all.
_LARGEST_MESSAGE = 31 * MEBIBYTE


def pack(message: Any) -> bytes:
    r"""JSON in UTF-8, or in ASCII where it holds a lone surrogate, which stays what it is: `\ud800`.

    UTF-8 has no lone surrogates; jupyter_client's own packer fails on them, and the output is lost.
    """
    try:
        text = _dump(message, ensure_ascii=False)
    except (TypeError, ValueError):
        # NaN, keys that are no strings, objects without a JSON form: as jupyter_client does.
        message = json_clean(message)
        text = _dump(message, ensure_ascii=False)
    try:
        return text.encode()
    except UnicodeEncodeError:
        return _dump(message, ensure_ascii=True).encode("ascii")


def _dump(message: object, ensure_ascii: bool) -> str:
    return json.dumps(message, default=json_default, allow_nan=False, ensure_ascii=ensure_ascii)


class BoundedSession(Session):
    """Refuses what nobody would take, where it comes into being.

    A longer message would cut its channel, and take along what is under way.
    """

    def send(
        self,
        stream: Any,
        msg_or_type: dict[str, Any] | str,
        content: dict[str, Any] | None = None,
        parent: dict[str, Any] | None = None,
        ident: bytes | list[bytes] | None = None,
        buffers: list[Any] | None = None,
        track: bool = False,
        header: dict[str, Any] | None = None,
        metadata: dict[str, Any] | None = None,
    ) -> dict[str, Any] | None:
        """As in Jupyter; raises ValueError for a message that is too long."""
        message = msg_or_type
        if isinstance(message, str):
            message = self.msg(message, content, parent, header, metadata)
        message = {**message, "buffers": buffers or message.get("buffers") or []}
        return super().send(stream, message, ident=ident, track=track)

    def serialize(self, msg: dict[str, Any], ident: bytes | list[bytes] | None = None) -> list[bytes]:
        """As in Jupyter; raises ValueError for a message that is too long."""
        parts = super().serialize(msg, ident)
        buffers = msg.get("buffers", [])
        size = sum(map(len, parts)) + sum(memoryview(buffer).nbytes for buffer in buffers)
        if size > _LARGEST_MESSAGE:
            kind = msg["header"]["msg_type"]
            raise ValueError(
                f"A message ({kind}) of {size / MEBIBYTE:.0f} MiB is more than can be shown or sent: "
                f"{_LARGEST_MESSAGE // MEBIBYTE} MiB at most. Write it to a file."
            )
        return parts
