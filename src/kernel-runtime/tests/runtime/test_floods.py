"""Output without end: bounded in the kernel and in the server, and the next run loses nothing."""

import time

import pytest
from engine import Engine, wait_until

LIMIT = 1 << 20
# A quarter of a megabyte each; fewer than may wait for the server where nothing bounds them.
FLOOD_MESSAGES = 900
# Both speak on the kernel's own socket, past all that bounds output, and leave what they saw in a file.
FLOOD = f"""
import os, threading, zmq
kernel, done, sent = get_ipython().kernel, threading.Event(), 0
def flood():
    global sent
    socket = kernel.iopub_thread.socket
    socket.set(zmq.SNDTIMEO, 3000)
    try:
        while sent < {FLOOD_MESSAGES}:
            kernel.session.send(socket, 'stream', {{'name': 'stdout', 'text': 'x' * (1 << 18)}})
            sent += 1
    except zmq.Again:
        pass
    socket.set(zmq.SNDTIMEO, -1)
    done.set()
kernel.iopub_thread.schedule(flood)
done.wait()
with open('telling', 'w') as file: file.write(str(sent))
os.rename('telling', 'told')
"""
# Almost as large as one may be.
LARGE_MESSAGES = 24
LARGE = FLOOD.replace(str(FLOOD_MESSAGES), str(LARGE_MESSAGES)).replace("1 << 18", "28 << 20")
HUGE = """
import os, threading, zmq
kernel, done, ended = get_ipython().kernel, threading.Event(), None
def send():
    global ended
    socket = kernel.iopub_thread.socket
    monitor = socket.get_monitor_socket(zmq.EVENT_DISCONNECTED)
    socket.send_multipart([b'stream', b'x' * (200 << 20)])
    ended = bool(monitor.poll(30_000))
    done.set()
kernel.iopub_thread.schedule(send)
done.wait()
with open('telling', 'w') as file: file.write(str(ended))
os.rename('telling', 'told')
"""
# Each part is within the limit of a message; all of it is five times what the server may take.
PARTS = """
import threading, zmq
def send():
    socket, data = get_ipython().kernel.iopub_thread.socket, b'x' * (16 << 20)
    for _ in range(320): socket.send(data, zmq.SNDMORE, copy=False)
    socket.send(b'')
get_ipython().kernel.iopub_thread.schedule(send)
threading.Event().wait()
"""


@pytest.fixture(scope="module")
def engine(as_root):
    engine = Engine(as_root, MNTDATA_KERNEL_OUTPUT_BYTES=str(LIMIT))
    engine.wait_for_parent()
    yield engine
    engine.remove()


def resident(pid):
    """Megabytes."""
    with open(f"/proc/{pid}/status") as status:
        return next(int(line.split()[1]) >> 10 for line in status if line.startswith("VmRSS"))


def growth_of(pid):
    """A function that tells by how many megabytes a process has grown since, if only for an instant."""

    def peak():
        with open(f"/proc/{pid}/status") as status:
            return next(int(line.split()[1]) >> 10 for line in status if line.startswith("VmHWM"))

    with open(f"/proc/{pid}/clear_refs", "w") as references:
        references.write("5")
    before = peak()
    return lambda: peak() - before


def told_by(kernel):
    """What the code left in its file, without reading the websocket meanwhile."""
    file = kernel.workspace / "told"
    wait_until(file.exists, 60, "the code has told")
    return file.read_text()


@pytest.mark.parametrize("stream", ["stdout", "stderr"])
def test_sends_the_head_and_the_tail_of_a_stream(kernel, stream):
    result = kernel.run(f"import sys\nfor i in range(1_000_000): print(i, file=sys.{stream})")
    text = getattr(result, stream)
    assert len(text) == LIMIT
    assert text.startswith("0\n1\n2\n")
    assert text.endswith("\n999998\n999999\n")
    whole = sum(len(str(i)) + 1 for i in range(1_000_000))
    assert result.lost == {stream: whole - LIMIT}


def test_sends_all_of_what_is_within_the_limit(kernel):
    result = kernel.run("print('x' * (1 << 19)); print('y' * ((1 << 19) - 2))")
    assert len(result.stdout) == LIMIT
    assert result.lost == {}


