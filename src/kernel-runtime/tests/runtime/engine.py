"""A real engine: the server process, its HTTP interface, and kernels over its websockets."""

import asyncio
import json
import os
import secrets
import shutil
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from pathlib import Path

from identity import AS_ROOT, SERVICE_UID, WORKSPACE_UID, as_user
from tornado.httpclient import HTTPRequest
from tornado.websocket import websocket_connect

from mntdata_runtime.cgroups.groups import remove_groups

TOKEN = "token-of-the-tests"


class Engine:
    """Started and stopped as the service does it. `root`: as whom; `settings`: more environment."""

    def __init__(self, root, directory=None, **settings):
        self.root = root
        self.directory = directory or Path(tempfile.mkdtemp(prefix="engine-"))
        self.workspaces = self.directory / "workspaces"
        self.state = self.directory / "engine"
        self.workspaces.mkdir(exist_ok=True)
        self.directory.chmod(0o755)
        if AS_ROOT and not root:
            for path in (self.directory, self.workspaces):
                os.chown(path, SERVICE_UID, SERVICE_UID)
        command = [sys.executable, "-I", "-m", "mntdata_runtime.server"]
        self.process = subprocess.Popen(
            command if root else as_user(command),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env={
                "PATH": os.environ["PATH"],
                "JUPYTER_TOKEN": TOKEN,
                "MNTDATA_WORKSPACES": str(self.workspaces),
                "MNTDATA_STATE": str(self.state),
                **settings,
            },
            start_new_session=True,
        )
        line = self.process.stdout.readline()
        if not line:
            raise RuntimeError(f"the engine did not start: {self.process.wait(10)}")
        self.url = json.loads(line)["url"]

    @property
    def pid(self):
        """The server itself; what dropped its privileges became it by exec."""
        return self.process.pid

    def call(self, method, path, body=None, token=TOKEN):
        """Status and decoded answer (text when it is no JSON)."""
        request = urllib.request.Request(
            self.url + path,
            method=method,
            data=None if body is None else json.dumps(body).encode(),
            headers={"Authorization": f"token {token}"} if token else {},
        )
        try:
            with urllib.request.urlopen(request, timeout=60) as answer:
                status, text = answer.status, answer.read()
        except urllib.error.HTTPError as error:
            status, text = error.code, error.read()
        try:
            return status, json.loads(text)
        except ValueError:
            return status, text.decode()

    def workspace(self, name=None):
        """A new workspace directory, as the service makes it."""
        path = self.workspaces / (name or secrets.token_hex(16))
        path.mkdir(mode=0o700)
        if AS_ROOT:
            owner = WORKSPACE_UID + len(list(self.workspaces.iterdir())) if self.root else SERVICE_UID
            os.chown(path, owner, owner)
        return path

    def kernel(self, workspace=None):
        """A kernel in a workspace, connected."""
        workspace = workspace or self.workspace()
        status, answer = self.call("POST", "api/kernels", {"name": "mntdata", "path": workspace.name})
        if status != 201:
            raise RuntimeError(f"{status}: {answer}")
        return Kernel(self, answer["id"], workspace)

    def record(self, kernel_id):
        """What the state directory says of a running kernel; None when nothing."""
        return read_json(self.state / "kernels" / f"{kernel_id}.json")

    def growth(self, before):
        """What is more now than in the footprint `before`: numbers, and new entries of lists."""
        more = {
            name: sorted(set(now) - set(before[name]))
            if isinstance(now, list)
            else max(0, now - before[name])
            for name, now in self.footprint().items()
        }
        return {name: what for name, what in more.items() if what}

    def ended(self, kernel_id):
        """What the state directory says of a kernel that ended by itself."""
        return read_json(self.state / "ended" / f"{kernel_id}.json")

    def footprint(self):
        """What must be the same before and after a kernel: processes, descriptors, directories, groups."""
        server = json.loads((self.state / "server.json").read_text())
        return {
            "processes": len(descendants(self.pid)),
            "descriptors": len(os.listdir(f"/proc/{self.pid}/fd")),
            "sockets": sorted(os.listdir(server["run"])),
            "records": sorted(os.listdir(self.state / "kernels")),
            "groups": [
                entry.path for path in server["groups"] for entry in os.scandir(path) if entry.is_dir()
            ],
        }

    def parent_pid(self):
        """The preloaded parent, when it is ready; None while there is none."""
        return (read_json(self.state / "parent.json") or {}).get("pid")

    def wait_for_parent(self):
        """Wait until kernels are forked."""
        wait_until(self.parent_pid, 60, "the parent is ready")

    def stop(self):
        """Let go of the lifeline; returns how long it took to end."""
        began = time.monotonic()
        self.process.stdin.close()
        self.process.wait(30)
        self.process.stdout.close()
        return time.monotonic() - began

    def remove(self):
        if self.process.poll() is None:
            self.stop()
        # Of one that was killed; its successor would have done it.
        remove_groups((read_json(self.state / "server.json") or {}).get("groups", []))
        shutil.rmtree(self.directory, ignore_errors=True)


