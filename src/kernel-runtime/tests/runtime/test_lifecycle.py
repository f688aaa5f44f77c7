"""From the start of a kernel to its end, wanted or not."""

import contextlib
import os
import signal
import threading
import time

import pytest
from engine import command_of, descendants, is_running, wait_until
from identity import AS_ROOT

# A loaded machine needs its time; the point is that nothing here takes a polling interval or a time-out.
SOON = 3
IN_THE_BACKGROUND = "__import__('subprocess').Popen(['sleep', '1000'], start_new_session=True)"


def test_starts_by_fork(kernel):
    assert kernel.forked()


@pytest.mark.parametrize(
    "code",
    [
        "while True: pass",
        "__import__('time').sleep(100)",
        "__import__('re').match(r'(a+)+$', 'a' * 40 + 'b')",
        "__import__('subprocess').run(['sleep', '100'])",
    ],
)
def test_interrupts(kernel, code):
    kernel.run("1")
    message = kernel.send(code)
    began = time.monotonic()
    assert kernel.interrupt_until(message).error[0] == "KeyboardInterrupt"
    assert time.monotonic() - began < SOON
    assert kernel.run("1 + 1").value == "2"


def test_answers_a_run_whenever_it_is_interrupted(kernel):
    for delay in range(40):
        message = kernel.send("sum(range(1000))")
        time.sleep(delay / 4000)
        kernel.interrupt()
        result = kernel.collect(message, 20)
        assert result.error in (None, ("KeyboardInterrupt", ""))
    assert kernel.run("1 + 1").value == "2"


def test_interrupts_code_that_awaits(kernel):
    message = kernel.send("import asyncio\nawait asyncio.sleep(100)")
    assert kernel.interrupt_until(message).error[0] in ("CancelledError", "KeyboardInterrupt")
    assert kernel.run("1 + 1").value == "2"


def test_interrupts_commands_of_the_shell(kernel):
    kernel.interrupt_until(kernel.send("!sleep 100"))
    assert kernel.run("!pgrep -c sleep").stdout.strip() == "0"


def test_an_interrupt_reaches_what_the_code_started(kernel):
    message = kernel.send(
        "import subprocess\nchild = subprocess.Popen(['sleep', '1000'])\n"
        "open('started', 'w').close()\nchild.wait()"
    )
    wait_until((kernel.workspace / "started").exists, 20, "the command runs")
    kernel.interrupt_until(message)
    assert kernel.run("child.wait(10)").error is None


def test_restarts_code_that_refuses_to_be_interrupted(kernel):
    (kernel.workspace / "kept.txt").write_text("x")
    kernel.send("x = 1\nwhile True:\n    try:\n        while True: pass\n    except KeyboardInterrupt: pass")
    time.sleep(0.3)
    kernel.interrupt()
    began = time.monotonic()
    kernel.restart()
    assert time.monotonic() - began < 2 * SOON
    assert kernel.run("x").error[0] == "NameError"
    assert kernel.value("__import__('os').listdir()") == ["kept.txt"]


def test_a_restart_gets_a_fresh_room(kernel):
    kernel.run(f"open('/tmp/left', 'w')\n{IN_THE_BACKGROUND}")
    before = kernel.room_pid()
    kernel.restart()
    assert kernel.room_pid() != before
    assert not is_running(before)
    assert kernel.value("__import__('os').path.exists('/tmp/left')") is False
    assert kernel.run("!pgrep -c sleep").stdout.strip() == "0"


@pytest.mark.parametrize(
    ("code", "exit_code"),
    [("__import__('os')._exit(3)", 3), ("__import__('os').kill(__import__('os').getpid(), 9)", -9)],
)
def test_tells_a_death_at_once_and_truly(engine, code, exit_code):
    kernel = engine.kernel()
    room = kernel.room_pid()
    began = time.monotonic()
    assert kernel.run(code, 10).died
    assert time.monotonic() - began < SOON
    assert engine.ended(kernel.id)["exit_code"] == exit_code
    assert engine.ended(kernel.id)["reason"] is None
    assert engine.call("GET", f"api/kernels/{kernel.id}")[0] == 404
    assert engine.record(kernel.id) is None
    wait_until(lambda: not is_running(room), SOON, "the room is gone")
    kernel.close()