def test_bounds_one_huge_text(engine, kernel):
    before = resident(engine.pid)
    result = kernel.run("print('a' + 'x' * (300 << 20) + 'z')")
    assert (result.stdout[0], result.stdout[-2:], len(result.stdout)) == ("a", "z\n", LIMIT)
    assert resident(engine.pid) - before < 64


def test_bounds_what_commands_write(kernel):
    result = kernel.run("!yes | head -c 3000000; echo end")
    assert len(result.stdout) == LIMIT
    assert result.stdout.rstrip().endswith("end")


@pytest.mark.parametrize(
    "flood",
    [
        "for i in range(200_000): print(i, flush=True)",
        "import sys\nfor i in range(300_000): sys.stdout.write('x'); sys.stderr.write('y')",
        "from IPython.display import display\nfor i in range(20_000): display(i)",
    ],
)
def test_the_next_run_loses_nothing(kernel, flood):
    kernel.run(flood)
    result = kernel.run("print('out'); import sys; print('err', file=sys.stderr); display('shown'); 42")
    assert (result.stdout, result.stderr, result.value) == ("out\n", "err\n", "42")
    assert len(result.displays) == 1
    assert result.lost == {}


def test_output_of_the_past_is_not_kept(kernel):
    kernel.run("1")
    process = kernel.process()
    kernel.run("for i in range(100_000): print(i)")
    before = resident(process)
    kernel.run("for i in range(500_000): print(i)")
    assert resident(process) - before < 16


def test_displays_of_the_past_are_not_kept(kernel):
    show = "from IPython.display import HTML, display\ndisplay(HTML('x' * (8 << 20)))"
    kernel.run(show)
    process = kernel.process()
    kernel.run(show)
    before = resident(process)
    for _ in range(5):
        kernel.run(show)
    assert resident(process) - before < 24


def test_a_slow_reader_loses_nothing(kernel):
    code = (
        "from IPython.display import display\n"
        "for i in range(900):\n"
        "    display('x' * 60_000)\n"
        "    print(i, flush=True)"
    )
    message = kernel.send(code)
    time.sleep(4)  # nobody reads the websocket, and more waits than the sockets between may hold
    result = kernel.collect(message)
    assert len(result.displays) == 900
    assert result.stdout.split() == [str(i) for i in range(900)]
    assert kernel.run("1 + 1").value == "2"


def test_shows_only_so_many_displays(kernel):
    result = kernel.run("from IPython.display import display\nfor i in range(5000): display(i)")
    assert [data["text/plain"] for data in result.displays] == [str(i) for i in range(1000)]
    assert result.lost == {"displays": 4000}


def test_shows_only_so_much_in_all_displays(kernel):
    result = kernel.run(
        "from IPython.display import HTML, display\nfor i in range(6): display(HTML('x' * (15 << 20)))"
    )
    assert (len(result.displays), result.lost) == (4, {"displays": 2})


def test_shows_the_last_state_of_an_updated_display(kernel):
    code = (
        "from IPython.display import display\n"
        "handle = display('begin', display_id=True)\n"
        "for i in range(5000): handle.update(i)"
    )
    result = kernel.run(code)
    assert result.updates[-1]["text/plain"] == "4999"
    assert len(result.updates) < 1100


@pytest.mark.parametrize("wait", [False, True])
def test_cleared_text_does_not_come_back(kernel, wait):
    flood = f"from IPython.display import clear_output\nprint('x' * {2 * LIMIT})\nclear_output(wait={wait})\n"
    for show, expected in {
        "print('kept')": ("kept\n", "", []),
        "import sys; print('kept', file=sys.stderr)": ("", "kept\n", []),
        "display('kept')": ("", "", [{"text/plain": "'kept'"}]),
        "'kept'": ("", "", []),
        "raise Exception": ("", "", []),
    }.items():
        result = kernel.run(flood + show)
        assert (result.stdout, result.stderr, result.displays) == expected


def test_text_stays_when_what_would_take_it_back_never_comes(kernel):
    code = f"from IPython.display import clear_output\nprint('x' * {2 * LIMIT})\nclear_output(wait=True)"
    result = kernel.run(code)
    assert len(result.stdout) == LIMIT
    assert result.lost == {"stdout": LIMIT + 1}


