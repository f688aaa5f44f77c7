"""Placing artifacts in a workspace."""

import errno
import os
import stat

import pytest
from conftest import HOSTILE_UID
from workspace import item, names, nothing_new

from mntdata_runtime.workspace_helper import content, placement
from mntdata_runtime.workspace_helper.cancellation import Cancellation

UID = os.geteuid() if HOSTILE_UID is None else HOSTILE_UID


def leftovers(workspace):
    return list(workspace.path.rglob(".mntdata-placing-*"))


def test_placed_file_has_content_owner_and_mode(workspace, artifact):
    stored = artifact(b"a,b\n")
    [outcome] = workspace.place(item("data/2024/a.csv", stored, HOSTILE_UID))
    path = workspace.path / "data/2024/a.csv"
    status = path.stat()
    assert outcome["outcome"] == "placed"
    assert path.read_bytes() == b"a,b\n"
    assert (status.st_uid, status.st_gid, stat.S_IMODE(status.st_mode)) == (
        UID,
        UID if HOSTILE_UID else os.getegid(),
        0o644,
    )
    for parent in (path.parent, path.parent.parent):
        assert (parent.stat().st_uid, stat.S_IMODE(parent.stat().st_mode)) == (UID, 0o755)
    assert outcome["stamps"]["inode"] == str(status.st_ino)
    assert outcome["stamps"]["ctimeNs"] == str(status.st_ctime_ns)
    assert leftovers(workspace) == []


def test_mode_is_kept_without_special_bits(workspace, artifact):
    workspace.place(item("run.sh", artifact(), HOSTILE_UID, mode=0o4755))
    assert stat.S_IMODE((workspace.path / "run.sh").stat().st_mode) == 0o755


def test_placed_and_settled_files_are_no_news(workspace, artifact):
    stored = artifact(b"stored")
    sha256 = content.hashlib.sha256(b"stored").hexdigest()
    workspace.commit()
    workspace.place(item("a.csv", stored, HOSTILE_UID, sha256=sha256))
    settled = {"directory": workspace.name, "from": workspace.generation, "to": 7}
    assert workspace.helper.call("settle", **settled)
    workspace.generation = 7
    collection = workspace.collect()
    assert collection["created"] == collection["modified"] == collection["deleted"] == []


def test_placed_without_its_digest_the_manifest_is_asked_for(workspace, artifact):
    workspace.commit()
    workspace.place(item("a.csv", artifact(), HOSTILE_UID))
    settled = {"directory": workspace.name, "from": workspace.generation, "to": 7}
    assert not workspace.helper.call("settle", **settled)
    workspace.generation = 7
    assert workspace.collect() == {"needManifest": True}


def test_placed_but_not_settled_files_are_created(workspace, artifact):
    workspace.commit()
    workspace.place(item("a.csv", artifact(), HOSTILE_UID, sha256="00" * 32))
    assert names(workspace.collect()["created"]) == ["a.csv"]


def test_taken_name_is_left_alone_and_told_with_its_content(workspace, artifact):
    workspace.write("same.csv", b"same content")
    workspace.write("size.csv", b"SAME CONTENT")
    workspace.write("other.csv", b"other")
    (workspace.path / "directory").mkdir()
    (workspace.path / "link").symlink_to("same.csv")
    stored = artifact(b"same content")
    paths = ("same.csv", "size.csv", "other.csv", "directory", "link")
    outcomes = workspace.place(*(item(path, stored, HOSTILE_UID) for path in paths))
    digest = content.hashlib.sha256(b"same content").hexdigest()
    assert outcomes[0] == {"outcome": "taken", "sha256": digest}
    assert outcomes[1]["outcome"] == "taken"
    assert outcomes[1]["sha256"] != digest
    assert outcomes[2:] == [{"outcome": "taken"}] * 3
    assert (workspace.path / "other.csv").read_bytes() == b"other"
    assert leftovers(workspace) == []


def test_name_taken_while_the_file_is_written_is_not_overwritten(tmp_path, artifact, monkeypatch):
    monkeypatch.setattr(placement, "_exists", lambda *_: False)
    taken = tmp_path / "a.csv"
    taken.write_bytes(b"content of the code")
    descriptor = os.open(tmp_path, os.O_RDONLY)
    outcome = placement.Placement(descriptor, Cancellation()).place(item("a.csv", artifact()))
    os.close(descriptor)
    assert outcome == {"outcome": "taken"}
    assert taken.read_bytes() == b"content of the code"


