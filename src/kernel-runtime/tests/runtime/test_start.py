"""When the engine cannot start, it says why in one sentence."""

import os
import subprocess
import sys
from pathlib import Path

import pytest


def start(**environment):
    done = subprocess.run(
        [sys.executable, "-I", "-m", "mntdata_runtime.server"],
        env={"PATH": os.environ["PATH"], **environment},
        stdin=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        timeout=60,
        check=False,
    )
    assert "Traceback" not in done.stderr
    return done.returncode, done.stderr.strip()


@pytest.fixture
def settings(tmp_path):
    return {
        "JUPYTER_TOKEN": "t",
        "MNTDATA_WORKSPACES": str(tmp_path / "workspaces"),
        "MNTDATA_STATE": str(tmp_path / "engine"),
    }


def test_needs_a_token(settings):
    del settings["JUPYTER_TOKEN"]
    assert start(**settings) == (1, "JUPYTER_TOKEN is not set; the engine does not run without a token.")


def test_names_the_setting_that_is_wrong(settings):
    code, said = start(**settings, MNTDATA_SANDBOX="perhaps")
    assert (code, said) == (1, "MNTDATA_SANDBOX must be on or off.")


def test_refuses_data_that_every_room_would_see(settings):
    inside = Path(sys.prefix) / "data-of-the-tests"
    code, said = start(**{**settings, "MNTDATA_WORKSPACES": str(inside)})
    assert code == 1
    assert f"{inside} lies inside a directory that every room must see" in said
