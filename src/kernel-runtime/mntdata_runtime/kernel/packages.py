"""The magics that install packages, in a room."""

import shlex
import subprocess

from IPython.core.interactiveshell import InteractiveShell


def register_package_magics(shell: InteractiveShell) -> None:
    """Let `%pip` and its relatives answer as the programs do, without IPython's advice to restart."""
    for name in ("pip", "conda", "mamba", "micromamba", "uv"):
        shell.register_magic_function(_answer_of(name), magic_name=name)


def _answer_of(program: str):  # noqa: ANN202 - IPython only calls it
    def magic(line: str) -> None:
        done = subprocess.run(
            [program, *shlex.split(line)],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        print(done.stdout, end="")

    magic.__doc__ = f"Run {program} in this room."
    return magic
