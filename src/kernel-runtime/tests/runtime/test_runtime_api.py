"""What the server tells beside Jupyter's API, and how many kernels it lets live."""

import os

from engine import wait_until


def test_wants_the_token(engine):
    for path in ("mntdata/runtime", f"mntdata/kernels/{'0' * 36}/end"):
        assert engine.call("GET", path, token=None)[0] == 403
        assert engine.call("GET", path, token="another")[0] == 403


def test_tells_limits_and_libraries(engine):
    status, answer = engine.call("GET", "mntdata/runtime")
    assert status == 200
    assert answer["asked"].keys() == answer["in_force"].keys()
    assert answer["asked"]["open_files"] == 1024
    assert "pandas" in answer["libraries"]


def test_names_the_room_of_a_kernel_so_that_another_machine_does_not_take_it_for_its_own(engine, kernel):
    room = engine.call("GET", f"api/kernels/{kernel.id}")[1]["room"]
    assert room["pid"] == engine.record(kernel.id)["pid"]
    assert room["namespace"] == os.readlink("/proc/self/ns/pid")


def test_tells_how_a_kernel_ended_and_knows_no_other(engine):
    kernel = engine.kernel()
    assert engine.call("GET", f"mntdata/kernels/{kernel.id}/end")[0] == 404
    assert kernel.run("import os; os._exit(7)").died
    status, answer = engine.call("GET", f"mntdata/kernels/{kernel.id}/end")
    assert (status, answer["exit_code"], answer["reason"]) == (200, 7, None)
    assert engine.call("GET", "mntdata/kernels/..%2F..%2Fserver/end")[0] == 404


def test_refuses_a_kernel_when_as_many_live_as_may(new_engine):
    engine = new_engine(MNTDATA_MAX_KERNELS="1")
    first = engine.kernel()
    refused = {"name": "mntdata", "path": engine.workspace().name}
    assert engine.call("POST", "api/kernels", refused)[0] == 429
    first.delete()
    assert engine.call("POST", "api/kernels", refused)[0] == 201


def test_ends_an_idle_kernel_whose_client_vanished_and_no_other(new_engine):
    engine = new_engine(MNTDATA_KERNEL_IDLE_SECONDS="1")
    left, held = engine.kernel(), engine.kernel()
    assert left.run("1").value == held.run("1").value == "1"
    left.close()
    wait_until(lambda: engine.call("GET", f"api/kernels/{left.id}")[0] == 404, 30, "it ended")
    assert held.run("2").value == "2"
