"""Running the engine as root, or as a user without any privilege."""

import os
import shlex
import stat
import sys
from pathlib import Path

import mntdata_runtime

AS_ROOT = os.geteuid() == 0
# An id that nobody has, for a service that is not root; and one for the workspaces of a root service.
SERVICE_UID = 64_123
WORKSPACE_UID = 300_200


def needed(condition, reason):
    """Skip a test on a developer's machine that lacks something; in CI that is a failure."""
    import pytest

    if not condition:
        (pytest.fail if os.environ.get("CI") else pytest.skip)(reason)


def as_user(command):
    """`command`, run without privileges: as it is, or, when the tests are root, as SERVICE_UID.

    Python itself may lie in a directory that only root can enter: the command then gets a private view
    of the file system in which it can be reached.
    """
    if not AS_ROOT:
        return command
    opened = " && ".join(_opening())
    drop = f"setpriv --reuid {SERVICE_UID} --regid {SERVICE_UID} --clear-groups --inh-caps=-all"
    return ["unshare", "--mount", "sh", "-c", f"{opened} && exec {drop} {shlex.join(command)}"]


def _opening():
    """Shell commands that make Python's directories reachable in a new mount namespace."""
    yield "true"
    package = Path(mntdata_runtime.__file__).resolve().parent
    for number, path in enumerate({Path(sys.base_prefix).resolve(), Path(sys.prefix), package}):
        closed = [above for above in path.parents if not above.stat().st_mode & stat.S_IXOTH]
        if closed:
            stash = shlex.quote(f"/tmp/mntdata-test-{os.getpid()}-{number}")
            above, path = shlex.quote(str(closed[-1])), shlex.quote(str(path))
            yield f"mkdir -p {stash} && mount --bind {path} {stash}"
            yield f"mount -t tmpfs -o mode=755 tmpfs {above} && mkdir -p {path}"
            yield f"mount --move {stash} {path} && rmdir {stash}"
