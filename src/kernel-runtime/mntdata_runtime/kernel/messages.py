"""How the kernel writes its messages."""

import json
from typing import Any

from jupyter_client.jsonutil import json_clean, json_default


def pack(message: Any) -> bytes:
    r"""JSON in ASCII. A lone surrogate stays what Python has, as `\ud800`.

    jupyter_client's own packer writes UTF-8, which has no lone surrogates, and fails on them: the
    output would be lost.
    """
    try:
        return _dump(message)
    except (TypeError, ValueError):
        # NaN, keys that are no strings, objects without a JSON form: as jupyter_client does.
        return _dump(json_clean(message))


def _dump(message: object) -> bytes:
    return json.dumps(message, default=json_default, allow_nan=False).encode("ascii")