class Kernel:
    """One kernel over the server's websocket."""

    def __init__(self, engine, kernel_id, workspace):
        self.engine = engine
        self.id = kernel_id
        self.workspace = workspace
        self._loop = asyncio.new_event_loop()
        self._session = secrets.token_hex(16)
        self._socket = self._loop.run_until_complete(self._connect())

    async def _connect(self):
        url = f"ws{self.engine.url[4:]}api/kernels/{self.id}/channels?session_id={self._session}"
        request = HTTPRequest(url, headers={"Authorization": f"token {TOKEN}"})
        return await websocket_connect(request, max_message_size=1 << 30)

    def reconnect(self):
        """After the server closed the connection."""
        self._socket = self._loop.run_until_complete(self._connect())

    def send(self, code):
        """Ask for an execution without waiting for it; returns the id of the message."""
        message_id = secrets.token_hex(16)
        header = {"msg_id": message_id, "username": "", "session": self._session}
        message = {
            "header": {**header, "msg_type": "execute_request", "version": "5.3"},
            "parent_header": {},
            "metadata": {},
            "channel": "shell",
            "buffers": [],
            "content": {"code": code, "silent": False, "allow_stdin": True, "stop_on_error": True},
        }

        async def write():
            await self._socket.write_message(json.dumps(message))

        self._loop.run_until_complete(write())
        return message_id

    def run(self, code, timeout=60):
        """Execute and collect."""
        return self.collect(self.send(code), timeout)

    def collect(self, message_id, timeout=60):
        """The result of an execution, or of the death of the kernel."""
        return self._loop.run_until_complete(asyncio.wait_for(self._collect(message_id), timeout))

    async def _collect(self, message_id):
        result = Result()
        replied = idle = False
        while not (replied and idle):
            text = await self._socket.read_message()
            if text is None:
                result.died = True
                return result
            message = json.loads(text)
            kind, content = message["header"]["msg_type"], message["content"]
            if kind == "status" and content["execution_state"] == "dead":
                result.died = True
                return result
            if message["parent_header"].get("msg_id") == message_id:
                replied = replied or kind == "execute_reply"
                idle = idle or (kind == "status" and content["execution_state"] == "idle")
                result.add(kind, content)
        return result

    def value(self, code):
        """The value of an expression, as its repr says it; fails on an error."""
        result = self.run(f"print(repr({code}))")
        assert result.error is None, result.error
        return eval(result.stdout)

    def interrupt(self):
        assert self.engine.call("POST", f"api/kernels/{self.id}/interrupt")[0] == 204

    def interrupt_until(self, message_id, timeout=20):
        """Interrupt, again if the code had not begun yet, and return the result."""
        deadline = time.monotonic() + timeout
        collecting = self._loop.create_task(self._collect(message_id))
        while not collecting.done():
            assert time.monotonic() < deadline, "the code did not obey"
            self.interrupt()
            self._loop.run_until_complete(asyncio.wait([collecting], timeout=0.5))
        return collecting.result()

    def restart(self):
        """The old connection may miss what the new kernel says first; clients make a new one."""
        assert self.engine.call("POST", f"api/kernels/{self.id}/restart")[0] == 200
        self._socket.close()
        self._socket = self._loop.run_until_complete(self._connect())

    def room_pid(self):
        return self.engine.record(self.id)["pid"]

    def process(self):
        """The pid of the kernel process, outside."""
        inner = self.value("__import__('os').getpid()")
        for pid in processes():
            numbers = inner_pids(pid)
            if len(numbers) > 1 and numbers[-1] == inner and same_namespace(pid, self.room_pid()):
                return pid
        return None

    def forked(self):
        """Whether it came from the preloaded parent."""
        return b"mntdata_runtime.parent" in command_of(self.process())

    def close(self):
        self._socket.close()
        self._loop.run_until_complete(asyncio.sleep(0))
        self._loop.close()

    def delete(self):
        status, _ = self.engine.call("DELETE", f"api/kernels/{self.id}")
        self.close()
        return status


class Result:
    def __init__(self):
        self._clear()
        self._clear_next = False
        self.error = None
        self.updates = []
        self.lost = {}
        self.died = False

    def _clear(self):
        self.stdout = self.stderr = ""
        self.displays = []
        self.value = None

    def add(self, kind, content):
        if self._clear_next and kind in ("stream", "display_data", "execute_result", "error"):
            self._clear_next = False
            self._clear()
        if kind == "clear_output":
            self._clear_next = content["wait"]
            if not content["wait"]:
                self._clear()
        elif kind == "stream":
            setattr(self, content["name"], getattr(self, content["name"]) + content["text"])
        elif kind == "execute_result":
            self.value = content["data"]["text/plain"]
        elif kind == "display_data":
            self.displays.append(content["data"])
        elif kind == "update_display_data":
            self.updates.append(content["data"])
        elif kind == "mntdata_output_lost":
            self.lost = content
        elif kind == "error":
            self.error = (content["ename"], content["evalue"])


def read_json(path):
    try:
        return json.loads(path.read_text())
    except FileNotFoundError:
        return None


def processes():
    return [int(name) for name in os.listdir("/proc") if name.isdecimal()]


def command_of(pid):
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return b""


def children(pid):
    try:
        return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    except OSError:
        return []


def descendants(pid):
    found = []
    for child in children(pid):
        found += [child, *descendants(child)]
    return found


def inner_pids(pid):
    """The numbers of a process, from the outermost pid namespace that we see to its own."""
    try:
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    except OSError:
        return []
    return [int(n) for line in lines if line.startswith("NSpid:") for n in line.split()[1:]]


def same_namespace(one, other):
    try:
        return os.readlink(f"/proc/{one}/ns/pid") == os.readlink(f"/proc/{other}/ns/pid")
    except OSError:
        return False


def is_running(pid):
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] not in "ZX"
    except OSError:
        return False


def wait_until(condition, timeout, what):
    """Poll; the only way to see the end of processes that are not ours to wait for."""
    deadline = time.monotonic() + timeout
    while not condition():
        assert time.monotonic() < deadline, f"{what() if callable(what) else what}: not within {timeout} s"
        time.sleep(0.02)
