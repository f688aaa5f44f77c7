"""What code in a room must not be able to do. Every case runs in a real room, as root and as a user."""

import errno
import json
import os
import socket

import pytest
from engine import TOKEN, is_running, wait_until
from identity import AS_ROOT

REFUSED = (errno.EPERM, errno.ENOSYS)
# A system call by its number: what libc does not offer, or would refuse by itself.
CALL = """
import ctypes, errno, os
libc = ctypes.CDLL(None, use_errno=True)
def call(number, *arguments):
    ctypes.set_errno(0)
    result = libc.syscall(number, *[ctypes.c_long(a) if isinstance(a, int) else a for a in arguments])
    return ctypes.get_errno() if result == -1 else 0
def write(path, text):
    with open(path, 'w') as file: file.write(text)
def attempt(action):
    try: action()
    except OSError as error: return error.errno
    except ValueError: return -1
    return 0
"""
X86_64 = {
    "ptrace": 101, "process_vm_readv": 310, "kcmp": 312, "pidfd_getfd": 438,
    "unshare": 272, "setns": 308, "mount": 165, "umount2": 166, "pivot_root": 155, "chroot": 161,
    "open_tree": 428, "move_mount": 429, "fsopen": 430, "fsmount": 432, "mount_setattr": 442,
    "bpf": 321, "perf_event_open": 298, "userfaultfd": 323, "io_uring_setup": 425,
    "add_key": 248, "request_key": 249, "keyctl": 250, "open_by_handle_at": 304,
    "name_to_handle_at": 303, "fanotify_init": 300, "mknod": 133, "reboot": 169,
    "kexec_load": 246, "init_module": 175, "syslog": 103, "swapon": 167, "acct": 163,
    "sethostname": 170, "settimeofday": 164, "iopl": 172, "clone3": 435,
}  # fmt: skip


@pytest.fixture(scope="module")
def room(engine):
    """One kernel for all attempts that leave it as it was."""
    kernel = engine.kernel()
    kernel.run(CALL)
    yield kernel
    kernel.delete()


@pytest.mark.skipif(os.uname().machine != "x86_64", reason="system calls by their numbers on x86_64")
@pytest.mark.parametrize("name", X86_64)
def test_refuses_system_calls_without_a_kill(room, name):
    assert room.value(f"call({X86_64[name]}, 0, 0, 0, 0, 0)") in REFUSED


@pytest.mark.skipif(os.uname().machine != "x86_64", reason="clone's number on x86_64")
@pytest.mark.parametrize(
    "flag", ["0x20000", "0x2000000", "0x4000000", "0x8000000", "0x10000000", "0x20000000", "0x40000000"]
)
def test_makes_no_namespaces_by_clone(room, flag):
    assert room.value(f"call(56, {flag} | 17, 0, 0, 0, 0)") in REFUSED


@pytest.mark.skipif(os.uname().machine != "x86_64", reason="x32 exists on x86_64")
def test_calls_of_another_architecture_do_not_kill(room):
    assert room.value("call(0x40000000 | 39)") == errno.ENOSYS


def test_has_given_up_every_privilege(engine, room):
    status = dict(
        line.split(":\t", 1)
        for line in room.value("open('/proc/self/status').read()").splitlines()
        if ":\t" in line
    )
    assert {status[f"Cap{which}"] for which in ("Inh", "Prm", "Eff", "Bnd", "Amb")} == {"0" * 16}
    assert (status["NoNewPrivs"], status["Seccomp"]) == ("1", "2")
    user = str(room.workspace.stat().st_uid) if engine.root else "1000"
    assert status["Uid"].split() == status["Gid"].split() == [user] * 4
    assert status["Groups"].split() in ([], [user], ["65534"])


def test_the_rooms_own_processes_have_no_privilege_either(room):
    for pid in (1, 2):
        status = dict(
            line.split(":\t", 1)
            for line in room.value(f"open('/proc/{pid}/status').read()").splitlines()
            if ":\t" in line
        )
        assert status["CapEff"] == "0" * 16
        assert (status["NoNewPrivs"], status["Seccomp"]) == ("1", "2")


