"""The helper as a process."""

import os
import signal
import time

import pytest
from helper_process import HelperError, HelperProcess
from workspace import names


def test_unknown_operations_are_refused(helper):
    with pytest.raises(HelperError) as failure:
        helper.call("format")
    assert failure.value.code == "invalid_request"


def test_request_without_its_fields_fails_alone(helper):
    with pytest.raises(HelperError) as failure:
        helper.call("create")
    assert failure.value.code == "failed"
    assert helper.call("ping")["pid"] == helper.pid


def test_signals_of_a_terminal_leave_it_to_the_service(helper):
    helper.call("ping")
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        os.kill(helper.pid, number)
    assert helper.call("ping")["pid"] == helper.pid


def test_end_of_input_ends_it_in_the_middle_of_work(tmp_path):
    helper = HelperProcess(tmp_path)
    helper.call("create", directory="w", uid=None)
    with (helper.workspaces / "w" / "large").open("wb") as file:
        file.truncate(50 << 30)
    limits = {"maxFileBytes": 1 << 40, "maxFiles": 1, "trackedExtensions": "*"}
    helper.ask("collect", directory="w", generation=0, manifest=[], limits=limits)
    while not list(helper.staging.glob("helper-*/*")):
        time.sleep(0)
    assert helper.stop() == 0
    assert list(helper.staging.rglob("*")) == []


def test_short_operations_do_not_wait_for_long_ones(workspace):
    with (workspace.path / "large").open("wb") as file:
        file.truncate(50 << 30)
    answer = workspace.begin_collect(maxFileBytes=1 << 40)
    assert workspace.helper.call("usage", directory=workspace.name)["files"] == 1
    assert not answer.done()
    workspace.helper.send({"op": "cancel", "target": answer.request_id})
    with pytest.raises(HelperError):
        answer.result(timeout=20)


def test_collections_of_one_workspace_exclude_each_other(workspace):
    for number in range(50):
        workspace.write(f"{number}.csv")
    answers = [workspace.begin_collect() for _ in range(20)]
    for answer in answers:
        assert len(names(answer.result(timeout=30)["created"])) == 50


def test_probe_files_tell_owner_and_mode(workspace):
    fields = {"directory": workspace.name, "name": ".probe"}
    assert workspace.helper.call("readProbe", **fields) is None
    workspace.helper.call("writeProbe", **fields, content="\xff\x00hello", uid=workspace.uid)
    owner = os.geteuid() if workspace.uid is None else workspace.uid
    group = os.getegid() if workspace.uid is None else workspace.uid
    expected = {"content": "\xff\x00hello", "uid": owner, "gid": group, "mode": 0o644}
    assert workspace.helper.call("readProbe", **fields) == expected
    (workspace.path / ".probe").unlink()
    (workspace.path / ".probe").symlink_to("/etc/passwd")
    with pytest.raises(HelperError):
        workspace.helper.call("readProbe", **fields)


def test_create_makes_right_what_is_there(workspace):
    workspace.write("a.csv")
    workspace.path.chmod(0o777)
    workspace.helper.call("create", directory=workspace.name, uid=workspace.uid)
    status = workspace.path.stat()
    assert status.st_mode & 0o7777 == 0o700
    assert status.st_uid == (os.geteuid() if workspace.uid is None else workspace.uid)
    assert (workspace.path / "a.csv").exists()
