"""The check of the machine: whether rooms can be built, and the sentence when they cannot."""

import os
import subprocess
import sys
from dataclasses import replace

import pytest
from identity import as_user

from mntdata_runtime.check.advice import Machine, advice, missing_libseccomp, missing_part

FINE = Machine(
    platform="linux",
    root=False,
    bubblewrap=True,
    installer="apt-get",
    container=False,
    apparmor_restricts=False,
    namespaces_switched_off=None,
)


def check(command, **environment):
    return subprocess.run(
        command,
        env={"PATH": os.environ["PATH"], **environment},
        stdout=subprocess.PIPE,
        text=True,
        timeout=60,
        check=False,
    )


COMMAND = [sys.executable, "-I", "-m", "mntdata_runtime.check"]


def test_builds_a_room(as_root):
    done = check(COMMAND if as_root else as_user(COMMAND))
    assert (done.returncode, done.stdout) == (0, "Rooms can be built on this machine.\n")


def test_says_when_bubblewrap_is_missing(tmp_path):
    done = check(COMMAND, PATH=str(tmp_path))
    assert done.returncode == 1
    assert "bwrap (bubblewrap) is not installed" in done.stdout


def test_says_what_bubblewrap_said(tmp_path):
    broken = tmp_path / "bwrap"
    broken.write_text("#!/bin/sh\necho 'bwrap: Operation not permitted' >&2\nexit 1\n")
    broken.chmod(0o755)
    done = check(COMMAND, PATH=f"{tmp_path}:{os.environ['PATH']}")
    assert done.returncode == 1
    assert "Operation not permitted" in done.stdout


@pytest.mark.parametrize(
    ("machine", "part"),
    [
        (replace(FINE, bubblewrap=False), "sudo apt-get install -y bubblewrap"),
        (replace(FINE, bubblewrap=False, root=True, installer="dnf"), ": dnf install -y bubblewrap"),
        (replace(FINE, bubblewrap=False, installer=None), "with the package manager"),
        (replace(FINE, platform="darwin"), "need Linux, and this is darwin"),
    ],
)
def test_says_what_is_missing_and_how_to_get_it(machine, part):
    assert part in missing_part(machine)


def test_misses_nothing_on_a_fine_machine():
    assert missing_part(FINE) is None


def test_says_how_to_get_libseccomp():
    assert "sudo apt-get install -y libseccomp2" in missing_libseccomp(FINE)


@pytest.mark.parametrize(
    ("machine", "part"),
    [
        (replace(FINE, apparmor_restricts=True), "/etc/apparmor.d/bwrap"),
        (replace(FINE, container=True), "start it with --security-opt seccomp=docker/seccomp.json"),
        (replace(FINE, container=True, root=True), "start it with --cap-add SYS_ADMIN --security-opt"),
        (replace(FINE, namespaces_switched_off="user.max_user_namespaces=28633"), "sudo sysctl -w user."),
        (FINE, "A room could not be built: it said so"),
        (replace(FINE, root=True, apparmor_restricts=True), "A room could not be built: it said so"),
    ],
)
def test_says_why_a_room_fails_and_what_helps(machine, part):
    assert part in advice(machine, "it said so")