@pytest.mark.parametrize(
    "attack",
    [
        "os.setuid(0)",
        "os.setgid(0)",
        "os.setgroups([0])",
        "os.chown('/mnt/data', 0, 0)",
        "os.mknod('/mnt/data/disk', 0o660 | 0o60000, os.makedev(8, 0))",
        "os.setpriority(os.PRIO_PROCESS, 0, -20)",
        "write('/proc/self/oom_score_adj', '-1000')",
        "write('/proc/sys/kernel/core_pattern', '|/bin/sh')",
        "write('/proc/sysrq-trigger', 'b')",
        "open('/etc/passwd', 'a')",
        "open('/usr/bin/mine', 'w')",
        "open('/mine', 'w')",
        "open('/mnt/mine', 'w')",
        "os.rename('/mnt/data', '/mnt/mine')",
        "os.rmdir('/mnt/data')",
        "open(__import__('pandas').__file__, 'a')",
        "open(__import__('sys').prefix + '/mine', 'w')",
        "open(__import__('mntdata_runtime').__file__, 'a')",
        "os.listdir('/sys')",
        "os.open('/dev/kmsg', os.O_RDONLY)",
        "os.open('/dev/mem', os.O_RDONLY)",
        "os.open('/dev/fuse', os.O_RDWR)",
        "os.open('/proc/kcore', os.O_RDONLY)",
        "os.kill(1, 9) or os.kill(os.getppid() or 99999, 9)",
    ],
)
def test_is_refused(room, attack):
    assert room.value(f"attempt(lambda: {attack})") != 0
    assert room.run("1").value == "1"


@pytest.mark.parametrize("limit", ["AS", "CORE", "DATA", "FSIZE", "NOFILE", "NPROC", "MEMLOCK"])
def test_cannot_raise_its_limits(room, limit):
    raised = f"(lambda r: r.setrlimit(r.RLIMIT_{limit}, (-1, -1)))(__import__('resource'))"
    if (
        limit == "AS"
        and room.value("__import__('resource').getrlimit(__import__('resource').RLIMIT_AS)[1]") == -1
    ):
        assert room.engine.record(room.id)["limits"]["memory"]["by"] == "cgroup"
        return
    assert room.value(f"attempt(lambda: {raised})") != 0


def test_sees_only_its_own_processes(room):
    commands = room.value("[open(f'/proc/{p}/cmdline').read() for p in os.listdir('/proc') if p.isdecimal()]")
    assert len(commands) <= 4
    assert not any("server" in command for command in commands)


def test_finds_no_secret_in_any_process(engine, room):
    code = """
found = []
for pid in [p for p in os.listdir('/proc') if p.isdecimal()]:
    for name in ('environ', 'cmdline', 'maps', 'mountinfo', 'cgroup', 'stat', 'status'):
        try: found.append(open(f'/proc/{pid}/{name}', errors='replace').read())
        except OSError: pass
"""
    room.run(code)
    everything = "\n".join(room.value("found"))
    for secret in (TOKEN, "MNTDATA_STATE", str(engine.state)):
        assert secret not in everything


@pytest.mark.skipif(not AS_ROOT, reason="reads the memory of another user's process")
def test_its_memory_holds_no_token(room):
    """Neither of its own nor of what it inherited by the fork."""
    pid = room.process()
    with open(f"/proc/{pid}/maps") as maps, open(f"/proc/{pid}/mem", "rb") as memory:
        for line in maps:
            start, end = (int(address, 16) for address in line.split()[0].split("-"))
            if line.split()[1].startswith("rw"):
                memory.seek(start)
                assert TOKEN.encode() not in memory.read(end - start), line


def test_inherits_no_descriptor(engine, room):
    listing = """
import socket
kinds = {}
for fd in os.listdir('/proc/self/fd'):
    try: target = os.readlink(f'/proc/self/fd/{fd}')
    except OSError: continue
    if target.startswith('socket:'):
        s = socket.socket(fileno=os.dup(int(fd)))
        name = s.getsockname()
        target = f'{s.family.name} {name if isinstance(name, str) else name[0]}'
        s.close()
    kinds.setdefault(target if target.startswith('anon') else target.split(':[')[0], []).append(int(fd))
"""
    room.run(listing)
    kinds = room.value("kinds")
    own = {
        "anon_inode:[eventfd]",
        "anon_inode:[eventpoll]",
        "pipe",
        "/dev/null",
        "/dev/urandom",
        "/dev/random",
    }
    inner = str(room.id).replace("-", "")[:20]
    strange = [
        kind
        for kind in kinds
        if kind not in own
        and not kind.startswith(("/proc/", "AF_INET 127.0.0.1"))
        and not (kind.startswith("AF_UNIX") and (inner in kind or kind == "AF_UNIX "))
    ]
    assert strange == []


