"""What changed, against the manifest."""

import mmap
import os
import subprocess
import sys
import time
import unicodedata
from contextlib import closing

import pytest
from helper_process import HelperError, wire
from workspace import codes, names, nothing_new, set_back, staged_content, untracked

from mntdata_runtime.workspace_helper import candidates
from mntdata_runtime.workspace_helper.cancellation import Cancellation
from mntdata_runtime.workspace_helper.candidates import Limits
from mntdata_runtime.workspace_helper.collection import Collector
from mntdata_runtime.workspace_helper.mapped_files import MappedInodes
from mntdata_runtime.workspace_helper.staging import Staging


def test_created_file_comes_with_a_copy_of_its_bytes(workspace):
    workspace.write("a/b/c.csv", b"1,2\n")
    collection = workspace.collect()
    [entry] = collection["created"]
    assert entry["path"] == "a/b/c.csv"
    assert staged_content(entry) == b"1,2\n"
    assert collection["totals"] == {"files": 1, "bytes": 4, "directories": 2}


def test_unchanged_files_are_not_told(workspace):
    workspace.write("a.csv")
    workspace.commit_trusted()
    assert nothing_new(workspace.collect())


@pytest.mark.parametrize(
    "change",
    [
        pytest.param(lambda path: path.write_bytes(b"other content"), id="rewritten"),
        pytest.param(lambda path: path.write_bytes(b"CONTENT"), id="same size"),
        pytest.param(lambda path: os.truncate(path, 2), id="truncated"),
        pytest.param(lambda path: os.truncate(path, 0), id="emptied"),
        pytest.param(lambda path: path.open("ab").write(b"more"), id="appended"),
    ],
)
def test_changed_content_is_modified(workspace, change):
    path = workspace.write("a.csv")
    workspace.commit_trusted()
    change(path)
    collection = workspace.commit()
    [entry] = collection["modified"]
    assert staged_content(entry) == path.read_bytes()
    assert collection["created"] == collection["deleted"] == []


def test_replaced_by_rename_is_modified(workspace):
    workspace.write("a.csv", b"content")
    workspace.commit_trusted()
    replacement = workspace.write("new", b"CONTENT")
    replacement.rename(workspace.path / "a.csv")
    collection = workspace.collect()
    assert (names(collection["modified"]), collection["created"]) == (["a.csv"], [])


def collect_in_process(directory, staging, max_file_bytes=1000):
    """A collection whose steps a test can come between."""
    staging = Staging(str(staging))
    with closing(staging), closing(staging.batch()) as batch:
        limits = Limits(max_file_bytes, 10, None)
        collector = Collector({}, limits, MappedInodes(None), batch, Cancellation())
        return collector.collect(os.open(directory, os.O_RDONLY)).to_wire()


def test_file_that_changes_while_it_is_read_is_read_once_more(tmp_path, monkeypatch):
    path = tmp_path / "workspace" / "a.csv"
    path.parent.mkdir()
    path.write_bytes(b"before")
    copy, copies = candidates.copy_and_hash, []

    def copy_and_change(*arguments):
        digest = copy(*arguments)
        if not copies:
            path.write_bytes(b"after")
        copies.append(digest)
        return digest

    monkeypatch.setattr(candidates, "copy_and_hash", copy_and_change)
    collection = collect_in_process(path.parent, tmp_path / "staging")
    assert [(entry["path"], entry["size"]) for entry in collection["created"]] == [("a.csv", 5)]
    assert (codes(collection), len(copies)) == ({}, 2)


def test_file_that_grew_past_the_limit_since_it_was_listed_is_not_copied(tmp_path, monkeypatch):
    path = tmp_path / "workspace" / "a.csv"
    path.parent.mkdir()
    path.write_bytes(b"small")
    opened = candidates.open_regular

    def grow_and_open(*arguments):
        path.write_bytes(bytes(2000))
        return opened(*arguments)

    monkeypatch.setattr(candidates, "open_regular", grow_and_open)
    collection = collect_in_process(path.parent, tmp_path / "staging")
    assert (codes(collection), collection["created"]) == ({"a.csv": "changing"}, [])


def test_renamed_is_deleted_and_created(workspace):
    workspace.write("old.csv")
    workspace.commit_trusted()
    (workspace.path / "old.csv").rename(workspace.path / "new.csv")
    collection = workspace.collect()
    assert (names(collection["created"]), collection["deleted"]) == (["new.csv"], ["old.csv"])


def test_renamed_directory_moves_all_its_files(workspace):
    workspace.write("old/a.csv")
    workspace.commit_trusted()
    (workspace.path / "old").rename(workspace.path / "new")
    collection = workspace.collect()
    assert (names(collection["created"]), collection["deleted"]) == (["new/a.csv"], ["old/a.csv"])


def test_touched_or_rewritten_with_the_same_bytes_is_only_refreshed(workspace):
    workspace.write("touched.csv")
    workspace.write("rewritten.csv")
    workspace.commit_trusted()
    os.utime(workspace.path / "touched.csv")
    workspace.write("rewritten.csv")
    collection = workspace.commit()
    assert names(collection["refreshed"]) == ["rewritten.csv", "touched.csv"]
    assert collection["created"] == collection["modified"] == []


