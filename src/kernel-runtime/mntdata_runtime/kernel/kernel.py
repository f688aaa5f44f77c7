"""The kernel itself, where it differs from IPython's."""

import asyncio
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, NoReturn

from ipykernel.ipkernel import IPythonKernel
from traitlets import Type, Unicode

from mntdata_runtime.kernel.output import wait_until_sent
from mntdata_runtime.kernel.shell import LONGEST_ERROR, WorkspaceShell, shortened, shortened_lines
from mntdata_runtime.launch.request import KERNEL_IDENT


class WorkspaceKernel(IPythonKernel):
    """A kernel that nobody sits in front of, and that answers every run, interrupted or not.

    ipykernel lets an interrupt raise wherever it strikes while a message is handled. Outside of the
    user's code, which takes milliseconds before and after every run, the reply would be lost, and the
    service would wait for it in vain. Here it raises only where it can be turned into a reply.
    """

    shell_class = Type(WorkspaceShell)
    # Part of the topic of its messages, by which the server subscribes to the status alone.
    ident = Unicode(KERNEL_IDENT)
    _interrupted = False

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.shell.belong_to(self)

    def pre_handler_hook(self) -> None:
        """Until the code begins, an interrupt is only noted."""
        self._interrupted = False
        self.saved_sigint_handler = signal.signal(signal.SIGINT, self._note_interrupt)

    def _note_interrupt(self, *_: object) -> None:
        self._interrupted = True

    async def do_execute(self, *arguments: Any, **options: Any) -> dict[str, Any]:
        """As in IPython; an interrupt that it lets through becomes an ordinary error of the run."""
        # Time limits count from the busy status.
        wait_until_sent(self.iopub_thread)
        self.shell.begin_run()
        if self._interrupted:
            return self._end_run(self._reply_interrupted())
        try:
            signal.signal(signal.SIGINT, signal.default_int_handler)
            try:
                reply = await super().do_execute(*arguments, **options)
            finally:
                signal.signal(signal.SIGINT, self._note_interrupt)
        except (KeyboardInterrupt, asyncio.CancelledError):
            reply = self._reply_interrupted()
        return self._end_run(reply)

    def _end_run(self, reply: dict[str, Any]) -> dict[str, Any]:
        lost = self.shell.end_run()
        if lost:
            self.send_response(self.iopub_socket, "mntdata_output_lost", lost)
        if reply["status"] == "error":
            reply["evalue"] = shortened(reply["evalue"], LONGEST_ERROR)
            reply["traceback"] = shortened_lines(reply["traceback"])
            self._show(reply)
        return reply

    @contextmanager
    def _cancel_on_sigint(self, future: "asyncio.Future[Any]") -> Iterator[None]:
        """For code that awaits. ipykernel's own does not wake a loop that sleeps until something happens."""
        loop = asyncio.get_running_loop()

        def cancel(*_: object) -> None:
            loop.call_soon_threadsafe(future.cancel)

        before = signal.signal(signal.SIGINT, cancel)
        try:
            yield
        finally:
            signal.signal(signal.SIGINT, before)

    def _reply_interrupted(self) -> dict[str, Any]:
        return {
            "status": "error",
            "ename": "KeyboardInterrupt",
            "evalue": "",
            "traceback": ["KeyboardInterrupt"],
            "execution_count": self.execution_count,
            "user_expressions": {},
            "payload": [],
        }

    def _show(self, reply: dict[str, Any]) -> None:
        """IPython shows no error when a second interrupt strikes while it formats the first."""
        if not self.shell.error_was_shown:
            error = {name: reply[name] for name in ("ename", "evalue", "traceback")}
            self.send_response(self.iopub_socket, "error", error)

    def raw_input(self, prompt: str = "") -> NoReturn:
        """Fail at once: waiting for an answer would use up the time of the run."""
        raise EOFError(
            "input() has no one to ask here: the code runs unattended. "
            "Put the value into the code, or read it from a file."
        )

    def getpass(self, prompt: str = "", *_: object, **__: object) -> NoReturn:
        """As for input()."""
        self.raw_input(prompt)