def test_leaves_nothing_behind(new_engine):
    engine = new_engine()
    engine.wait_for_parent()
    use_kernels(engine)
    before = engine.footprint()
    for _ in range(3):
        use_kernels(engine)
    wait_until(lambda: not engine.growth(before), SOON, lambda: f"no growth: {engine.growth(before)}")


def use_kernels(engine):
    kernels = [engine.kernel() for _ in range(3)]
    rooms = [kernel.room_pid() for kernel in kernels]
    kernels[0].run(IN_THE_BACKGROUND)
    kernels[1].run("__import__('os')._exit(1)")
    kernels[2].restart()
    for kernel in kernels:
        kernel.delete()
    wait_until(lambda: not any(map(is_running, rooms)), SOON, "the rooms are gone")


def test_describes_a_running_kernel(engine, kernel):
    record = engine.record(kernel.id)
    assert is_running(record["pid"])
    assert record["uid"] == ((kernel.workspace.stat().st_uid) if engine.root else None)
    assert abs(record["started_at"] - time.time()) < 60
    assert record["limits"]["memory"]["bytes"] == 2 << 30
    assert record["limits"]["memory"]["by"] in ("cgroup", "rlimit")


def test_a_kernel_is_taken_before_the_service(kernel):
    with open(f"/proc/{kernel.process()}/oom_score_adj") as score:
        assert int(score.read()) >= 500


def test_logs_no_error_when_all_is_well(capfd, new_engine):
    engine = new_engine()
    kernel = engine.kernel()
    kernel.run("1")
    kernel.delete()
    engine.stop()
    log = capfd.readouterr().err
    assert "Kernel started" in log
    assert not [line for line in log.splitlines() if line.startswith(("[E", "Traceback", "Exception"))]


def test_ends_all_when_the_service_lets_go(new_engine):
    engine = new_engine()
    engine.wait_for_parent()
    kernels = [engine.kernel() for _ in range(2)]
    kernels[0].send("while True: pass")
    everything = descendants(engine.pid)
    assert len(everything) > 4
    assert engine.stop() < 10
    assert [pid for pid in everything if is_running(pid)] == []
    assert sorted(path.name for path in engine.state.iterdir()) == [
        "jupyter", "libraries.json", "limits.json", "lock",
    ]  # fmt: skip


def test_ends_also_while_kernels_come_and_go(new_engine):
    """Jupyter gives up its own cleaning up when a kernel that it knows is gone, or not there yet."""
    engine = new_engine()
    engine.wait_for_parent()
    kernels = [engine.kernel() for _ in range(3)]
    body = {"name": "mntdata", "path": engine.workspace().name}

    def start():
        with contextlib.suppress(OSError):
            engine.call("POST", "api/kernels", body)

    starting = threading.Thread(target=start)
    before = len(descendants(engine.pid))
    starting.start()
    wait_until(lambda: len(descendants(engine.pid)) > before, 10, "a room is being built")
    everything = descendants(engine.pid)
    for kernel in kernels:
        os.kill(kernel.room_pid(), signal.SIGKILL)
    assert engine.stop() < 15
    assert [pid for pid in everything if is_running(pid)] == []
    starting.join()


def test_waits_for_no_start_when_it_ends(new_engine):
    engine = new_engine()
    body = {"name": "mntdata", "path": engine.workspace().name}
    answers = []
    starting = threading.Thread(target=lambda: answers.append(engine.call("POST", "api/kernels", body)))
    starting.start()

    def kernels():
        return [pid for pid in descendants(engine.pid) if b"mntdata_runtime.kernel" in command_of(pid)]

    wait_until(kernels, 10, "a kernel starts cold")
    stuck = kernels()
    for pid in stuck:
        os.kill(pid, signal.SIGSTOP)
    assert engine.stop() < 8
    wait_until(lambda: not any(map(is_running, stuck)), SOON, "what was stuck is gone")
    starting.join()
    assert answers[0][0] == 503


