"""The environment of a kernel: nothing of the server's own goes in."""

import os
import sys

from mntdata_runtime.rooms.mounts import HOME
from mntdata_runtime.rooms.packages import PROGRAMS

# One thread each: kernels are many, cores are few, and a library that starts threads cannot be forked.
_ONE_THREAD = dict.fromkeys(
    "OPENBLAS_NUM_THREADS OMP_NUM_THREADS MKL_NUM_THREADS NUMEXPR_NUM_THREADS".split(), "1"
)
_COMMON = {
    **_ONE_THREAD,
    "LANG": "C.UTF-8",
    "TERM": "dumb",
    "MPLBACKEND": "module://matplotlib_inline.backend_inline",
    "PYTHONDONTWRITEBYTECODE": "1",
    "MALLOC_ARENA_MAX": "2",
}


def room_environment() -> dict[str, str]:
    """For a kernel in a room: its home and temporary files lie in the room's memory."""
    binaries = os.path.dirname(sys.executable)
    return {
        **_COMMON,
        "PATH": f"{PROGRAMS}:{binaries}:/usr/local/bin:/usr/bin:/bin",
        "HOME": HOME,
        "USER": "user",
        "LOGNAME": "user",
        "SHELL": "/bin/sh",
        "TMPDIR": "/tmp",
        "IPYTHONDIR": f"{HOME}/.ipython",
        "MPLCONFIGDIR": f"{HOME}/.config/matplotlib",
        # For pip by its full path: fail at once instead of trying the network five times.
        "PIP_NO_INDEX": "1",
        "PIP_RETRIES": "0",
        "PIP_DISABLE_PIP_VERSION_CHECK": "1",
    }


def plain_environment(scratch: str) -> dict[str, str]:
    """For a kernel without a room: `scratch` is a directory of its own."""
    binaries = os.path.dirname(sys.executable)
    return {
        **_COMMON,
        "PATH": f"{binaries}:/usr/local/bin:/usr/bin:/bin",
        "HOME": scratch,
        "TMPDIR": scratch,
        "IPYTHONDIR": f"{scratch}/.ipython",
        "MPLCONFIGDIR": f"{scratch}/.config/matplotlib",
    }
