"""Visiting trees that change under the visitor."""

import os

import pytest

from mntdata_runtime.workspace_helper import walk as walk_module
from mntdata_runtime.workspace_helper.cancellation import Cancellation
from mntdata_runtime.workspace_helper.failures import CancelledError
from mntdata_runtime.workspace_helper.walk import Walk


def begin(tree, cancellation=None):
    return Walk(os.open(tree, os.O_RDONLY | os.O_DIRECTORY), cancellation or Cancellation())


def descriptors():
    return len(os.listdir("/proc/self/fd"))


@pytest.fixture
def shallow_window(monkeypatch):
    """Outer levels are closed soon, so that a small tree shows what happens on the way back."""
    monkeypatch.setattr(walk_module, "_OPEN_LEVELS", 2)


def test_every_directory_is_visited_in_order(tmp_path):
    for path in ("b/x", "a/y/z", "a/x", "c"):
        (tmp_path / path).mkdir(parents=True)
    assert [visit.prefix for visit in begin(tmp_path)] == [
        "",
        "a/",
        "a/x/",
        "a/y/",
        "a/y/z/",
        "b/",
        "b/x/",
        "c/",
    ]


@pytest.mark.usefixtures("shallow_window")
def test_directory_moved_out_while_it_is_walked_does_not_lead_out(tmp_path):
    tree, outside = tmp_path / "tree", tmp_path / "outside"
    (tree / "a/b/c/d").mkdir(parents=True)
    (tree / "a/e").mkdir()
    (tree / "z").mkdir()
    (outside / "e").mkdir(parents=True)
    walk = begin(tree)
    visited = []
    for visit in walk:
        visited.append(visit.prefix)
        if visit.prefix == "a/b/c/d/":
            (tree / "a/b").rename(outside / "b")  # its parent is no longer `a`
    assert visited == ["", "a/", "a/b/", "a/b/c/", "a/b/c/d/", "z/"]
    assert [(item.path, item.code) for item in walk.skipped] == [("a", "changing")]


@pytest.mark.usefixtures("shallow_window")
def test_outer_levels_are_come_back_to(tmp_path):
    for path in ("a/b/c/d/e", "a/b/f", "a/g", "h"):
        (tmp_path / path).mkdir(parents=True)
    walk = begin(tmp_path)
    visited = [visit.prefix for visit in walk]
    assert visited[-4:] == ["a/b/c/d/e/", "a/b/f/", "a/g/", "h/"]
    assert (walk.skipped, walk.directories) == ([], 8)


def test_descriptors_are_given_back_whatever_happens(tmp_path):
    (tmp_path / "a/b").mkdir(parents=True)
    before = descriptors()
    list(begin(tmp_path))
    visits = iter(begin(tmp_path))
    next(visits)
    next(visits)
    visits.close()
    assert descriptors() == before


def test_cancelled_walk_stops(tmp_path):
    (tmp_path / "a").mkdir()
    cancellation = Cancellation()
    visits = iter(begin(tmp_path, cancellation))
    next(visits)
    cancellation.cancel()
    with pytest.raises(CancelledError):
        next(visits)


def test_directory_that_became_a_link_is_not_entered(tmp_path):
    tree, outside = tmp_path / "tree", tmp_path / "outside"
    (tree / "a").mkdir(parents=True)
    (outside / "inner").mkdir(parents=True)
    visits = iter(begin(tree))
    assert next(visits).prefix == ""
    (tree / "a").rmdir()
    (tree / "a").symlink_to(outside)
    assert list(visits) == []
