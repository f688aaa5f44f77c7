"""Removing workspaces."""

import os

import pytest
from conftest import AS_ROOT, HOSTILE_UID
from test_hostile_content import make_deep

from mntdata_runtime.workspace_helper import removal
from mntdata_runtime.workspace_helper.cancellation import Cancellation


@pytest.fixture(params=["workspace", "unprivileged"])
def owned(request):
    return request.getfixturevalue(request.param)


def give_away(workspace):
    if HOSTILE_UID is not None:
        for directory, directories, files in os.walk(workspace.path):
            for name in (*directories, *files):
                os.lchown(os.path.join(directory, name), HOSTILE_UID, HOSTILE_UID)


def test_anything_is_removed(owned):
    path = owned.write("closed/inner/file")
    (owned.path / "link").symlink_to("/etc")
    os.mkfifo(owned.path / "fifo")
    owned.write("readonly/file").chmod(0)
    give_away(owned)
    for directory in (path.parent, path.parent.parent, owned.path / "readonly", owned.path):
        directory.chmod(0)
    assert owned.helper.call("remove", directory=owned.name)
    assert not owned.path.exists()
    assert os.listdir(owned.helper.trash) == []
    assert os.path.exists("/etc/passwd")


def test_deep_trees_are_removed(owned):
    make_deep(owned, 60, "d" * 200)
    make_deep(owned, 1500, "e")
    if HOSTILE_UID is not None:
        owner = ["chown", "-R", f"{HOSTILE_UID}:{HOSTILE_UID}", str(owned.path)]
        assert os.spawnvp(os.P_WAIT, owner[0], owner) == 0
    assert owned.helper.call("remove", directory=owned.name)
    assert os.listdir(owned.helper.trash) == []


def test_absent_workspace_is_no_error(helper):
    assert helper.call("remove", directory="absent") is False


@pytest.mark.skipif(not AS_ROOT, reason="only root can shut another user out of his directory")
def test_owner_who_keeps_filling_his_directory_is_shut_out(tmp_path, monkeypatch):
    workspaces = tmp_path / "workspaces"
    (workspaces / "w/d").mkdir(parents=True)
    for path in (workspaces / "w", workspaces / "w/d"):
        os.chown(path, HOSTILE_UID, HOSTILE_UID)
    refused = []
    empty = removal._empty

    def empty_then_fill(directory, pool, cancellation):
        empty(directory, pool, cancellation)
        os.seteuid(HOSTILE_UID)
        try:
            os.mkdir("more", dir_fd=directory)
        except PermissionError:
            refused.append(directory)
        finally:
            os.seteuid(0)

    monkeypatch.setattr(removal, "_empty", empty_then_fill)
    assert removal.Trash(str(workspaces), str(tmp_path / "trash")).remove("w", Cancellation())
    assert len(refused) == 2
    assert os.listdir(tmp_path / "trash") == []


def test_sweep_ends_what_was_cut_short(workspace):
    half = workspace.helper.trash / "0123"
    elsewhere = workspace.helper.workspaces / ".removed-0123"
    for place in (half, elsewhere):
        (place / "0/a/b").mkdir(parents=True)
        (place / "0/a/file").write_bytes(b"")
    workspace.write("kept.csv")
    assert workspace.helper.call("list") == [workspace.name]
    assert workspace.helper.call("sweepTrash") == 2
    assert not half.exists()
    assert not elsewhere.exists()
    assert (workspace.path / "kept.csv").exists()


def test_removed_workspace_is_forgotten(workspace):
    workspace.write("a.csv")
    workspace.commit()
    workspace.helper.call("remove", directory=workspace.name)
    workspace.helper.call("create", directory=workspace.name, uid=workspace.uid)
    assert workspace.collect() == {"needManifest": True}