@pytest.mark.parametrize("by", [signal.SIGTERM, signal.SIGINT])
def test_ends_in_order_on_a_signal(new_engine, by):
    engine = new_engine()
    engine.kernel()
    everything = descendants(engine.pid)
    engine.process.send_signal(by)
    assert engine.process.wait(15) == 0
    assert [pid for pid in everything if is_running(pid)] == []


def test_nothing_outlives_a_killed_server(new_engine):
    engine = new_engine()
    engine.wait_for_parent()
    engine.kernel().run(IN_THE_BACKGROUND)
    everything = descendants(engine.pid)
    assert len(everything) > 4
    os.kill(engine.pid, signal.SIGKILL)
    wait_until(lambda: not any(map(is_running, everything)), SOON, "all of it is gone")


def test_a_room_ends_with_its_server_even_if_its_lifeline_is_held(new_engine):
    engine = new_engine()
    kernel = engine.kernel()
    # An unprivileged service shares its uid with the room's own processes.
    kernel.run(
        "held = []\nfor pid in (1, 2):\n"
        "  try: held.append(open(f'/proc/{pid}/fd/0', 'wb'))\n"
        "  except OSError: pass"
    )
    room = kernel.room_pid()
    os.kill(engine.pid, signal.SIGKILL)
    wait_until(lambda: not is_running(room), SOON, "the room is gone")


def test_answers_no_one_without_the_token(engine):
    assert engine.call("GET", "api/kernels", token=None)[0] in (401, 403)
    assert engine.call("GET", "api/kernels", token="wrong")[0] in (401, 403)


@pytest.mark.parametrize(
    "path", ["api/contents", "api/terminals", "api/sessions", "api/config/x", "files/x", "view/x"]
)
def test_serves_kernels_and_nothing_else(engine, path):
    assert engine.call("GET", path)[0] == 404


def test_keeps_its_token_to_itself(engine):
    with open(f"/proc/{engine.pid}/cmdline") as command:
        assert "token-of" not in command.read()
    for path in engine.state.rglob("*"):
        if path.is_file():
            assert b"token-of" not in path.read_bytes(), path


@pytest.mark.parametrize("path", ["missing", "..", ".", "", "a/b", "file", "link", "../engine"])
def test_refuses_what_is_no_workspace(engine, path):
    (engine.workspaces / "file").touch()
    link = engine.workspaces / "link"
    if not link.is_symlink():
        link.symlink_to("/etc")
    before = engine.call("GET", "api/kernels")
    status, answer = engine.call("POST", "api/kernels", {"name": "mntdata", "path": path})
    assert status == 404, answer
    assert engine.call("GET", "api/kernels") == before


@pytest.mark.skipif(not AS_ROOT, reason="gives a workspace to somebody else")
def test_a_start_that_fails_leaves_nothing(engine):
    """Root refuses the workspace of root before there is a process; a user's kernel cannot enter it."""
    workspace = engine.workspace()
    os.chown(workspace, 0, 0)
    before = engine.footprint()
    status, _ = engine.call("POST", "api/kernels", {"name": "mntdata", "path": workspace.name})
    assert status >= 400
    wait_until(lambda: not engine.growth(before), SOON, lambda: f"no growth: {engine.growth(before)}")


def test_refuses_to_run_as_root(engine):
    workspace = engine.workspace()
    if not (AS_ROOT and engine.root):
        assert engine.kernel(workspace).delete() == 204
        return
    os.chown(workspace, 0, 0)
    status, answer = engine.call("POST", "api/kernels", {"name": "mntdata", "path": workspace.name})
    assert status >= 400
    assert "belongs to root" in str(answer)
