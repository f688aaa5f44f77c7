"""Runs code in a live kernel over plain ZMQ; JSON lines in, JSON lines out.

`{"connect": "<connection file>"}` → `{}`; `{"run": "<code>"}` → `{"ms": <until idle and replied>, "ok": <whether>}`.
"""

import json
import sys
import time

from jupyter_client import BlockingKernelClient


def run(client: BlockingKernelClient, code: str) -> dict[str, object]:
    """How long it took until the kernel replied and all output came."""
    start = time.perf_counter()
    reply = client.execute_interactive(code, output_hook=lambda message: None, timeout=60)
    return {"ms": (time.perf_counter() - start) * 1000, "ok": reply["content"]["status"] == "ok"}


def main() -> None:
    """Serve until standard input closes."""
    client = BlockingKernelClient()
    for line in sys.stdin:
        request = json.loads(line)
        answer: dict[str, object] = {}
        if "connect" in request:
            client.load_connection_file(request["connect"])
            client.start_channels(hb=False)
            client.wait_for_ready(timeout=60)
        else:
            answer = run(client, request["run"])
        print(json.dumps(answer), flush=True)


main()
