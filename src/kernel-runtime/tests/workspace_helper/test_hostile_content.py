"""Content that attacks its reader."""

import fcntl
import os
import resource
import secrets
import signal
import socket
import subprocess
import sys
import time

import pytest
from conftest import AS_ROOT, HOSTILE_UID
from workspace import Workspace, codes, names, nothing_new, staged_content, untracked

from mntdata_runtime.workspace_helper.descriptors import open_regular
from mntdata_runtime.workspace_helper.failures import FileError

ROUNDS = int(os.environ.get("MNTDATA_TEST_RACE_ROUNDS", "2000"))

needs_root = pytest.mark.skipif(not AS_ROOT, reason="only root makes devices and other users' processes")


def test_links_are_refused_wherever_they_lead(workspace, tmp_path):
    secret = tmp_path / "secret"
    secret.write_text("secret")
    workspace.write("real/a.csv")
    (workspace.path / "file").symlink_to(secret)
    (workspace.path / "directory").symlink_to(tmp_path)
    (workspace.path / "inside").symlink_to("real")
    (workspace.path / "nowhere").symlink_to("/nonexistent")
    (workspace.path / "self").symlink_to("self")
    collection = workspace.collect()
    assert names(collection["created"]) == ["real/a.csv"]
    assert codes(collection) == dict.fromkeys(["directory", "file", "inside", "nowhere", "self"], "symlink")


@pytest.mark.parametrize(
    ("make", "code"),
    [
        (lambda path: os.symlink("/etc/passwd", path), "symlink"),
        (os.mkfifo, "fifo"),
        (os.mkdir, "directory"),
        (lambda path: socket.socket(socket.AF_UNIX).bind(str(path)), "socket"),
    ],
)
def test_what_a_name_became_since_it_was_listed_is_told_unread(tmp_path, make, code):
    make(tmp_path / "x")
    directory = os.open(tmp_path, os.O_RDONLY)
    try:
        with pytest.raises(FileError) as refusal:
            open_regular("x", directory)
    finally:
        os.close(directory)
    assert refusal.value.code == code


def test_file_replaced_by_a_link_is_deleted(workspace):
    path = workspace.write("a.csv")
    workspace.commit_trusted()
    path.unlink()
    path.symlink_to("/etc/passwd")
    collection = workspace.collect()
    assert (collection["deleted"], codes(collection)) == (["a.csv"], {"a.csv": "symlink"})


def test_fifos_never_block_eight_at_once(helper):
    workspaces = [Workspace(helper, secrets.token_hex(16), HOSTILE_UID) for _ in range(8)]
    for workspace in workspaces:
        for number in range(8):
            os.mkfifo(workspace.path / f"fifo{number}")
    for answer in [workspace.begin_collect() for workspace in workspaces]:
        assert set(codes(answer.result(timeout=10)).values()) == {"fifo"}


def test_fifo_with_the_name_of_a_known_file_never_blocks(workspace):
    path = workspace.write("a.csv")
    workspace.commit_trusted()
    path.unlink()
    os.mkfifo(path)
    assert codes(workspace.collect()) == {"a.csv": "fifo"}


def test_sockets_are_refused(workspace):
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(workspace.path / "s"))
        assert codes(workspace.collect()) == {"s": "socket"}


@needs_root
def test_devices_are_refused(workspace):
    os.mknod(workspace.path / "zero", 0o666 | 0o020000, os.makedev(1, 5))
    os.mknod(workspace.path / "loop", 0o666 | 0o060000, os.makedev(7, 0))
    assert codes(workspace.collect()) == {"loop": "device", "zero": "device"}


def test_sparse_terabytes_are_refused_unread_and_counted_as_what_they_take(workspace):
    path = workspace.write("sparse", b"")
    os.truncate(path, 4 << 40)
    before = workspace.helper.read_bytes()
    collection = workspace.collect()
    assert untracked(collection) == {"sparse": "too_large"}
    assert collection["totals"]["bytes"] == 0
    assert workspace.helper.read_bytes() - before < 1 << 20


@pytest.mark.parametrize("owner", ["workspace", "unprivileged"])
def test_files_and_directories_without_permission_are_collected(owner, request):
    workspace = request.getfixturevalue(owner)
    closed = workspace.write("closed/deep/a.csv")
    workspace.write("denied.csv").chmod(0)
    for path in (closed, closed.parent, closed.parent.parent):
        if HOSTILE_UID is not None:
            os.chown(path, HOSTILE_UID, HOSTILE_UID)
        path.chmod(0)
    if HOSTILE_UID is not None:
        os.chown(workspace.path / "denied.csv", HOSTILE_UID, HOSTILE_UID)
    collection = workspace.commit_trusted()
    assert names(collection["created"]) == ["closed/deep/a.csv", "denied.csv"]
    assert codes(collection) == {}
    assert nothing_new(workspace.collect())