@pytest.mark.skipif(not AS_ROOT, reason="looks into other users' processes")
@pytest.mark.parametrize("kind", ["cgroup", "ipc", "mnt", "net", "pid", "user", "uts"])
def test_lives_in_namespaces_of_its_own(engine, room, kind):
    kernel, inside, outside = (
        os.readlink(f"/proc/{pid}/ns/{kind}") for pid in (room.process(), room.room_pid(), engine.pid)
    )
    assert kernel == inside
    # Root keeps its own: without one there is no uid 0 in the room at all.
    assert (kernel == outside) == (kind == "user" and engine.root)


@pytest.mark.skipif(not AS_ROOT, reason="looks into other users' processes")
def test_shares_no_pipe_or_socket_with_the_engine(engine, room):
    """From inside, a pipe to the service's log looks like a pipe of one's own."""
    others = (os.getpid(), engine.pid, engine.parent_pid())
    assert pipes_and_sockets(room.process()).isdisjoint(set().union(*map(pipes_and_sockets, others)))


def pipes_and_sockets(pid):
    targets = {os.readlink(entry.path) for entry in os.scandir(f"/proc/{pid}/fd")}
    return {target for target in targets if target.startswith(("pipe:", "socket:"))}


def test_sees_no_other_workspace_and_nothing_of_the_service(engine, room):
    other = engine.kernel()
    other.run("open('secret.txt', 'w').write('s')")
    try:
        visible = room.run("!find / -xdev -name secret.txt 2>/dev/null; ls /mnt").stdout.split()
        assert visible == ["data"]
        for path in (other.workspace, engine.workspaces, engine.state, engine.directory):
            assert room.value(f"os.path.exists({str(path)!r})") is False
        for name in ("root/.ssh", "etc/shadow", "var", "run", "boot", "srv", "sys", "proc/1/root/etc/shadow"):
            assert room.value(f"os.path.exists('/{name}')") is False
    finally:
        other.delete()


def test_cannot_enter_another_workspace_by_its_number(engine, room):
    """As root each workspace has an owner of its own, so even a way in would be closed."""
    if engine.root:
        other = engine.workspace()
        assert other.stat().st_uid != room.workspace.stat().st_uid
        assert other.stat().st_mode & 0o077 == 0


@pytest.mark.parametrize("family", ["AF_PACKET", "AF_VSOCK", "AF_ALG", "AF_BLUETOOTH", "AF_CAN", "AF_TIPC"])
def test_opens_no_exotic_sockets(room, family):
    number = getattr(socket, family, None) or {"AF_BLUETOOTH": 31}[family]
    assert room.value(f"attempt(lambda: __import__('socket').socket({int(number)}, 2))") in REFUSED


def test_opens_no_raw_socket(room):
    code = "attempt(lambda: __import__('socket').socket(2, 3, 1))"
    assert room.value(code) in (errno.EPERM, errno.EACCES)


def test_reaches_no_network(engine, room):
    listener = socket.create_server(("127.0.0.1", 0))
    port = listener.getsockname()[1]
    engine_port = int(engine.url.rsplit(":", 1)[1].strip("/"))
    try:
        for address in (("127.0.0.1", port), ("127.0.0.1", engine_port), ("192.0.2.1", 80), ("1.1.1.1", 53)):
            attack = f"__import__('socket').create_connection({address!r}, 2)"
            assert room.value(f"attempt(lambda: {attack})") != 0
        datagram = "__import__('socket').socket(2, 2).sendto(b'x', ('1.1.1.1', 53))"
        assert room.value(f"attempt(lambda: {datagram})") != 0
        name = "__import__('socket').getaddrinfo('example.org', 80)"
        assert room.value(f"attempt(lambda: {name})") != 0
        assert room.value("[name for _, name in __import__('socket').if_nameindex()]") == ["lo"]
    finally:
        listener.close()


def test_reaches_no_abstract_socket(room):
    name = f"\0mntdata-test-{os.getpid()}"
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(name)
        listener.listen()
        attack = f"__import__('socket').socket(1).connect({name!r})"
        assert room.value(f"attempt(lambda: {attack})") != 0


