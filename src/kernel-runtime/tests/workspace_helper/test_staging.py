"""Copies on their way to the artifacts."""

import os
import subprocess
import time

import pytest
from conftest import AS_ROOT, HOSTILE_UID
from helper_process import HelperError, HelperProcess
from workspace import Workspace, codes, item, names

from mntdata_runtime.workspace_helper.cancellation import Cancellation
from mntdata_runtime.workspace_helper.content import copy_and_hash
from mntdata_runtime.workspace_helper.staging import Staging


def staged_files(helper):
    return [path for path in helper.staging.rglob("*") if path.is_file()]


def test_batch_that_is_not_published_leaves_nothing(tmp_path):
    staging = Staging(str(tmp_path))
    batch = staging.batch()
    for synced in (False, True):
        copy = batch.create()
        os.write(copy.descriptor, b"half")
        if synced:
            batch.sync(copy)
    batch.close()
    staging.close()
    assert list(tmp_path.rglob("*")) == []


def test_published_copies_stay_until_they_are_discarded(tmp_path):
    staging = Staging(str(tmp_path))
    batch = staging.batch()
    copy = batch.create()
    batch.sync(copy)
    assert batch.finish() == {}
    assert not os.path.exists(copy.path)
    batch.publish()
    batch.close()
    assert os.path.dirname(copy.path) == str(tmp_path)
    assert os.path.exists(copy.path)
    staging.discard([copy.path])
    staging.close()
    assert list(tmp_path.rglob("*")) == []


def test_sweep_takes_the_dead_helpers_copies_and_no_others(tmp_path):
    (tmp_path / "helper-dead").mkdir()
    (tmp_path / "helper-dead/half").write_bytes(b"half")
    (tmp_path / "published").write_bytes(b"published")
    living, sweeping = Staging(str(tmp_path)), Staging(str(tmp_path))
    batch = living.batch()
    copy = batch.create()
    assert sweeping.sweep() == 1
    assert os.path.exists(copy.part)
    assert (tmp_path / "published").exists()
    assert not (tmp_path / "helper-dead").exists()
    batch.close()
    living.close()
    sweeping.close()


def test_killed_helper_leaves_nothing_half_written(tmp_path):
    helper = HelperProcess(tmp_path)
    workspace = Workspace(helper, "0" * 32, HOSTILE_UID)
    for number in range(40):
        workspace.write(f"{number}", bytes(4 << 20))
    workspace.begin_collect()
    while not staged_files(helper):
        time.sleep(0)
    helper.kill()
    assert staged_files(helper), "it was killed too late"
    successor = HelperProcess(tmp_path)
    successor.call("ping")
    assert staged_files(successor) == []
    successor.stop()


def test_cancelled_collection_leaves_nothing(workspace):
    for number in range(40):
        workspace.write(f"{number}", bytes(4 << 20))
    answer = workspace.begin_collect()
    while not staged_files(workspace.helper):
        time.sleep(0)
    workspace.helper.send({"op": "cancel", "target": answer.request_id})
    with pytest.raises(HelperError) as failure:
        answer.result(timeout=20)
    assert failure.value.code == "cancelled"
    assert staged_files(workspace.helper) == []


def test_discard_removes_only_staged_copies(workspace, tmp_path):
    workspace.write("a.csv")
    [entry] = workspace.collect()["created"]
    elsewhere = tmp_path / "elsewhere"
    elsewhere.write_bytes(b"")
    with pytest.raises(HelperError):
        workspace.helper.call("discard", staged=[str(elsewhere)])
    workspace.helper.call("discard", staged=[entry["staged"]])
    assert elsewhere.exists()
    assert staged_files(workspace.helper) == []


def mounted(directory, *options):
    """Mounts a small tmpfs until the test ends."""
    directory.mkdir()
    made = subprocess.run(["mount", "-t", "tmpfs", *options, "tmpfs", directory], capture_output=True)
    if made.returncode != 0:
        pytest.skip(f"no mounts here: {made.stderr.decode().strip()}")
    yield directory
    subprocess.run(["umount", "-l", directory], check=True)


@pytest.fixture
def small_staging(tmp_path):
    yield from mounted(tmp_path / "staging", "-o", "size=1M")


@pytest.fixture
def small_workspaces(tmp_path):
    yield from mounted(tmp_path / "workspaces", "-o", "size=1M")


@pytest.mark.skipif(not AS_ROOT, reason="only root mounts")
@pytest.mark.usefixtures("small_staging")
def test_full_disk_leaves_out_what_does_not_fit(workspace):
    workspace.write("1-fits", b"small")
    workspace.write("2-large", os.urandom(2 << 20))
    workspace.write("3-fits", b"small too")
    collection = workspace.collect()
    assert names(collection["created"]) == ["1-fits", "3-fits"]
    assert codes(collection) == {"2-large": "no_space"}
    assert sum(path.stat().st_size for path in staged_files(workspace.helper)) < 100


@pytest.mark.skipif(not AS_ROOT, reason="only root mounts")
@pytest.mark.usefixtures("small_workspaces")
def test_full_workspace_fails_the_item_and_leaves_nothing(workspace, artifact):
    """The workspaces are on another file system than artifacts and trash, too."""
    large, small = artifact(os.urandom(2 << 20)), artifact(b"small")
    outcomes = workspace.place(item("large", large, HOSTILE_UID), item("small", small, HOSTILE_UID))
    assert [outcome.get("code") for outcome in outcomes] == ["no_space", None]
    assert os.listdir(workspace.path) == ["small"]
    assert workspace.helper.call("remove", directory=workspace.name)
    assert os.listdir(workspace.helper.workspaces) == []


def test_failed_sync_is_told(tmp_path, monkeypatch):
    staging = Staging(str(tmp_path))
    batch = staging.batch()
    copy = batch.create()

    def fail(_descriptor):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", fail)
    batch.sync(copy)
    failures = batch.finish()
    assert {path: failure.code for path, failure in failures.items()} == {copy.path: "no_space"}
    assert not os.path.exists(copy.part)
    batch.close()
    staging.close()


def test_copy_shares_blocks_where_the_file_system_can(tmp_path):
    """Same content and digest with and without a reflink."""
    source, target = tmp_path / "source", tmp_path / "target"
    source.write_bytes(os.urandom(3 << 20))
    with source.open("rb") as read, target.open("w+b") as write:
        digest = copy_and_hash(read.fileno(), write.fileno(), 3 << 20, Cancellation())
    assert target.read_bytes() == source.read_bytes()
    assert digest.hex() == subprocess.check_output(["sha256sum", source], text=True).split()[0]