def test_another_users_unreadable_file_is_told(unprivileged):
    if not AS_ROOT:
        pytest.skip("the tests have one user only")
    unprivileged.write("foreign.csv").chmod(0o600)
    collection = unprivileged.collect()
    assert codes(collection) == {"foreign.csv": "unreadable"}
    assert collection["created"] == []


def test_nothing_is_said_about_what_lies_below_an_unreadable_directory(unprivileged):
    if not AS_ROOT:
        pytest.skip("the tests have one user only")
    unprivileged.write("foreign/a.csv")
    unprivileged.write("gone.csv")
    unprivileged.commit_trusted()
    (unprivileged.path / "foreign").chmod(0o700)
    (unprivileged.path / "gone.csv").unlink()
    collection = unprivileged.collect()
    os.chown(unprivileged.path / "foreign", HOSTILE_UID, HOSTILE_UID)  # or nobody but root could remove it
    assert codes(collection) == {"foreign": "unreadable"}
    assert collection["deleted"] == ["gone.csv"]


def make_deep(workspace, levels, name):
    """Makes the tree level by level, as no path could name it; the file at the bottom is `bottom`."""
    current = os.open(workspace.path, os.O_RDONLY)
    for _ in range(levels):
        os.mkdir(name, dir_fd=current)
        below = os.open(name, os.O_RDONLY, dir_fd=current)
        os.close(current)
        current = below
    os.close(os.open("bottom", os.O_WRONLY | os.O_CREAT, 0o644, dir_fd=current))
    os.close(current)


def test_tree_deeper_than_any_path(workspace):
    make_deep(workspace, 60, "d" * 200)
    workspace.write("z.csv")
    collection = workspace.collect()
    assert names(collection["created"]) == ["z.csv"]
    assert set(codes(collection).values()) == {"path_too_long"}
    # Told is the first directory that cannot be named; what lies below is counted only.
    [left_out] = collection["leftOut"]
    assert 4096 < len(left_out["path"]) <= 4096 + 201
    assert collection["totals"] == {"files": 2, "bytes": 7, "directories": 60}
    assert workspace.helper.call("usage", directory=workspace.name) == collection["totals"]


def test_two_thousand_levels_are_collected_with_few_descriptors(workspace):
    make_deep(workspace, 2000, "d")
    resource.prlimit(workspace.helper.pid, resource.RLIMIT_NOFILE, (100, 100))
    [entry] = workspace.commit_trusted()["created"]
    assert entry["path"] == "d/" * 2000 + "bottom"
    assert nothing_new(workspace.collect())
    assert workspace.helper.call("remove", directory=workspace.name)


def test_wide_and_deep_tree_is_visited_in_full(workspace):
    """Each of the levels has a file beside the way down: every level is come back to."""
    paths = ["d/" * level + f"{side}/f" for level in range(1, 100) for side in ("a", "e")]
    for path in paths:
        workspace.write(path)
    assert names(workspace.collect()["created"]) == sorted(paths)


def test_path_of_4096_bytes_is_the_longest(workspace):
    directory = ("d" * 200 + "/") * 20  # 4,020 bytes
    current = os.open(workspace.path, os.O_RDONLY)
    for name in directory.split("/")[:-1]:
        os.mkdir(name, dir_fd=current)
        current = os.open(name, os.O_RDONLY, dir_fd=current)
    for name in ("f" * 76, "g" * 77):
        os.close(os.open(name, os.O_WRONLY | os.O_CREAT, 0o644, dir_fd=current))
    collection = workspace.collect()
    assert names(collection["created"]) == [directory + "f" * 76]
    assert codes(collection) == {directory + "g" * 77: "path_too_long"}


GROW = """
import os
while True:
    os.write(1, bytes(65536))
    if os.fstat(1).st_size > 2**29: os.ftruncate(1, 2**27)
"""


def test_file_that_grows_while_it_is_collected_is_told_and_does_not_hang(workspace):
    path = workspace.write("growing", bytes(128 << 20))
    with path.open("ab") as output:
        writer = subprocess.Popen([sys.executable, "-c", GROW], stdout=output)
        try:
            collection = workspace.collect(maxFileBytes=1 << 30)
        finally:
            writer.kill()
            writer.wait()
    assert codes(collection) == {"growing": "changing"}
    assert collection["created"] == []
    assert names(workspace.collect(maxFileBytes=1 << 30)["created"]) == ["growing"]


OVERWRITE = """
import os
byte = 0
while True:
    byte = (byte + 1) % 256
    for offset in range(0, 64 << 20, 1 << 20): os.pwrite(1, bytes([byte]), offset)
"""


