"""IPython's shell, with bounded output, and made before there is a kernel."""

import atexit
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from ipykernel.compiler import XCachingCompiler
from ipykernel.displayhook import ZMQShellDisplayHook
from ipykernel.ipkernel import IPythonKernel
from ipykernel.zmqshell import ZMQInteractiveShell
from IPython.core.profiledir import ProfileDir
from traitlets import Type
from traitlets.config import Config

from mntdata_runtime.kernel.output import (
    BoundedDisplays,
    BoundedStream,
    bounded_streams,
    prepare_for_more,
    without_what_is_too_large,
)

LONGEST_ERROR = 64 << 10
_LONGEST_TRACEBACK = 1 << 20


class BoundedDisplayHook(ZMQShellDisplayHook):
    """The value of a run's last expression, unless it is too large to show."""

    def write_format_data(self, format_dict: dict[str, Any], md_dict: dict[str, Any] | None = None) -> None:
        """As in IPython."""
        prepare_for_more()
        self.shell.display_pub.send_clear()
        super().write_format_data(without_what_is_too_large(format_dict), md_dict)


class WorkspaceShell(ZMQInteractiveShell):
    """Bounds what one run can send.

    To make one takes half of a kernel's start, so that the parent of the kernels makes it (`make`). A kernel
    finds it there, since traitlets gives each process one instance, and tells it where it is (`belong_to`).
    """

    displayhook_class = Type(BoundedDisplayHook)
    display_pub_class = Type(BoundedDisplays)

    error_was_shown = False

    @classmethod
    def make(cls) -> "WorkspaceShell":
        """The shell of all kernels that will be forked from this process, which stays as it is otherwise."""
        main = sys.modules["__main__"]
        # No directories: those of a kernel are not there yet.
        places = {"ipython_dir": "", "profile_dir": ProfileDir()}
        shell = cls.instance(config=Config(), compiler_class=XCachingCompiler, **places)
        atexit.unregister(shell.atexit_operations)
        # The application of each kernel loads it otherwise.
        shell.extension_manager.load_extension("storemagic")
        sys.modules["__main__"] = main
        return shell

    def belong_to(self, kernel: IPythonKernel) -> None:
        """Learn what was not there before: the kernel and its directories, environment and main module."""
        self.kernel = self.parent = kernel
        self.profile_dir = kernel.profile_dir
        self.ipython_dir = str(Path(kernel.profile_dir.location).parent)
        self.starting_dir = os.getcwd()
        self.history_manager.dir_hist[:] = [Path(self.starting_dir)]
        self.init_environment()
        self.init_sys_modules()

    def init_history(self) -> None:
        """Of inputs, nothing is kept beyond the kernel."""
        self.config.HistoryManager.update(enabled=False, hist_file=":memory:")
        super().init_history()

    def enable_gui(self, gui: str | None = None) -> None:
        """As in IPython; before there is a kernel, there is none to turn off."""
        if gui or self.kernel:
            super().enable_gui(gui)

    def begin_run(self) -> None:
        """A new run may write and display as much again."""
        self.error_was_shown = False
        for output in self._outputs().values():
            output.begin_run()

    def end_run(self) -> dict[str, int]:
        """Send the tails; how much of each output is lost, only what is not zero."""
        self.history_manager.outputs.clear()
        lost = {name: output.end_run() for name, output in self._outputs().items()}
        return {name: count for name, count in lost.items() if count}

    @contextmanager
    def _tee(self, channel: str) -> Iterator[None]:
        """IPython would keep everything that is ever written, for a notebook that nobody exports."""
        yield

    def _outputs(self) -> dict[str, BoundedStream | BoundedDisplays]:
        return {"displays": self.display_pub, **bounded_streams()}

    def _showtraceback(self, etype: type, evalue: Any, stb: list[str]) -> None:
        self.error_was_shown = True
        prepare_for_more()
        super()._showtraceback(etype, shortened(str(evalue), LONGEST_ERROR), shortened_lines(stb))


def shortened(text: str, length: int) -> str:
    """Head and tail of a text that is longer than `length` characters."""
    if len(text) <= length:
        return text
    half = length // 2
    return f"{text[:half]}\n[... {len(text) - 2 * half} characters left out ...]\n{text[-half:]}"


def shortened_lines(lines: list[str]) -> list[str]:
    """A traceback of a bounded length in all; entries hold several lines each."""
    share = _LONGEST_TRACEBACK // max(1, min(len(lines), 100))
    kept = lines if len(lines) <= 100 else [*lines[:50], "[...]", *lines[-50:]]
    return [shortened(line, share) for line in kept]
