"""A room: namespaces and mounts that bubblewrap makes, held open by a `cat` that nobody talks to."""

import json
import os
import shutil
import signal
import subprocess
from contextlib import ExitStack, suppress
from dataclasses import dataclass

from mntdata_runtime.asynchronous import exited, readable
from mntdata_runtime.rooms.mounts import MountPlan


class RoomError(RuntimeError):
    """A room could not be built; the message says what bubblewrap said."""


@dataclass(frozen=True)
class RoomPlan:
    """Mounts and the compiled seccomp filter, which the room's own two processes also get."""

    mounts: MountPlan
    seccomp: bytes


class Room:
    """One room. `pidfd` refers to its pid 1, whose end is the end of everything inside.

    `cat` tells by an echo that every mount stands, and leaves when its input closes; so the room cannot
    outlive this process, whatever becomes of `--die-with-parent`.
    """

    def __init__(self, bwrap: "subprocess.Popen[bytes]") -> None:
        self._bwrap = bwrap
        self.pidfd: int | None = None
        self.pid = 0

    @classmethod
    async def build(cls, plan: RoomPlan, timeout: float = 10.0) -> "Room":
        """Build it within `timeout` seconds; raises RoomError or TimeoutError, leaving nothing behind."""
        with ExitStack() as held:
            out, into = os.pipe()
            info = held.enter_context(open(out, "rb", buffering=0))
            teller = held.enter_context(open(into, "wb", buffering=0))
            room = cls(_start(plan, teller.fileno()))
            teller.close()
            try:
                await room._wait_until_mounted(timeout)
                room._hold(json.loads(info.read(4096))["child-pid"])
            except BaseException:
                await room.close()
                raise
        return room

    async def _wait_until_mounted(self, timeout: float) -> None:
        assert self._bwrap.stdin
        assert self._bwrap.stdout
        assert self._bwrap.stderr
        with suppress(BrokenPipeError):  # the reason then stands on stderr
            self._bwrap.stdin.write(b"\n")
        await readable(self._bwrap.stdout.fileno(), timeout)
        if not self._bwrap.stdout.read(1):
            said = self._bwrap.stderr.read(2000).decode(errors="replace").strip()
            raise RoomError(said or "bubblewrap ended without a word")
        # Processes of the same uid inside could open the other ends through /proc.
        self._bwrap.stdout.close()
        self._bwrap.stderr.close()

    def _hold(self, pid: int) -> None:
        self.pid = pid
        self.pidfd = os.pidfd_open(pid)
        if self._bwrap.poll() is not None:
            raise RoomError("the room ended while it was being built")

    async def close(self, timeout: float = 5.0) -> None:
        """End everything inside; returns when it is gone. Calling it again does nothing."""
        pidfd, self.pidfd = self.pidfd, None
        if pidfd is not None:
            try:
                with suppress(ProcessLookupError):
                    signal.pidfd_send_signal(pidfd, signal.SIGKILL)
                # Linux reports pid 1 dead only after all others of its namespace are.
                await readable(pidfd, timeout)
            finally:
                os.close(pidfd)
        assert self._bwrap.stdin
        # bubblewrap ends when `cat` does. Killed while it builds, it would leave a pid 1 behind that has not
        # asked yet to end with it.
        self._bwrap.stdin.close()
        try:
            await exited(self._bwrap, timeout)
        except TimeoutError:
            self._bwrap.kill()
            await exited(self._bwrap, timeout)
        await self._wait_until_unheld(timeout)
        for stream in (self._bwrap.stdout, self._bwrap.stderr):
            if stream:
                stream.close()

    async def _wait_until_unheld(self, timeout: float) -> None:
        """Wait for a pid 1 that was not known yet."""
        output = self._bwrap.stdout
        assert output
        while not output.closed:
            await readable(output.fileno(), timeout)
            if not output.read(1):
                output.close()


def _start(plan: RoomPlan, info: int) -> "subprocess.Popen[bytes]":
    """bubblewrap with nothing in its environment and argv: both can be read inside."""
    with ExitStack() as held:

        def descriptor_of(content: bytes) -> int:
            memory = held.enter_context(open(os.memfd_create("room"), "w+b", buffering=0))
            memory.write(content)
            memory.seek(0)
            return memory.fileno()

        files = {path: descriptor_of(content) for path, content in plan.mounts.files.items()}
        seccomp = descriptor_of(plan.seccomp)
        arguments = [
            *_namespaces(),
            *plan.mounts.arguments(files),
            *("--info-fd", str(info), "--seccomp", str(seccomp)),
        ]
        told = descriptor_of(b"".join(os.fsencode(argument) + b"\0" for argument in arguments))
        return subprocess.Popen(
            [program("bwrap"), "--args", str(told), "--", program("cat")],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            bufsize=0,
            pass_fds=(info, told, seccomp, *files.values()),
            env={},
            cwd="/",
            start_new_session=True,
        )


def _namespaces() -> list[str]:
    arguments = ["--die-with-parent", "--unshare-ipc", "--unshare-pid", "--unshare-net"]
    arguments += ["--unshare-uts", "--unshare-cgroup-try", "--hostname", "mntdata"]
    if os.geteuid() == 0:
        # In a user namespace of its own, uid 0 would still be the real one outside. Without it the
        # kernel gets the uid of its workspace, and the room's own processes get no capability.
        return [*arguments, "--cap-drop", "ALL"]
    return [*arguments, "--unshare-user", "--uid", "1000", "--gid", "1000", "--disable-userns"]


def program(name: str) -> str:
    """The absolute path of a program; raises RoomError when the system does not have it."""
    found = shutil.which(name, path=os.environ.get("PATH", os.defpath))
    if found is None:
        raise RoomError(f"the program {name} is not installed")
    return found
