"""Requests as JSON lines on one stream, answers on the other, in any order.

`{"id", "op", ...}` is answered by `{"id", "ok": ...}` or `{"id", "error": {"code", "message"}}`.
`{"op": "cancel", "target": id}` has no answer of its own: the target's is `cancelled`, unless it
was faster. Paths inside a workspace are the latin-1 decoding of their bytes.
"""

import json
import sys
import threading
import traceback
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any, BinaryIO

from .cancellation import Cancellation
from .failures import OperationError, describe
from .operations import Operation, Request

_WORKERS = 16


class Server:
    """Serves requests until their stream ends; then stops what is still going on and returns."""

    def __init__(self, operations: Mapping[str, Operation], requests: BinaryIO, answers: BinaryIO) -> None:
        self._operations = operations
        self._requests = requests
        self._answers = answers
        self._writing = threading.Lock()
        self._running: dict[Any, Cancellation] = {}
        self._workers = ThreadPoolExecutor(_WORKERS, thread_name_prefix="operation")

    def serve(self) -> None:
        """Read requests until the end of the stream, which is the helper's lifeline."""
        try:
            for line in self._requests:
                self._accept(json.loads(line))
        finally:
            for cancellation in list(self._running.values()):
                cancellation.cancel()
            self._workers.shutdown(cancel_futures=True)

    def _accept(self, request: Request) -> None:
        if request["op"] == "cancel":
            running = self._running.get(request["target"])
            if running is not None:
                running.cancel()
            return
        cancellation = self._running[request["id"]] = Cancellation()
        self._workers.submit(self._run, request, cancellation)

    def _run(self, request: Request, cancellation: Cancellation) -> None:
        try:
            cancellation.check()
            operation = self._operations.get(request["op"])
            if operation is None:
                raise OperationError("invalid_request", f"There is no operation {request['op']!r}.")
            answer: dict[str, Any] = {"ok": operation(request, cancellation)}
        except OperationError as error:
            answer = _failure(error.code, error.message)
        except OSError as error:
            _report()
            answer = _failure("failed", f"The operation failed: {describe(error)}.")
        except Exception as error:
            _report()
            answer = _failure("failed", f"The operation failed: {type(error).__name__}.")
        del self._running[request["id"]]
        self._send({"id": request["id"], **answer})

    def _send(self, answer: Mapping[str, Any]) -> None:
        line = json.dumps(answer, separators=(",", ":")).encode() + b"\n"
        with self._writing:
            try:
                self._answers.write(line)
                self._answers.flush()
            except BrokenPipeError:
                return  # the service is gone, and so is the lifeline


def _failure(code: str, message: str) -> dict[str, Any]:
    return {"error": {"code": code, "message": message}}


def _report() -> None:
    sys.stderr.write(traceback.format_exc())
    sys.stderr.flush()
