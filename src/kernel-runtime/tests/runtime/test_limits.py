"""What happens to code that wants too much. Bombs go off inside rooms only."""

import time
from pathlib import Path

import pytest
from engine import Engine, read_json, wait_until
from identity import AS_ROOT

MEBIBYTE = 1 << 20
SMALL = {
    "MNTDATA_KERNEL_MEMORY_BYTES": str(256 * MEBIBYTE),
    "MNTDATA_KERNEL_FILE_BYTES": str(8 * MEBIBYTE),
    "MNTDATA_KERNEL_PROCESSES": "40",
    "MNTDATA_KERNEL_OPEN_FILES": "100",
}


@pytest.fixture(scope="module")
def small(as_root):
    engine = Engine(as_root, **SMALL)
    engine.wait_for_parent()
    yield engine
    engine.remove()


@pytest.fixture
def kernel(small):
    kernel = small.kernel()
    yield kernel
    kernel.delete()


def by_cgroup(engine, limit):
    return read_json(engine.state / "limits.json")[limit]["by"] == "cgroup"


def test_too_much_memory_is_an_error_that_code_can_catch(kernel):
    assert kernel.run("x = bytearray(300 << 20)").error[0] == "MemoryError"
    assert kernel.run("x = bytearray(100 << 20); len(x) >> 20").value == "100"
    assert kernel.run("import numpy; numpy.ones(40 << 20)").error[0] in ("MemoryError", "_ArrayMemoryError")


def test_too_much_memory_in_several_processes_ends_them(small, kernel):
    if not by_cgroup(small, "memory"):
        return
    result = kernel.run(
        "import os\n"
        "released, release = os.pipe()\n"
        "for _ in range(4):\n"
        "    if os.fork() == 0:\n"
        "        os.close(release)\n"
        "        x = bytearray(150 << 20)\n"
        "        os.read(released, 1)\n"
        "        os._exit(0)\n"
        "codes = []\n"
        "while -9 not in codes: codes.append(os.waitstatus_to_exitcode(os.wait()[1]))\n"
        "os.close(release)",
        60,
    )
    if not result.died:
        assert -9 in kernel.value("codes")
    else:
        assert small.ended(kernel.id)["reason"] == "memory"


def test_memory_shared_between_processes_counts_too(small, kernel):
    result = kernel.run(
        "import mmap; m = mmap.mmap(-1, 3000 << 20)\nfor i in range(0, 600 << 20, 4096): m[i] = 1"
    )
    if by_cgroup(small, "memory"):
        assert result.died
        wait_until(lambda: small.ended(kernel.id), 5, "the end is recorded")
        assert small.ended(kernel.id) | {"ended_at": 0} == {
            "exit_code": -9,
            "reason": "memory",
            "ended_at": 0,
        }
    else:
        assert result.error[0] in ("OSError", "MemoryError")


def test_a_file_can_grow_only_so_far(kernel):
    result = kernel.run("with open('big', 'wb') as f:\n    f.write(bytes(9 << 20))")
    assert result.error[0] == "OSError"
    assert "too large" in result.error[1]
    assert (kernel.workspace / "big").stat().st_size <= 8 * MEBIBYTE
    assert (
        kernel.run("!dd if=/dev/zero of=big2 bs=1M count=20 2>/dev/null; echo done").stdout.strip() == "done"
    )
    assert (kernel.workspace / "big2").stat().st_size <= 8 * MEBIBYTE


def test_only_so_many_files_can_be_open(kernel):
    result = kernel.run("held = [open('/dev/null') for _ in range(200)]")
    assert result.error[0] == "OSError"
    assert kernel.run("held = []; 1").value == "1"


@pytest.mark.parametrize(
    "bomb",
    [
        "import os\nwhile True:\n    try: os.fork()\n    except OSError: pass",
        "import subprocess\nsubprocess.run(['sh', '-c', ':(){ :|:& };:'])\nimport time; time.sleep(20)",
        "import threading, time\nwhile True:\n"
        "    try: threading.Thread(target=time.sleep, args=(100,)).start()\n"
        "    except RuntimeError: pass",
    ],
)
def test_a_bomb_of_processes_harms_nobody_else(small, bomb):
    bystander, kernel = small.kernel(), small.kernel()
    kernel.send(bomb)
    time.sleep(1)
    worst = 0.0
    for _ in range(10):
        began = time.monotonic()
        assert bystander.run("1 + 1").value == "2"
        worst = max(worst, time.monotonic() - began)
    assert worst < 5
    # Its own kernel may die of it (libzmq aborts where it cannot start a thread): the workspace goes on.
    assert kernel.delete() in (204, 404)
    successor = small.kernel(kernel.workspace)
    assert successor.run("1 + 1").value == "2"
    for remaining in (bystander, successor):
        remaining.delete()


def test_memory_outside_of_the_heap_is_bounded(kernel):
    """/tmp and the like lie in memory."""
    for path in ("/tmp", "/dev/shm", "/home/user"):
        result = kernel.run(f"for i in range(60):\n    open(f'{path}/{{i}}', 'wb').write(bytes(7 << 20))")
        assert result.died or "No space left" in result.error[1]
        if result.died:
            kernel = kernel.engine.kernel()


def test_each_process_has_its_limits(kernel):
    """Some say nothing by themselves: what they bound is bounded by something else as well."""
    kernel.run("import resource")
    limits = {
        "CORE": 0,
        "FSIZE": 8 * MEBIBYTE,
        "MEMLOCK": 64 << 10,
        "MSGQUEUE": 0,
        "NOFILE": 100,
        "NPROC": 40,
    }
    for name, most in limits.items():
        assert kernel.value(f"resource.getrlimit(resource.RLIMIT_{name})") == (most, most), name


@pytest.mark.skipif(not AS_ROOT, reason="looks into other users' processes")
def test_a_kernel_is_in_control_groups_of_its_own(small, kernel):
    limits = read_json(small.state / "limits.json")
    most = {}
    for base in read_json(small.state / "server.json")["groups"]:
        group = Path(base, kernel.id.replace("-", "")[:20])
        assert str(kernel.process()) in (group / "cgroup.procs").read_text().split()
        for name in ("pids.max", "memory.max", "memory.limit_in_bytes"):
            if (group / name).exists():
                most[name.split(".")[0]] = int((group / name).read_text())
    if limits["processes"]["by"] == "cgroup":
        assert most["pids"] == 40
    if limits["memory"]["by"] == "cgroup":
        assert 256 * MEBIBYTE <= most["memory"] <= 320 * MEBIBYTE


def test_tells_which_limits_are_in_force(small):
    limits = read_json(small.state / "limits.json")
    assert limits["memory"]["bytes"] == 256 * MEBIBYTE
    assert limits["processes"]["count"] == 40
    assert {limits[name]["by"] for name in ("memory", "processes")} <= {"cgroup", "rlimit"}
    assert limits["cpu"]["by"] in ("cgroup", "nice")