@pytest.mark.parametrize("wait", [False, True])
def test_shows_what_was_written_after_the_last_of_many_clears(kernel, wait):
    code = "from IPython.display import clear_output\n"
    result = kernel.run(f"{code}for n in range(5000): clear_output(wait={wait}); print(n)\n42")
    assert (result.stdout, result.value, result.lost) == ("4999\n", "42", {})
    result = kernel.run(f"{code}for n in range(5000): print(n); clear_output(wait={wait})")
    assert result.stdout == ("4999\n" if wait else "")


def test_leaves_out_a_display_that_is_too_large(kernel):
    result = kernel.run("from IPython.display import display, HTML\ndisplay(HTML('x' * (20 << 20)))")
    [data] = result.displays
    assert "text/html" not in data
    assert kernel.run("'x' * (20 << 20)").value.startswith("[left out: text/plain of 20 MiB")


def test_shortens_an_error(kernel):
    result = kernel.run("raise ValueError('a' + 'x' * (10 << 20) + 'z')")
    name, value = result.error
    assert (name, value[0], value[-1]) == ("ValueError", "a", "z")
    assert len(value) < 100_000


@pytest.mark.parametrize(
    "send",
    [
        "kernel.session.send(kernel.iopub_socket, 'stream', {'name': 'stdout', 'text': 'x' * (40 << 20)})",
        "import comm; comm.create_comm('test').send({}, buffers=[bytes(20 << 20), bytes(20 << 20)])",
        "display({'text/plain': 'x' * (15 << 20), 'text/html': '\\0' * (15 << 20)}, raw=True)",
    ],
)
def test_refuses_a_message_that_nobody_would_take(kernel, send):
    name, value = kernel.run(f"kernel = get_ipython().kernel\n{send}").error
    assert name == "ValueError"
    assert "MiB is more than can be shown or sent" in value
    assert kernel.run("print('out'); 1").value == "1"


def test_a_hostile_kernel_has_to_wait_for_who_does_not_read(engine, kernel):
    """It need not keep to any limit of its own: it may say whatever it likes on its sockets."""
    # So that few wait in the kernel itself, and it hears early that there is room.
    kernel.run("import zmq; get_ipython().kernel.iopub_thread.socket.set(zmq.SNDHWM, 100)")
    growth = growth_of(engine.pid)
    message = kernel.send(FLOOD)
    assert 0 < int(told_by(kernel)) < FLOOD_MESSAGES
    assert growth() < 120
    assert engine.call("GET", "api/kernels")[0] == 200
    assert kernel.collect(message).error is None
    assert kernel.run("1 + 1").value == "2"


def test_large_messages_wait_in_the_kernel(engine, kernel):
    growth = growth_of(engine.pid)
    message = kernel.send(LARGE)
    assert int(told_by(kernel)) == LARGE_MESSAGES
    assert kernel.collect(message).error is None
    assert growth() < 500
    assert kernel.run("1 + 1").value == "2"


def test_a_message_without_bounds_ends_only_its_own_connection(engine, kernel):
    bystander = engine.kernel()
    try:
        growth = growth_of(engine.pid)
        kernel.send(HUGE)
        assert told_by(kernel) == "True"
        assert growth() < 100
        assert bystander.run("1 + 1").value == "2"
        # Nothing ever comes on a channel that was cut; a new connection has new ones.
        kernel.reconnect()
        assert kernel.run("ended").value == "True"
    finally:
        bystander.delete()
        wait_until(lambda: engine.call("GET", "api/kernels")[0] == 200, 5, "the engine answers")


def test_a_message_of_parts_without_end_ends_the_kernel_that_sends_it(engine, kernel):
    bystander = engine.kernel()
    try:
        busy = bystander.send("total = 0\nfor i in range(10_000_000): total += i\ntotal")
        growth = growth_of(engine.pid)
        assert kernel.run(PARTS).died
        assert growth() < 2048
        assert bystander.collect(busy).value == str(sum(range(10_000_000)))
    finally:
        bystander.delete()
    wait_until(lambda: resident(engine.pid) < 1024, 10, "the server is as small as before")