def test_file_that_is_overwritten_while_it_is_collected_is_told(workspace):
    """A copy of it would hold bytes that were never together in the file."""
    path = workspace.write("torn", bytes(64 << 20))
    with path.open("r+b") as output:
        writer = subprocess.Popen([sys.executable, "-c", OVERWRITE], stdout=output)
        try:
            while path.open("rb").read(1) == b"\0":
                pass
            assert codes(workspace.collect()) == {"torn": "changing"}
        finally:
            writer.kill()
            writer.wait()
    assert names(workspace.collect()["created"]) == ["torn"]


@pytest.fixture
def _deaf_to_lease_breaks():
    """The kernel asks a holder to give up its lease by a signal that would end it."""
    before = signal.signal(signal.SIGIO, signal.SIG_IGN)
    yield
    signal.signal(signal.SIGIO, before)


@pytest.mark.usefixtures("_deaf_to_lease_breaks")
def test_file_under_a_lease_is_told_at_once(unprivileged):
    """Opening it would wait for the lease to be given up, for as long as its holder likes."""
    path = unprivileged.write("leased.csv")
    with path.open("r+b") as file:
        fcntl.fcntl(file.fileno(), fcntl.F_SETLEASE, fcntl.F_WRLCK)
        begun = time.monotonic()
        assert codes(unprivileged.collect()) == {"leased.csv": "changing"}
        assert time.monotonic() - begun < 5
        fcntl.fcntl(file.fileno(), fcntl.F_SETLEASE, fcntl.F_UNLCK)
    assert names(unprivileged.collect()["created"]) == ["leased.csv"]


SWAP = """
import ctypes, os, sys
secret, uid = sys.argv[1], int(sys.argv[2])
if uid:
    os.setgid(uid); os.setuid(uid)
rename = ctypes.CDLL(None).renameat2
HERE, EXCHANGE = -100, 2
os.makedirs("d/e"); os.makedirs("x")
for path in ("f", "d/f", "d/e/f"):
    with open(path, "wb") as file: file.write(b"A" * 4096)
os.symlink(os.path.dirname(secret), "link-to-directory")
os.symlink(secret, "link-to-file")
os.symlink("/proc/self/root" + os.path.dirname(secret), "x/link")
d, x = os.open("d", os.O_RDONLY), os.open("x", os.O_RDONLY)
print(flush=True)
while True:
    for _ in range(50):
        rename(HERE, b"d", HERE, b"link-to-directory", EXCHANGE)
        rename(HERE, b"f", HERE, b"link-to-file", EXCHANGE)
        rename(d, b"e", x, b"link", EXCHANGE)
"""


@pytest.fixture
def secret(tmp_path):
    """Names that exist in the workspace too, so that a swapped directory would lead to them."""
    directory = tmp_path / "secrets"
    (directory / "e").mkdir(parents=True)
    for name in ("f", "e/f"):
        (directory / name).write_bytes(b"SECRET" * 700)
    return directory / "f"


@pytest.fixture
def swapper(workspace, secret):
    """Swaps files and directories for links as fast as it can."""
    process = subprocess.Popen(
        [sys.executable, "-c", SWAP, secret, str(HOSTILE_UID or 0)],
        cwd=workspace.path,
        stdout=subprocess.PIPE,
    )
    process.stdout.readline()
    yield process
    process.kill()
    process.wait()
    process.stdout.close()


def test_links_swapped_in_never_lead_to_a_foreign_byte(workspace, swapper):
    seen = set()
    for _ in range(ROUNDS):
        collection = workspace.collect(manifest=[])
        for entry in collection["created"]:
            assert set(staged_content(entry)) == {ord("A")}
            seen.add(entry["path"])
        workspace.helper.call("discard", staged=[entry["staged"] for entry in collection["created"]])
    assert {"f", "link-to-file", "d/f", "link-to-directory/f"} <= seen, "the race was not run"
    assert swapper.poll() is None


def test_links_swapped_in_never_lead_a_placed_file_outside(workspace, swapper, artifact, secret):
    stored = artifact(b"P" * 4096)
    for number in range(ROUNDS // 2):
        items = [f"d/placed{number}", "d/e/f", f"d/new{number}/f", "f"]
        wire = [
            {"path": path, "artifact": str(stored), "uid": workspace.uid, "ifTaken": "replace"}
            for path in items
        ]
        outcomes = {outcome["outcome"] for outcome in workspace.place(*wire)}
        assert outcomes <= {"placed", "failed"}
    outside = sorted(path.name for path in secret.parent.rglob("*"))
    assert outside == ["e", "f", "f"]
    assert secret.read_bytes() == b"SECRET" * 700
    assert swapper.poll() is None


def test_links_swapped_in_never_lead_a_removal_outside(workspace, swapper, secret):
    assert workspace.helper.call("remove", directory=workspace.name)
    assert secret.read_bytes() == (secret.parent / "e/f").read_bytes() == b"SECRET" * 700
    assert not workspace.path.exists()
    assert os.listdir(workspace.helper.trash) == []
