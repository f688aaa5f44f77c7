"""What a plain kernel shows for each snippet, as `jupyter_client` sees it: JSON by name on standard output.

Arguments: the snippets' file, and a directory to work in.
"""

import json
import sys
from pathlib import Path
from typing import Any

from jupyter_client.manager import KernelManager

DEADLINE = 60


def shown_by(client: Any, code: str) -> dict[str, Any]:
    """Run one snippet; streams joined, displays with their types, the error if there was one."""
    seen: dict[str, Any] = {"stdout": "", "stderr": "", "displays": [], "error": None}

    def hear(message: dict[str, Any]) -> None:
        kind, content = message["msg_type"], message["content"]
        if kind == "stream":
            seen[content["name"]] += content["text"]
        elif kind in ("display_data", "execute_result", "update_display_data"):
            seen["displays"].append({"kind": kind, "data": content["data"]})
        elif kind == "error":
            seen["error"] = {"name": content["ename"], "value": content["evalue"]}
        elif kind == "clear_output":
            seen["cleared"] = True

    reply = client.execute_interactive(
        code, timeout=DEADLINE, allow_stdin=False, output_hook=hear, stop_on_error=False
    )
    return {**seen, "status": reply["content"]["status"]}


def main() -> None:
    """Run all snippets, each in a kernel that the others did not touch."""
    snippets = json.loads(Path(sys.argv[1]).read_text())
    manager = KernelManager(kernel_name="python3")
    environment = {"MPLBACKEND": "module://matplotlib_inline.backend_inline"}
    manager.start_kernel(cwd=sys.argv[2], env={**environment, "PATH": "/usr/bin:/bin"})
    client = manager.client()
    client.start_channels()
    try:
        client.wait_for_ready(timeout=DEADLINE)
        shown = {}
        for name, code in snippets.items():
            shown[name] = shown_by(client, code)
            client.execute_interactive("%reset -f", timeout=DEADLINE, silent=True)
        print(json.dumps(shown))
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)


main()
