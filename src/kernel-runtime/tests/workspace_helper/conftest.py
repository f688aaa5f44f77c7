import os
import secrets
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from helper_process import HelperProcess
from workspace import Workspace

AS_ROOT = os.geteuid() == 0
HOSTILE_UID = 300_123 if AS_ROOT else None
"""The owner of a workspace."""


def run_helper(base, uid=None):
    """Runs a helper, which removes at last what no other program could (deep trees, swapped links)."""
    process = HelperProcess(base, uid)
    try:
        yield process
        for name in process.call("list"):
            process.call("remove", directory=name)
    finally:
        assert process.stop() == 0
    assert list(process.staging.glob("helper-*")) == []


@pytest.fixture
def helper(tmp_path):
    yield from run_helper(tmp_path)


@pytest.fixture
def workspace(helper):
    return Workspace(helper, secrets.token_hex(16), HOSTILE_UID)


@pytest.fixture
def unprivileged(tmp_path, tmp_path_factory):
    """A workspace of a helper that is not root: another user's when the tests are."""
    if AS_ROOT:
        base = tmp_path_factory.getbasetemp()
        for directory in (base, base.parent):
            directory.chmod(directory.stat().st_mode | 0o011)
        tmp_path.chmod(0o777)
    for process in run_helper(tmp_path, uid=HOSTILE_UID):
        yield Workspace(process, secrets.token_hex(16), None)


@pytest.fixture
def artifact(tmp_path):
    """Makes a file of the service's."""

    def make(content=b"stored content"):
        path = tmp_path / f"artifact-{secrets.token_hex(4)}"
        path.write_bytes(content)
        return path

    return make
