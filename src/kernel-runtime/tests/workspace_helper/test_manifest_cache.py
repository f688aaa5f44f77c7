"""Manifests held between runs."""

import pytest
from workspace import names

from mntdata_runtime.workspace_helper.manifest_cache import ManifestCache


@pytest.fixture
def cache():
    cache = ManifestCache(max_entries=4)
    cache.put("d", 1, {"a": b"1", "b": b"2"})
    return cache


def test_manifest_is_held_for_its_generation_only(cache):
    assert cache.get("d", 1) == {"a": b"1", "b": b"2"}
    assert cache.get("d", 2) is None
    assert cache.get("d", 1) is None


def test_settled_findings_become_the_manifest(cache):
    cache.found("d", {"a": b"changed", "c": b"3"}, ["b"])
    assert cache.get("d", 1) == {"a": b"1", "b": b"2"}
    assert cache.settle("d", 1, 2)
    assert cache.get("d", 2) == {"a": b"changed", "c": b"3"}


def test_placed_entries_add_up_and_a_collection_starts_over(cache):
    cache.placed("d", {"c": b"3"})
    cache.placed("d", {"e": b"4"})
    cache.settle("d", 1, 2)
    assert cache.get("d", 2) == {"a": b"1", "b": b"2", "c": b"3", "e": b"4"}
    cache.placed("d", {"f": b"5"})
    cache.found("d", {}, ["a"])
    cache.settle("d", 2, 3)
    assert cache.get("d", 3) == {"b": b"2", "c": b"3", "e": b"4"}


def test_generation_by_changes_from_elsewhere_drops_the_manifest(cache):
    assert not cache.settle("d", 1, 2)
    assert cache.get("d", 2) is None


def test_settling_from_another_generation_drops_the_manifest(cache):
    cache.found("d", {}, [])
    assert not cache.settle("d", 0, 2)
    assert cache.get("d", 1) is None


def test_least_recently_used_are_dropped_beyond_the_bound(cache):
    cache.put("e", 1, {"a": b"1"})
    assert cache.get("d", 1) is not None
    cache.put("f", 1, {"a": b"1", "b": b"2"})
    assert cache.get("e", 1) is None
    assert cache.get("d", 1) is not None
    cache.put("g", 1, dict.fromkeys("abcdefgh", b""))
    assert cache.get("d", 1) is None
    assert len(cache.get("g", 1)) == 8


def test_forgotten_manifest_is_asked_for(workspace):
    workspace.write("a.csv")
    workspace.commit()
    workspace.helper.call("forget", directory=workspace.name)
    assert workspace.collect() == {"needManifest": True}
    assert names(workspace.collect(manifest=workspace.manifest)["created"]) == []


def test_collection_can_be_repeated_until_it_is_settled(workspace):
    workspace.write("a.csv")
    workspace.commit()
    workspace.write("b.csv")
    for _ in range(2):
        assert names(workspace.collect()["created"]) == ["b.csv"]