def test_refreshed_entry_has_the_new_mode(workspace):
    path = workspace.write("a.csv")
    workspace.commit_trusted()
    path.chmod(0o755)
    [entry] = workspace.collect()["refreshed"]
    assert entry["mode"] == 0o755


def test_mtime_set_back_does_not_hide_a_change(workspace):
    path = workspace.write("a.csv")
    workspace.commit_trusted()
    before = path.stat()
    path.write_bytes(b"CONTENT")
    set_back(path, before)
    assert names(workspace.collect()["modified"]) == ["a.csv"]


def test_change_within_the_same_instant_and_size_is_found(workspace):
    """The stamps a coarse clock would give: as if the second write had come in the same tick."""
    path = workspace.write("a.csv")
    workspace.commit_trusted()
    path.write_bytes(b"CONTENT")
    status = path.stat()
    [entry] = workspace.manifest
    same_stamps = {"mtimeNs": str(status.st_mtime_ns), "ctimeNs": str(status.st_ctime_ns)}
    racy = {**entry, **same_stamps, "inode": str(status.st_ino), "racy": True}
    assert names(workspace.collect(manifest=[racy])["modified"]) == ["a.csv"]
    assert nothing_new(workspace.collect(manifest=[{**racy, "racy": False}]))


def test_entry_is_racy_only_when_it_was_just_changed(workspace):
    path = workspace.write("a.csv")
    old = time.time_ns() - 10**9
    assert workspace.collect()["created"][0]["stamps"]["racy"]
    os.utime(path, ns=(old, old))  # sets ctime, which nobody can set back, to now
    assert workspace.collect()["created"][0]["stamps"]["racy"]
    while time.time_ns() - path.stat().st_ctime_ns < 21_000_000:
        pass
    assert not workspace.collect()["created"][0]["stamps"]["racy"]


MAPPER = """
import mmap, sys
with open(sys.argv[1], "r+b") as file:
    view = mmap.mmap(file.fileno(), 0)
view[0:1] = b"1"
print(flush=True)
for line in sys.stdin:
    view[0:1] = line[:1].encode()
    print(flush=True)
"""


