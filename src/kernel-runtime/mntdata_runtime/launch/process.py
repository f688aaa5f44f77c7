"""A kernel process as the server sees it: a pidfd, and a channel that tells how it ended."""

import os
import signal
from contextlib import suppress
from typing import Any

from mntdata_runtime.asynchronous import readable
from mntdata_runtime.launch import wire

_PIDFD_SIGNAL_PROCESS_GROUP = 1 << 2
# The parent that waits for a kernel needs a moment to tell.
_EXIT_REPORT_SECONDS = 1.0


class KernelStartError(RuntimeError):
    """A kernel did not come up; the message is what it said last."""


class NobodyAnsweredError(KernelStartError):
    """Not even a process came into being, so the request may be made again."""


class KernelProcess:
    """A running kernel. `pid` is that of this process' own pid namespace."""

    def __init__(self, pidfd: int, channel: wire.Channel) -> None:
        self.pidfd = pidfd
        self._channel = channel
        self.pid = _pid_behind(pidfd)
        self.exit_code: int | None = None
        """As subprocess has it: negative for a signal. None while it runs, or when nobody could tell."""
        self.ended = False

    @classmethod
    async def await_start(
        cls, channel: wire.Channel, timeout: float, first_word_timeout: float | None = None
    ) -> "KernelProcess":
        """Wait up to `timeout` seconds for each step until the kernel answers; takes over `channel`.

        Raises NobodyAnsweredError when nothing at all is heard (within `first_word_timeout`), else
        KernelStartError or TimeoutError; the caller then ends the room.
        """
        channel.setblocking(False)
        process: KernelProcess | None = None
        try:
            process = await cls._first_word(channel, first_word_timeout or timeout)
            await process._hear_ready(timeout)
        except BaseException:
            if process:
                process.close()
            channel.close()
            raise
        return process

    @classmethod
    async def _first_word(cls, channel: wire.Channel, timeout: float) -> "KernelProcess":
        try:
            await readable(channel.fileno(), timeout)
        except TimeoutError as error:
            raise NobodyAnsweredError(f"nothing was heard for {timeout:g} s") from error
        match _next(channel):
            case {"event": "started", "pidfd": pidfd}:
                return cls(pidfd, channel)
            case {"event": "failed", "message": message}:
                raise KernelStartError(message)
            case _:
                raise NobodyAnsweredError("it ended before the kernel was started")

    async def _hear_ready(self, timeout: float) -> None:
        await readable(self._channel.fileno(), timeout)
        match _next(self._channel):
            case {"event": "ready"}:
                return
            case {"event": "failed", "message": message}:
                raise KernelStartError(message)
            case {"event": "exit", "code": code}:
                raise KernelStartError(f"the kernel ended with status {code} while it started")
            case _:
                raise KernelStartError("the kernel ended while it started")

    async def wait(self) -> int | None:
        """Return the exit code once the kernel is gone, None when nobody could tell."""
        if not self.ended:
            await readable(self.pidfd, None)
            with suppress(TimeoutError, OSError):
                await readable(self._channel.fileno(), _EXIT_REPORT_SECONDS)
                if (said := _next(self._channel)) and said["event"] == "exit":
                    self.exit_code = said["code"]
            self.ended = True
        return self.exit_code

    def signal_group(self, number: int) -> None:
        """Signal the kernel's process group: a command run by the code must get it as well."""
        if self.ended:
            return
        try:
            signal.pidfd_send_signal(self.pidfd, number, None, _PIDFD_SIGNAL_PROCESS_GROUP)
        except ProcessLookupError:
            return
        except OSError:  # Linux before 6.9; the pidfd says that the number is still this kernel's
            with suppress(ProcessLookupError):
                signal.pidfd_send_signal(self.pidfd, 0)
                os.killpg(self.pid, number)

    def close(self) -> None:
        """Let go of the descriptors."""
        if self.pidfd >= 0:
            os.close(self.pidfd)
            self.pidfd = -1
        self._channel.close()


def _next(channel: wire.Channel) -> dict[str, Any] | None:
    received = wire.receive(channel)
    if received is None:
        return None
    message, descriptors = received
    return {**message, "pidfd": descriptors[0]} if descriptors else message


def _pid_behind(pidfd: int) -> int:
    with open(f"/proc/self/fdinfo/{pidfd}", encoding="ascii") as info:
        return next(int(line.split()[1]) for line in info if line.startswith("Pid:"))
