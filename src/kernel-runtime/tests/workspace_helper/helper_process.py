"""The helper as the service runs it: a process, JSON lines."""

import json
import os
import subprocess
import sys
import threading
from concurrent.futures import Future
from pathlib import Path

RUN = "from mntdata_runtime.workspace_helper.__main__ import main; import sys; sys.exit(main())"
# The interpreter may lie where the other user cannot read: what is imported late is imported before.
RUN_AS = (
    "import encodings.latin_1, locale, os, shutil; os.setgroups([]); os.setgid({uid}); os.setuid({uid}); "
    + RUN
)


class HelperError(Exception):
    def __init__(self, error):
        super().__init__(f"{error['code']}: {error['message']}")
        self.code = error["code"]


class HelperProcess:
    def __init__(self, base: Path, uid=None):
        self.workspaces, self.staging, self.trash = (
            base / name for name in ("workspaces", "staging", "trash")
        )
        directories = ["--workspaces", self.workspaces, "--staging", self.staging, "--trash", self.trash]
        if uid is None:
            program = ["-I", "-m", "mntdata_runtime.workspace_helper"]
        else:
            imports = "from mntdata_runtime.workspace_helper import __main__; "
            program = ["-I", "-c", imports + RUN_AS.format(uid=uid)]
        self.process = subprocess.Popen(
            [sys.executable, *program, *map(str, directories)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )
        self.pid = self.process.pid
        self._answers: dict[int, Future] = {}
        self._last = 0
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def ask(self, op, **fields) -> Future:
        self._last += 1
        answer = self._answers[self._last] = Future()
        answer.request_id = self._last
        self.send({"id": self._last, "op": op, **fields})
        return answer

    def call(self, op, **fields):
        return self.ask(op, **fields).result(timeout=60)

    def send(self, request):
        self.process.stdin.write(json.dumps(request).encode() + b"\n")
        self.process.stdin.flush()

    def read_bytes(self) -> int:
        """Bytes that the helper has read since it began."""
        lines = Path(f"/proc/{self.pid}/io").read_text().splitlines()
        return int(dict(line.split(": ") for line in lines)["rchar"])

    def stop(self) -> int:
        self.process.stdin.close()
        status = self.process.wait(timeout=20)
        self._reader.join()
        self.process.stdout.close()
        return status

    def kill(self):
        self.process.kill()
        self.stop()

    def _read(self):
        for line in self.process.stdout:
            answer = json.loads(line)
            future = self._answers.pop(answer["id"])
            if "error" in answer:
                future.set_exception(HelperError(answer["error"]))
            else:
                future.set_result(answer["ok"])
        for future in self._answers.values():
            future.set_exception(ConnectionError("the helper ended"))


def wire(path) -> str:
    return os.fsencode(path).decode("latin-1")
