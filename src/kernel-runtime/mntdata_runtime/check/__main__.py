"""`python -I -m mntdata_runtime.check`: build a room and run a kernel in it, or say what helps."""

import asyncio
import os
import sys
import tempfile
from pathlib import Path

from mntdata_runtime.check.advice import Machine, advice, missing_libseccomp, missing_part
from mntdata_runtime.launch.process import KernelStartError
from mntdata_runtime.rooms.filter import FilterUnavailableError
from mntdata_runtime.rooms.room import RoomError

# Owner of the workspace that is tried as root; an id that no workspace of the service has.
_PROBE_USER = 65533


def main() -> None:
    """Exit with 0, or with 1 and one sentence on stdout."""
    machine = Machine.present()
    problem = missing_part(machine) or _try_room(machine)
    print(problem or "Rooms can be built on this machine.")
    sys.exit(1 if problem else 0)


def _try_room(machine: Machine) -> str | None:
    with tempfile.TemporaryDirectory(prefix="mntdata-check-") as directory:
        try:
            asyncio.run(_run_kernel(Path(directory)))
        except FilterUnavailableError:
            return missing_libseccomp(machine)
        except (RoomError, KernelStartError, OSError) as error:
            return advice(machine, str(error).strip().splitlines()[-1])
    return None


async def _run_kernel(directory: Path) -> None:
    from mntdata_runtime.check.probe import run_probe

    await run_probe(directory, _PROBE_USER if os.geteuid() == 0 else None)


if __name__ == "__main__":
    main()
