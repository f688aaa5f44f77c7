"""`python -I -m mntdata_runtime.workspace_helper --workspaces DIR --staging DIR --trash DIR`."""

import argparse
import os
import resource
import signal
import sys

from .operations import Operations
from .protocol import Server
from .removal import Trash
from .staging import Staging


def main() -> int:
    """Serve the service on standard input and output until it goes away."""
    options = _options()
    # A terminal's or a service manager's signal means the service, which ends the helper when it
    # is done.
    for ignored in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(ignored, signal.SIG_IGN)
    os.umask(0o077)
    _raise_descriptor_limit()
    if not os.path.isdir("/proc/self/fd"):
        sys.stderr.write("The workspace helper needs /proc: mount it.\n")
        return 1
    staging = Staging(options.staging)
    staging.sweep()
    os.makedirs(options.workspaces, mode=0o700, exist_ok=True)
    operations = Operations(options.workspaces, staging, Trash(options.workspaces, options.trash))
    Server(operations.by_name(), sys.stdin.buffer, sys.stdout.buffer).serve()
    staging.close()
    return 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="workspace_helper", description=__doc__)
    for name in ("workspaces", "staging", "trash"):
        parser.add_argument(f"--{name}", required=True, metavar="DIR", help="absolute directory")
    return parser.parse_args()


def _raise_descriptor_limit() -> None:
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


if __name__ == "__main__":
    sys.exit(main())