def test_learns_nothing_of_the_hosts_interfaces_from_its_sockets(room):
    """They were made outside, so the ioctls of the network would answer for the outside."""
    attack = """
import fcntl, socket
answers = set()
for fd in os.listdir('/proc/self/fd'):
    for request in (0x8912, 0x8927, 0x8910, 0x8915):
        answers.add(attempt(lambda: fcntl.ioctl(int(fd), request, b'eth0' + bytes(60))))
"""
    room.run(attack)
    assert 0 not in room.value("answers")


def test_cannot_put_words_into_a_terminal(room):
    attack = "__import__('fcntl').ioctl(__import__('pty').openpty()[1], 0x5412, b'x')"
    assert room.value(f"attempt(lambda: {attack})") == errno.EPERM


def test_signals_nobody_outside(engine, kernel):
    victim = engine.kernel()
    try:
        # -1 means everybody whom it may signal; for a user's room that includes the room's own processes.
        kernel.send("import signal, os; signal.signal(15, signal.SIG_IGN); os.kill(-1, 15)")
        assert victim.run("1").value == "1"
        assert engine.call("GET", "api/kernels")[0] == 200
    finally:
        victim.delete()


def test_nothing_lives_on_after_its_kernel(engine):
    kernel = engine.kernel()
    kernel.run(
        "import subprocess, os\n"
        "deaf = ['sh', '-c', 'trap \"\" TERM HUP INT; sleep 1000']\n"
        "for _ in range(3): subprocess.Popen(deaf, start_new_session=True)\n"
        "if os.fork() == 0:\n"
        "  os.setsid()\n"
        "  if os.fork() == 0:\n"
        "    import time; time.sleep(1000)\n"
        "  os._exit(0)\n"
    )
    room = kernel.room_pid()
    inside = [pid for pid in map(int, filter(str.isdecimal, os.listdir("/proc"))) if same_room(pid, room)]
    assert len(inside) > 5
    kernel.run("os._exit(0)")
    wait_until(lambda: not any(map(is_running, inside)), 5, "the room is empty")
    kernel.close()


def same_room(pid, room):
    try:
        return os.readlink(f"/proc/{pid}/ns/pid") == os.readlink(f"/proc/{room}/ns/pid")
    except OSError:
        return False


def test_has_no_socket_to_swap_for_a_link(engine, room):
    """The server connects to paths that no room sees; a link put there could lead it anywhere."""
    paths = room.value("[open('/proc/self/mountinfo').read()]")[0]
    run = json.loads((engine.state / "server.json").read_text())["run"]
    assert run not in paths
    assert room.value(f"os.path.exists({run!r})") is False
    if AS_ROOT:
        directory = os.path.join(run, room.id.replace("-", "")[:20])
        for path in (run, directory):
            status = os.lstat(path)
            assert status.st_mode & 0o7077 & 0o077 == 0
            assert status.st_uid == os.stat(f"/proc/{engine.pid}").st_uid


def test_mounts_nothing_with_set_uid_or_devices_or_writable_by_mistake(room):
    """The devices of /dev are bound one by one; of /proc, Linux itself guards what is sensitive."""
    writable = {"/mnt/data", "/tmp", "/dev/shm", "/home/user", "/dev", "/dev/pts", "/proc"}
    devices = {f"/dev/{name}" for name in ("null", "zero", "full", "random", "urandom", "tty", "console")}
    for line in room.value("open('/proc/self/mountinfo').read()").splitlines():
        point, options = line.split()[4], line.split()[5].split(",")
        assert "nosuid" in options, line
        assert "nodev" in options or point in devices | {"/dev/pts"}, line
        assert "ro" in options or point in writable | devices, line


def test_a_hostile_parent_environment_stays_outside(new_engine):
    engine = new_engine(
        LD_PRELOAD="", PYTHONPATH="/nowhere", SECRET_OF_THE_SERVICE="s3cr3t", AWS_SECRET_ACCESS_KEY="s3cr3t"
    )
    cold = engine.kernel()
    engine.wait_for_parent()
    for kernel in (cold, engine.kernel()):
        assert "s3cr3t" not in kernel.run("!cat /proc/*/environ; env").stdout
        assert "/nowhere" not in kernel.value("__import__('sys').path")


def test_attacks_on_different_threads_meet_the_same_filter(room):
    code = (
        "import threading, os\nresult = []\n"
        "def work():\n  result.append(call(272, 0x10000000))\n"
        "t = threading.Thread(target=work); t.start(); t.join()"
    )
    room.run(code)
    assert room.value("result[0]") in REFUSED
