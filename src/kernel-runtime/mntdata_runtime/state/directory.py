"""The state directory: one server at a time, its run directory, and a record of every kernel."""

import fcntl
import json
import os
import shutil
import tempfile
import time
from dataclasses import asdict
from pathlib import Path
from typing import Any

from mntdata_runtime.cgroups.groups import remove_groups
from mntdata_runtime.launch.channels import LONGEST_SOCKET_PATH
from mntdata_runtime.state.processes import ProcessIdentity

# A kernel's directory and socket below the run directory: "/<20 characters>/s-5".
_SOCKET_SUFFIX = 1 + 20 + len("/s-5")
_SERVER_RECORD = "server.json"
_RUN_PREFIX = "mntdata-"
# How long the service has to ask why a kernel ended.
_END_SECONDS = 600


class StateError(RuntimeError):
    """The state directory cannot be used; the message says why."""


class StateDirectory:
    """`MNTDATA_STATE`, held by one server. `run` is its short directory for sockets (0700)."""

    def __init__(self, root: Path, lock: int, run: Path) -> None:
        self.root = root
        self.run = run
        self.kernels = root / "kernels"
        self.ended = root / "ended"
        self._lock = lock

    @classmethod
    def open(cls, root: Path, patience: float = 5.0) -> "StateDirectory":
        """Take it over: end what an earlier life left running and remove what it left lying.

        Raises StateError when another server still holds it after `patience` seconds.
        """
        root.mkdir(mode=0o700, parents=True, exist_ok=True)
        # Marked close-on-exec by Python, so no kernel can hold the lock.
        lock = os.open(root / "lock", os.O_RDWR | os.O_CREAT, 0o600)
        try:
            _take(lock, root, patience)
            _sweep(root)
            run = _make_run_directory(root)
            state = cls(root, lock, run)
            state.kernels.mkdir(mode=0o700, exist_ok=True)
            state.record_server([])
        except BaseException:
            os.close(lock)
            raise
        return state

    def record_server(self, groups: list[str]) -> None:
        """Say who holds the directory, and which control groups to remove after it."""
        server, service = (ProcessIdentity.of(pid) for pid in (os.getpid(), os.getppid()))
        self.write(
            _SERVER_RECORD,
            {
                "process": server and asdict(server),
                "service": service and asdict(service),
                "run": str(self.run),
                "groups": groups,
            },
        )

    def write(self, name: str, content: dict[str, Any]) -> None:
        """Write a JSON file so that readers see it whole or not at all."""
        path = self.root / name
        temporary = path.with_name(f".{path.name}.{os.getpid()}")
        temporary.write_text(json.dumps(content), encoding="utf-8")
        temporary.replace(path)

    def record_kernel(self, kernel_id: str, room: int, content: dict[str, Any]) -> None:
        """Write `kernels/<kernel_id>.json`; `room` is the process whose end ends the kernel."""
        identity = ProcessIdentity.of(room)
        if identity:
            self.write(f"kernels/{kernel_id}.json", {**content, "process": asdict(identity)})

    def room_of(self, kernel_id: str) -> dict[str, Any] | None:
        """The process in the record of a kernel that lives; None when there is none."""
        return (_read(self.kernels / f"{kernel_id}.json") or {}).get("process")

    def rooms(self) -> list[ProcessIdentity]:
        """The processes in the records of all kernels that live."""
        records = (_read(path) or {} for path in self.kernels.glob("*.json"))
        return [room for record in records if (room := _identity(record, "process"))]

    def end_of(self, kernel_id: str) -> dict[str, Any] | None:
        """What was recorded of a kernel's end; None when nothing was."""
        return _read(self.ended / f"{kernel_id}.json")

    def forget_kernel(self, kernel_id: str) -> None:
        """Remove the record."""
        (self.kernels / f"{kernel_id}.json").unlink(missing_ok=True)

    def record_end(self, kernel_id: str, content: dict[str, Any]) -> None:
        """Write `ended/<kernel_id>.json` for a kernel that ended by itself; it stays for ten minutes."""
        self.ended.mkdir(mode=0o700, exist_ok=True)
        now = time.time()
        for path in self.ended.glob("*.json"):
            if path.stat().st_mtime < now - _END_SECONDS:
                path.unlink()
        self.write(f"ended/{kernel_id}.json", {**content, "ended_at": now})

    def close(self) -> None:
        """Remove the run directory and the records, then let go of the lock."""
        shutil.rmtree(self.run, ignore_errors=True)
        shutil.rmtree(self.kernels, ignore_errors=True)
        for name in (_SERVER_RECORD, "parent.json"):
            (self.root / name).unlink(missing_ok=True)
        os.close(self._lock)


def _take(lock: int, root: Path, patience: float) -> None:
    deadline = time.monotonic() + patience
    while True:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            _end_orphaned_server(root)
            if time.monotonic() > deadline:
                raise StateError(f"Another engine uses the state directory {root}; stop it first.") from error
            time.sleep(0.05)
        else:
            return


def _read(path: Path) -> dict[str, Any] | None:
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None


def _end_orphaned_server(root: Path) -> None:
    """Kill the server that holds the lock, if the service that started it is gone."""
    record = _read(root / _SERVER_RECORD) or {}
    service, server = _identity(record, "service"), _identity(record, "process")
    if service and server and not service.is_running():
        server.end()


def _identity(record: dict[str, Any], key: str) -> ProcessIdentity | None:
    try:
        return ProcessIdentity(**record[key])
    except (TypeError, KeyError):
        return None


def _sweep(root: Path) -> None:
    """End the rooms of an earlier life and remove its directories. Only under the lock."""
    for path in (root / "kernels").glob("*.json"):
        room = _identity(_read(path) or {}, "process")
        if room:
            room.end()
        path.unlink(missing_ok=True)
    record = _read(root / _SERVER_RECORD) or {}
    remove_groups(record.get("groups", []))
    run = Path(record.get("run", ""))
    if run.name.startswith(_RUN_PREFIX):
        shutil.rmtree(run, ignore_errors=True)


def _make_run_directory(root: Path) -> Path:
    """A new private directory whose socket paths are short enough for Linux."""
    runtime = os.environ.get("XDG_RUNTIME_DIR")
    for parent in (root, Path(runtime) if runtime else None, Path(tempfile.gettempdir())):
        if parent is None or not os.access(parent, os.W_OK | os.X_OK):
            continue
        if len(os.fsencode(parent / f"{_RUN_PREFIX}12345678")) + _SOCKET_SUFFIX <= LONGEST_SOCKET_PATH:
            return Path(tempfile.mkdtemp(prefix=_RUN_PREFIX, dir=parent))
    raise StateError("No directory for sockets is both writable and short enough.")
