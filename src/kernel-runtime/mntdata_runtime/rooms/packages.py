"""What `pip install` answers in a room: there is no network, so it says so at once instead of trying."""

import importlib.util
import sys
from collections.abc import Mapping

PROGRAMS = "/opt/mntdata/bin"
_ANSWER = "/opt/mntdata/packages.txt"
_TELL = f"#!/bin/sh\ncat {_ANSWER}\nexit 1\n"
# `pip list`, `pip show` and the like work without a network and go on to pip itself.
_PIP_MODULE = f'''import sys

if {{"install", "download", "wheel", "index", "search"}}.intersection(sys.argv[1:]):
    with open("{_ANSWER}", encoding="utf-8") as answer:
        print(answer.read().strip())
    sys.exit(1)

from pip._internal.cli.main import main

sys.exit(main())
'''


def guidance_files(libraries: Mapping[str, str]) -> dict[str, bytes]:
    """Files by their path in the room: package managers, first in PATH, that answer in one line."""
    listed = ", ".join(f"{name} {version}" for name, version in libraries.items())
    answer = (
        "Packages cannot be installed here: there is no network. "
        f"Installed are {listed}. An administrator adds others with EXTRA_REQUIREMENTS."
    )
    files = {_ANSWER: f"{answer}\n"}
    files |= {f"{PROGRAMS}/{name}": _TELL for name in ("uv", "conda", "mamba", "micromamba")}
    files |= {f"{PROGRAMS}/{name}": _TELL for name in ("pip", "pip3")}
    module = importlib.util.find_spec("pip.__main__") if importlib.util.find_spec("pip") else None
    if module and module.origin:
        run = f'#!/bin/sh\nexec {sys.executable} -m pip "$@"\n'
        files |= {module.origin: _PIP_MODULE}
        files |= {f"{PROGRAMS}/{name}": run for name in ("pip", "pip3")}
    return {path: content.encode() for path, content in files.items()}
