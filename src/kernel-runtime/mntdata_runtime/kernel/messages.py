"""How the kernel writes its messages."""

import json
from typing import Any

from jupyter_client.jsonutil import json_clean, json_default


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
