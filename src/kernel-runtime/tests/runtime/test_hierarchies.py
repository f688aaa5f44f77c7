"""Finding one's control groups, told by the files that Linux would show."""

import os

import pytest

from mntdata_runtime.cgroups.hierarchies import find_hierarchies, memory_bytes

MOUNT = "31 23 0:28 {shown} {point} rw,relatime - {kind} {kind} {options}\n"


@pytest.fixture
def process(tmp_path):
    """Makes a process directory: groups as in /proc/self/cgroup, mounts by what each shows and is."""

    def make(groups, *mounts):
        (tmp_path / "cgroup").write_text("".join(f"{line}\n" for line in groups))
        lines = [MOUNT.format(shown=s, point=p, kind=k, options=o) for s, p, k, o in mounts]
        (tmp_path / "mountinfo").write_text("22 1 8:1 / / rw - ext4 /dev/vda rw\n" + "".join(lines))
        return tmp_path

    return make


def test_finds_the_one_of_version_2(process, tmp_path):
    (tmp_path / "fs/user.slice/app").mkdir(parents=True)
    [found] = find_hierarchies(process(["0::/user.slice/app"], ("/", tmp_path / "fs", "cgroup2", "rw")))
    assert (found.version, found.own, found.root) == (2, tmp_path / "fs/user.slice/app", tmp_path / "fs")
    assert found.controllers == {"memory", "pids", "cpu"}


def test_finds_those_of_version_1(process, tmp_path):
    for name in ("memory/a", "cpu"):
        (tmp_path / name).mkdir(parents=True)
    found = find_hierarchies(
        process(
            ["4:memory:/a", "3:cpu,cpuacct:/", "2:freezer:/", "0::/"],
            ("/", tmp_path / "memory", "cgroup", "rw,memory"),
            ("/", tmp_path / "cpu", "cgroup", "rw,cpu,cpuacct"),
            ("/", tmp_path / "freezer", "cgroup", "rw,freezer"),
        )
    )
    assert {(*one.controllers, one.own) for one in found} == {
        ("memory", tmp_path / "memory/a"),
        ("cpu", tmp_path / "cpu"),
    }


def test_finds_its_place_in_a_container_that_shows_a_part(process, tmp_path):
    (tmp_path / "fs/below").mkdir(parents=True)
    mount = ("/docker/abc", tmp_path / "fs", "cgroup2", "rw")
    assert find_hierarchies(process(["0::/docker/abc/below"], mount))[0].own == tmp_path / "fs/below"
    assert find_hierarchies(process(["0::/elsewhere"], mount)) == []


def test_finds_nothing_where_nothing_is_mounted(process):
    assert find_hierarchies(process(["0::/"])) == []


@pytest.mark.parametrize(
    ("kind", "options", "file", "no_limit"),
    [
        ("cgroup2", "rw", "memory.max", "max\n"),
        ("cgroup", "rw,memory", "memory.limit_in_bytes", "9223372036854771712\n"),
    ],
)
def test_tells_the_tightest_limit_of_memory_around_it(process, tmp_path, kind, options, file, no_limit):
    groups = ["0::/pod/engine" if kind == "cgroup2" else "4:memory:/pod/engine"]
    engine = tmp_path / "fs/pod/engine"
    engine.mkdir(parents=True)
    here = process(groups, ("/", tmp_path / "fs", kind, options))
    machine = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")

    (engine / file).write_text(no_limit)
    assert memory_bytes(here) == machine
    (engine.parent / file).write_text("2097152\n")
    assert memory_bytes(here) == 2 << 20
    (engine / file).write_text("1048576\n")
    assert memory_bytes(here) == 1 << 20
    # Above what is mounted, limits are none of ours.
    (tmp_path / file).write_text("4096\n")
    assert memory_bytes(here) == 1 << 20
