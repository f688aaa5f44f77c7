"""What the engine does about its parent of kernels, and about what an earlier life left."""

import json
import os
import signal
import subprocess
import sysconfig
import time
from pathlib import Path

import pytest
from engine import Engine, children, descendants, is_running, wait_until
from identity import AS_ROOT, SERVICE_UID

from mntdata_runtime.state.processes import ProcessIdentity


@pytest.fixture
def engine(new_engine):
    engine = new_engine()
    engine.wait_for_parent()
    return engine


def test_starts_cold_until_there_is_a_parent(new_engine):
    kernel = new_engine().kernel()
    assert kernel.run("1 + 1").value == "2"
    assert not kernel.forked()


def test_a_parent_that_never_got_ready_leaves_no_directory(new_engine):
    engine = new_engine()
    made = []

    def has_directory():
        made[:] = [path for pid in children(engine.pid) for path in configuration_of(pid)]
        return any(map(os.path.exists, made))

    wait_until(has_directory, 20, "the parent is on its way")
    engine.stop()
    assert [path for path in made if os.path.exists(path)] == []


def configuration_of(pid):
    """Where matplotlib of that process writes."""
    try:
        environment = Path(f"/proc/{pid}/environ").read_bytes().split(b"\0")
    except OSError:
        return []
    return [entry.partition(b"=")[2] for entry in environment if entry.startswith(b"MPLCONFIGDIR=/tmp/")]


def test_replaces_a_parent_that_died(engine):
    first = engine.parent_pid()
    survivor = engine.kernel()
    survivor.run("x = 1")
    os.kill(first, signal.SIGKILL)
    wait_until(lambda: not is_running(first), 5, "the parent is gone")
    kernel = engine.kernel()
    assert kernel.run("1 + 1").value == "2"
    assert survivor.run("x").value == "1"
    wait_until(lambda: engine.parent_pid() not in (None, first), 60, "there is another parent")
    assert survivor.run("__import__('os')._exit(7)").died
    # Only its parent could have told.
    assert engine.ended(survivor.id)["exit_code"] is None
    assert kernel.run("__import__('os')._exit(7)").died
    assert engine.ended(kernel.id)["exit_code"] == 7


def test_starts_cold_when_the_parent_is_stopped(engine):
    first = engine.parent_pid()
    os.kill(first, signal.SIGSTOP)
    began = time.monotonic()
    kernel = engine.kernel()
    assert time.monotonic() - began < 20  # long before the start as a whole is given up
    assert kernel.run("1 + 1").value == "2"
    assert not kernel.forked()
    wait_until(lambda: not is_running(first), 5, "the stopped parent is gone")


def test_tries_again_when_the_parent_dies_on_a_request(engine):
    first = engine.parent_pid()
    os.kill(first, signal.SIGSTOP)
    # It has the request, and never answers: what is killed now is a parent in the middle of one.
    killer = subprocess.Popen(["sh", "-c", f"sleep 1; kill -9 {first}"])
    kernel = engine.kernel()
    killer.wait()
    assert kernel.run("1 + 1").value == "2"


def test_makes_a_new_parent_when_the_environment_changed(engine):
    first = engine.parent_pid()
    survivor = engine.kernel()
    packages = Path(sysconfig.get_path("purelib"))
    status = packages.stat()
    os.utime(packages, ns=(status.st_atime_ns, status.st_mtime_ns + 1))
    try:
        assert not engine.kernel().forked()
        wait_until(lambda: engine.parent_pid() not in (None, first), 60, "there is another parent")
        # The old one waits for its kernels, and ends with the last of them.
        assert survivor.run("__import__('os')._exit(7)").died
        assert engine.ended(survivor.id)["exit_code"] == 7
        wait_until(lambda: not is_running(first), 5, "the first parent is gone")
    finally:
        os.utime(packages, ns=(status.st_atime_ns, status.st_mtime_ns))


def test_rooms_end_with_a_server_that_is_killed(engine):
    """At once: their kernels are waited for, and not left to an init that may take its time."""
    kernels = [engine.kernel() for _ in range(3)]
    rooms = [kernel.room_pid() for kernel in kernels]
    everything = descendants(engine.pid)
    os.kill(engine.pid, signal.SIGKILL)
    engine.process.wait(10)
    wait_until(lambda: not any(map(is_running, everything)), 1, "all that it started is gone")
    assert not any(map(is_running, rooms))


def test_ends_an_orphaned_server_of_an_earlier_life(engine):
    """The service was killed, and its server does not see the end of its lifeline."""
    kernel = engine.kernel()
    everything = [engine.pid, *descendants(engine.pid)]
    record = json.loads((engine.state / "server.json").read_text())
    gone = subprocess.Popen(["true"])
    gone.wait()
    record["service"] = {**record["process"], "pid": gone.pid, "start_time": 1}
    (engine.state / "server.json").write_text(json.dumps(record))
    os.kill(engine.pid, signal.SIGSTOP)
    successor = Engine(engine.root, engine.directory)
    try:
        engine.process.wait(10)
        wait_until(lambda: not any(map(is_running, everything)), 5, "the earlier life is gone")
        assert not Path(record["run"]).exists()
        assert not any(Path(path).exists() for path in record["groups"])
        assert successor.record(kernel.id) is None
        assert successor.kernel().run("1 + 1").value == "2"
    finally:
        successor.stop()


def test_ends_rooms_that_an_earlier_life_recorded(engine):
    directory = engine.directory
    engine.stop()
    stray, stranger = (subprocess.Popen(["sleep", "1000"]) for _ in range(2))
    try:
        kernels = engine.state / "kernels"
        kernels.mkdir()
        if AS_ROOT and not engine.root:
            os.chown(kernels, SERVICE_UID, SERVICE_UID)
        for name, process, shift in (("a", stray, 0), ("b", stranger, -1)):
            identity = vars(ProcessIdentity.of(process.pid))
            identity["start_time"] += shift
            (kernels / f"{name}.json").write_text(json.dumps({"process": identity}))
        (kernels / "c.json").write_text("no json")
        successor = Engine(engine.root, directory)
        try:
            if AS_ROOT and not engine.root:
                assert is_running(stray.pid)  # root's, which this engine may not signal
            else:
                assert not is_running(stray.pid)
            assert is_running(stranger.pid)
            assert list((engine.state / "kernels").iterdir()) == []
        finally:
            successor.stop()
    finally:
        for process in (stray, stranger):
            process.kill()
            process.wait()


def test_leaves_the_engine_of_a_living_service_alone(engine):
    with pytest.raises(RuntimeError):
        Engine(engine.root, engine.directory)
    assert engine.kernel().run("1 + 1").value == "2"