@pytest.fixture
def mapper(workspace):
    """A child of a child that writes through a mapping when told; by its grandparent's pid."""
    path = workspace.write("mapped.bin", bytes(mmap.PAGESIZE))
    shell = ["/bin/sh", "-c", '"$0" -c "$1" "$2"; true', sys.executable, MAPPER, path]
    process = subprocess.Popen(shell, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    process.stdout.readline()

    def write(text):
        process.stdin.write(text + "\n")
        process.stdin.flush()
        process.stdout.readline()

    write.pid = process.pid
    yield write
    process.stdin.close()
    process.wait(timeout=10)
    process.stdout.close()


def test_write_through_a_mapping_is_found_though_stamps_stay(workspace, mapper):
    workspace.commit(writable_by=mapper.pid)
    before = (workspace.path / "mapped.bin").stat()
    mapper("2")
    after = (workspace.path / "mapped.bin").stat()
    if before.st_mtime_ns != after.st_mtime_ns:
        pytest.skip("this file system was made to stamp the write")
    [entry] = workspace.commit(writable_by=mapper.pid)["modified"]
    assert staged_content(entry)[:1] == b"2"


def test_mapped_file_stays_suspect_after_its_program_ended(workspace, mapper):
    """The last write before the end leaves no trace in the stamps, and the mapping is gone."""
    workspace.commit(writable_by=mapper.pid)
    while time.time_ns() - (workspace.path / "mapped.bin").stat().st_ctime_ns < 21_000_000:
        pass
    workspace.commit(writable_by=mapper.pid)
    mapper("3")
    assert names(workspace.commit()["modified"]) == ["mapped.bin"]


def test_write_through_a_mapping_that_an_earlier_collection_did_not_look_for_is_found(workspace, mapper):
    workspace.commit_trusted()
    mapper("2")
    [entry] = workspace.commit(writable_by=mapper.pid)["modified"]
    assert staged_content(entry)[:1] == b"2"


def test_pid_that_is_gone_maps_nothing(workspace):
    workspace.write("a.csv")
    ended = subprocess.Popen(["/bin/true"])
    ended.wait()
    assert names(workspace.collect(writable_by=ended.pid)["created"]) == ["a.csv"]


def test_names_of_all_kinds(workspace):
    paths = [
        unicodedata.normalize("NFC", "ü.csv"),
        unicodedata.normalize("NFD", "ü.csv"),
        ".hidden",
        "with\nnewline",
        "with 'quotes\" and \\",
        "x" * 255,
        b"invalid \xff\xfe utf-8",
        "-rf",
        "日本.csv",
    ]
    for path in paths:
        (workspace.path / os.fsdecode(path)).write_bytes(os.fsencode(path))
    created = {entry["path"]: entry for entry in workspace.commit_trusted()["created"]}
    assert set(created) == {wire(path) for path in paths}
    for path in paths:
        assert staged_content(created[wire(path)]) == os.fsencode(path)
    assert nothing_new(workspace.collect())


def test_empty_file_is_collected(workspace):
    workspace.write("empty", b"")
    assert staged_content(workspace.collect()["created"][0]) == b""


def test_same_content_under_two_names_and_hard_links_are_files_of_their_own(workspace):
    path = workspace.write("a.csv")
    workspace.write("b.csv")
    os.link(path, workspace.path / "c.csv")
    created = workspace.collect()["created"]
    assert names(created) == ["a.csv", "b.csv", "c.csv"]
    assert len({entry["staged"] for entry in created}) == 3


@pytest.mark.parametrize(
    "path",
    [
        "__pycache__/a.py",
        ".ipynb_checkpoints/a.ipynb",
        ".cache/deep/down/a",
        "a.pyc",
        ".~lock.report.odt#",
        "~$report.xlsx",
        "notes.txt~",
        ".notes.txt.swp",
        "#notes#",
        ".#notes",
        ".nfs0000000000a1",
        ".fuse_hidden0000000a1",
    ],
)
def test_caches_and_temporary_names_are_ignored_but_counted(workspace, path):
    workspace.write(path)
    workspace.write("kept.csv")
    collection = workspace.collect()
    assert (names(collection["created"]), collection["leftOut"]) == (["kept.csv"], [])
    assert collection["totals"]["files"] == 2


def test_ignored_name_that_the_manifest_has_is_compared(workspace, artifact):
    workspace.write(".cache/attached.csv")
    workspace.collect()
    entry = {"path": ".cache/attached.csv", "size": 7, "mtimeNs": None, "ctimeNs": None, "inode": None}
    unseen = {**entry, "racy": True, "sha256": "00" * 32}
    assert names(workspace.collect(manifest=[unseen])["modified"]) == [".cache/attached.csv"]


def test_leftover_of_a_helper_that_died_placing_is_removed(workspace):
    leftover = workspace.write("a/.mntdata-placing-0123")
    assert workspace.collect()["created"] == []
    assert not leftover.exists()


def test_limits_leave_entries_without_content(workspace):
    for name in ("1.csv", "2.csv", "3.csv"):
        workspace.write(name)
    workspace.write("a.exe")
    workspace.write("large.CSV", bytes(1000))
    limits = {"maxFiles": 2, "maxFileBytes": 100, "trackedExtensions": ["csv", ".xlsx"]}
    collection = workspace.commit_trusted(**limits)
    assert untracked(collection) == {
        "3.csv": "too_many_files",
        "a.exe": "untracked",
        "large.CSV": "too_large",
    }
    assert [entry["path"] for entry in collection["created"] if entry["staged"]] == ["1.csv", "2.csv"]
    assert nothing_new(workspace.collect(**limits))


def test_untracked_file_is_collected_once_it_changes_within_the_limits(workspace):
    workspace.write("a.csv", bytes(1000))
    workspace.commit_trusted(maxFileBytes=100)
    workspace.write("a.csv", b"small")
    [entry] = workspace.collect(maxFileBytes=100)["modified"]
    assert staged_content(entry) == b"small"


def test_touched_files_do_not_count_against_the_limit(workspace):
    for name in ("1.csv", "2.csv", "3.csv"):
        workspace.write(name)
    workspace.commit_trusted()
    for name in ("1.csv", "2.csv", "3.csv"):
        os.utime(workspace.path / name)
    workspace.write("3.csv", b"changed")
    collection = workspace.collect(maxFiles=1)
    assert names(collection["refreshed"]) == ["1.csv", "2.csv"]
    assert untracked(collection) == {}
    assert names(collection["modified"]) == ["3.csv"]


def test_times_beyond_64_bits_do_not_stop_the_collection(workspace):
    path = workspace.write("a.csv")
    os.utime(path, (2**33, 2**33))
    workspace.commit_trusted()
    assert all(-(2**63) <= int(entry["mtimeNs"]) < 2**63 for entry in workspace.manifest)
    assert nothing_new(workspace.collect())


def test_ten_thousand_unchanged_files_are_not_read(workspace):
    for number in range(10_000):
        workspace.write(f"{number // 100}/{number}.csv", b"%d" % number)
    workspace.commit_trusted(maxFiles=20_000)
    before = workspace.helper.read_bytes()
    assert nothing_new(workspace.collect())
    assert workspace.helper.read_bytes() - before < 1000


def test_missing_workspace_is_told(helper):
    with pytest.raises(HelperError) as failure:
        helper.call("usage", directory="absent")
    assert failure.value.code == "workspace_missing"


@pytest.mark.parametrize("name", ["..", ".", "a/b", "", None, "a" * 65, ".removed-0"])
def test_directory_names_cannot_lead_elsewhere(helper, name):
    with pytest.raises(HelperError) as failure:
        helper.call("create", directory=name, uid=None)
    assert failure.value.code == "invalid_request"


def test_no_warning_for_ordinary_content(workspace):
    workspace.write("a.csv")
    assert codes(workspace.collect()) == {}
