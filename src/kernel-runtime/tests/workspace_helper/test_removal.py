"""Removing workspaces."""

import os

import pytest
from conftest import HOSTILE_UID
from test_hostile_content import make_deep


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


def test_directory_that_someone_writes_into_is_removed(workspace):
    """A process that still has it open cannot add anything once it is ours."""
    workspace.write("d/file")
    holder = os.open(workspace.path / "d", os.O_RDONLY)
    assert workspace.helper.call("remove", directory=workspace.name)
    with pytest.raises(FileNotFoundError):
        os.mkdir("more", dir_fd=holder)
    os.close(holder)


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
