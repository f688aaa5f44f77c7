"""What the parent does once, so that no kernel has to."""

import importlib
import io
import os
import sys
from collections.abc import Callable
from contextlib import suppress
from typing import ClassVar

from ipykernel import ipkernel

# What ipykernel and IPython otherwise import on their first use.
_MACHINERY = """
    mntdata_runtime.kernel.application mntdata_runtime.kernel.kernel matplotlib_inline.backend_inline
    IPython.core.completerlib IPython.core.debugger IPython.core.history IPython.core.logger
    IPython.core.magic_arguments IPython.core.magics.ast_mod IPython.core.magics.execution
    IPython.core.oinspect IPython.core.pylabtools IPython.core.ultratb IPython.extensions.storemagic
    ipykernel.debugger
    concurrent.futures.thread email.parser encodings.ascii encodings.cp437 encodings.idna
    encodings.latin_1 encodings.utf_16_le faulthandler http.client multiprocessing.pool pexpect
    sqlite3 tornado.gen tornado.locks tornado.platform.asyncio tornado.queues zoneinfo
""".split()
_LIBRARIES = "numpy pandas matplotlib.pyplot openpyxl xlsxwriter".split()


def preload() -> None:
    """Import and use once what most code uses. A library that is not installed is left out.

    Afterwards the process still has one thread, or forking it would not be safe: raises RuntimeError.
    """
    # ipykernel goes without its debugger, which nobody could attach to, and which costs a thread.
    sys.modules["debugpy"] = None  # type: ignore[assignment]
    for name in (*_MACHINERY, *_LIBRARIES):
        with suppress(ImportError):
            importlib.import_module(name)
    for exercise in (_show_an_error, _work_with_tables, _draw, _make_shell):
        with suppress(ImportError):
            exercise()
    _spare_modules()
    threads = len(os.listdir("/proc/self/task"))
    if threads != 1:
        raise RuntimeError(f"a preloaded library started {threads - 1} threads")


def _show_an_error() -> None:
    """Loads what formats tracebacks: the first error of a kernel takes 60 ms otherwise."""
    from IPython.core.ultratb import AutoFormattedTB

    formatter: Callable[..., object] = AutoFormattedTB(mode="Context").structured_traceback
    try:
        raise ValueError("for practice")
    except ValueError:
        formatter(*sys.exc_info())


def _work_with_tables() -> None:
    import pandas as pd

    table = pd.DataFrame({"name": ["a", "b"], "number": [1.5, 2.5], "when": pd.Timestamp(0)})
    table._repr_html_()
    str(table)
    table.groupby("name")["number"].sum().describe()
    table.describe()
    pd.read_csv(io.StringIO(table.to_csv()))
    # By a path, pandas looks for more kinds of files.
    table.to_csv(os.devnull)
    for engine in ("openpyxl", "xlsxwriter"):
        with suppress(ImportError):
            table.to_excel(io.BytesIO(), engine=engine)
    workbook = io.BytesIO()
    table.to_excel(workbook)
    pd.read_excel(workbook)


def _draw() -> None:
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure()
    FigureCanvasAgg(figure)
    axes = figure.add_subplot(title="Ag")
    axes.plot([1, 2], label="Ag")
    axes.legend()
    figure.savefig(io.BytesIO(), format="png", bbox_inches="tight")


def _make_shell() -> None:
    """The one of every kernel, which shows plots that were left open after each run."""
    from mntdata_runtime.kernel.shell import WorkspaceShell

    shell = WorkspaceShell.make()
    if "matplotlib" in sys.modules:
        shell.enable_matplotlib("inline")


class _SystemWithoutModules:
    """`sys`, with no modules to see."""

    modules: ClassVar[dict[str, object]] = {}

    def __getattr__(self, name: str) -> object:
        return getattr(sys, name)


def _spare_modules() -> None:
    """ipykernel looks at each loaded module, for the debugger that it goes without.

    With the 2,000 modules of the parent that takes 10 ms, and copies 6 MB that a kernel would otherwise
    share with its siblings: even reading an object writes to it.
    """
    ipkernel.sys = _SystemWithoutModules()