def test_replace_takes_the_place_of_files_and_links(workspace, artifact, tmp_path):
    outside = tmp_path / "outside"
    outside.write_bytes(b"outside")
    workspace.write("a.csv", b"old")
    (workspace.path / "link").symlink_to(outside)
    stored = artifact(b"new")
    for path in ("a.csv", "link"):
        [outcome] = workspace.place(item(path, stored, HOSTILE_UID, "replace"))
        assert outcome["outcome"] == "placed"
        assert (workspace.path / path).read_bytes() == b"new"
    assert outside.read_bytes() == b"outside"
    assert leftovers(workspace) == []


@pytest.mark.parametrize(
    "path", ["", "/etc/x", "../x", "a/../x", "a//b", "./a", "a/.", "a/", "a\0b", "..", "d/" * 2048 + "f"]
)
def test_path_that_leads_elsewhere_is_refused(workspace, artifact, path):
    [outcome] = workspace.place(item(path, artifact(), HOSTILE_UID))
    assert outcome["outcome"] == "failed"
    assert outcome["code"] in ("invalid_path", "path_too_long")


def test_obstacles_fail_their_item_only(workspace, artifact, tmp_path):
    (workspace.path / "link").symlink_to(tmp_path)
    workspace.write("file")
    (workspace.path / "directory").mkdir()
    stored = artifact()
    outcomes = workspace.place(
        item("link/a.csv", stored, HOSTILE_UID),
        item("file/a.csv", stored, HOSTILE_UID),
        item("directory", stored, HOSTILE_UID, "replace"),
        item("a.csv", tmp_path / "absent", HOSTILE_UID),
        item("x" * 256, stored, HOSTILE_UID),
        item("good.csv", stored, HOSTILE_UID),
    )
    assert [outcome.get("code") for outcome in outcomes] == [
        "not_a_directory",
        "not_a_directory",
        "is_directory",
        "artifact_missing",
        "failed",
        None,
    ]
    assert not (tmp_path / "a.csv").exists()
    assert leftovers(workspace) == []


def test_closed_directory_is_opened_by_its_owner(unprivileged, artifact):
    directory = unprivileged.path / "closed"
    directory.mkdir()
    if HOSTILE_UID is not None:
        os.chown(directory, HOSTILE_UID, HOSTILE_UID)
    directory.chmod(0o500)
    stored = artifact()
    stored.chmod(0o644)
    [outcome] = unprivileged.place(item("closed/a.csv", stored))
    assert outcome["outcome"] == "placed"


def test_raw_bytes_are_names(workspace, artifact):
    workspace.place(item(os.fsdecode(b"a\xff\n/b\xfe"), artifact(), HOSTILE_UID))
    assert os.listdir(os.fsencode(workspace.path) + b"/a\xff\n") == [b"b\xfe"]


def test_large_file_can_be_trusted_at_once(workspace, artifact):
    stored = artifact(bytes(33 << 20))
    sha256 = content.hashlib.sha256(bytes(33 << 20)).hexdigest()
    workspace.commit()
    [outcome] = workspace.place(item("large", stored, HOSTILE_UID, sha256=sha256))
    assert outcome["stamps"]["racy"] is False
    assert workspace.helper.call(
        "settle", directory=workspace.name, **{"from": workspace.generation, "to": 9}
    )
    workspace.generation = 9
    before = workspace.helper.read_bytes()
    assert nothing_new(workspace.collect())
    assert workspace.helper.read_bytes() - before < 1 << 20


def test_copies_where_copy_file_range_cannot(tmp_path, artifact, monkeypatch):
    """Between other file systems, or on an old kernel."""

    def refuse(*_):
        raise OSError(errno.EXDEV, "Invalid cross-device link")

    monkeypatch.setattr(os, "copy_file_range", refuse)
    monkeypatch.setattr(content, "_STEP", 1000)
    stored = artifact(os.urandom(10_500))
    root = tmp_path / "root"
    root.mkdir()
    descriptor = os.open(root, os.O_RDONLY)
    outcome = placement.Placement(descriptor, Cancellation()).place(item("a", stored))
    os.close(descriptor)
    assert outcome["outcome"] == "placed"
    assert (root / "a").read_bytes() == stored.read_bytes()
