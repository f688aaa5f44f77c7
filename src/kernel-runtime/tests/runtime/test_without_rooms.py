"""SANDBOX=off: the same engine without rooms."""

import os
import signal

import pytest
from engine import descendants, is_running, read_json, wait_until


@pytest.fixture
def engine(new_engine):
    return new_engine(MNTDATA_SANDBOX="off")


def test_runs_code_in_the_directory_itself(engine):
    kernel = engine.kernel()
    assert kernel.value("__import__('os').getcwd()") == str(kernel.workspace)
    kernel.run("open('out.txt', 'w').write('hello')")
    assert (kernel.workspace / "out.txt").read_text() == "hello"
    assert kernel.run(r"print('a\0b\ud800')").stdout == "a\0b\ud800\n"
    assert kernel.run("input()").error[0] == "EOFError"
    scratch = kernel.value("__import__('os').path.expanduser('~')")
    assert os.path.isdir(scratch)
    assert kernel.delete() == 204
    assert not os.path.exists(scratch)


def test_says_that_no_limit_is_in_force(engine):
    kernel = engine.kernel()
    assert read_json(engine.state / "limits.json") == {}
    assert engine.record(kernel.id)["limits"] == {}


def test_interrupts_restarts_and_tells_a_death(engine):
    kernel = engine.kernel()
    message = kernel.send("__import__('time').sleep(100)")
    assert kernel.interrupt_until(message).error[0] == "KeyboardInterrupt"
    kernel.restart()
    assert kernel.run("__import__('os')._exit(5)").died
    assert engine.ended(kernel.id)["exit_code"] == 5


@pytest.mark.parametrize("end", ["service", "server"])
def test_nothing_is_left(engine, end):
    engine.kernel()
    everything = descendants(engine.pid)
    assert len(everything) == 2  # the kernel, and who waits for it
    if end == "service":
        engine.stop()
    else:
        os.kill(engine.pid, signal.SIGKILL)
    wait_until(lambda: not any(map(is_running, everything)), 5, "all of it is gone")


def test_refuses_what_is_no_workspace(engine):
    assert engine.call("POST", "api/kernels", {"name": "mntdata", "path": "missing"})[0] == 404
