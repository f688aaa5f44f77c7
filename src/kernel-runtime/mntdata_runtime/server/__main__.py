"""`python -I -m mntdata_runtime.server`: see `RuntimeSettings` for what the environment tells it."""

import os
import sys

from mntdata_runtime.rooms.filter import FilterUnavailableError
from mntdata_runtime.rooms.room import RoomError
from mntdata_runtime.runtime import Runtime
from mntdata_runtime.server.application import run_server
from mntdata_runtime.settings import RuntimeSettings, SettingsError
from mntdata_runtime.state.directory import StateDirectory, StateError


def main() -> None:
    """Run the server; exits with one sentence when it cannot."""
    # Read once and forgotten, so that no process started here inherits it.
    token = os.environ.pop("JUPYTER_TOKEN", "")
    if not token:
        sys.exit("JUPYTER_TOKEN is not set; the engine does not run without a token.")
    try:
        settings = RuntimeSettings.from_environment()
        state = StateDirectory.open(settings.state)
    except (SettingsError, StateError) as error:
        sys.exit(str(error))
    try:
        runtime = Runtime.create(settings, state)
    except (RoomError, FilterUnavailableError) as error:
        state.close()
        sys.exit(f"Rooms cannot be built: {error}")
    try:
        run_server(runtime, token)
    finally:
        runtime.close()


if __name__ == "__main__":
    main()
