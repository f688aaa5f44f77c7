"""A workspace under test, with a service's view of its manifest."""

import hashlib
import os
from pathlib import Path

from helper_process import HelperProcess, wire

LIMITS = {"maxFileBytes": 64 << 20, "maxFiles": 1000, "trackedExtensions": "*"}


class Workspace:
    """`commit` is what a run does: collect, keep what is new, settle."""

    def __init__(self, helper: HelperProcess, name: str, uid):
        self.helper = helper
        self.name = name
        self.uid = uid
        self.path = helper.workspaces / name
        self.generation = 0
        self.manifest = []
        helper.call("create", directory=name, uid=uid)

    def write(self, path, content=b"content"):
        target = self.path / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content)
        return target

    def collect(self, **options):
        return self.begin_collect(**options).result(timeout=60)

    def begin_collect(self, *, manifest=None, writable_by=None, **limits):
        request = {"generation": self.generation, "limits": {**LIMITS, **limits}}
        if manifest is not None or self.generation == 0:
            request["manifest"] = self.manifest if manifest is None else manifest
        if writable_by is not None:
            request["writableBy"] = writable_by
        return self.helper.ask("collect", directory=self.name, **request)

    def commit(self, **options):
        collection = self.collect(**options)
        self._apply(collection)
        settled = {"directory": self.name, "from": self.generation, "to": self.generation + 1}
        assert self.helper.call("settle", **settled)
        self.generation += 1
        return collection

    def commit_trusted(self, **options):
        """Commit twice, so that no entry is racy any more, whatever was written just before."""
        collection = self.commit(**options)
        while any(entry["racy"] for entry in self.manifest):
            self.commit(**options)
        return collection

    def place(self, *items):
        return self.helper.call("place", directory=self.name, items=list(items))

    def _apply(self, collection):
        changed = [*collection["created"], *collection["modified"], *collection["refreshed"]]
        gone = {*collection["deleted"], *(entry["path"] for entry in changed)}
        self.manifest = [entry for entry in self.manifest if entry["path"] not in gone]
        for entry in changed:
            kept = {key: entry[key] for key in ("path", "size", "sha256")}
            self.manifest.append({**kept, **entry["stamps"]})


def names(entries):
    return [entry["path"] for entry in entries]


def codes(collection):
    return {item["path"]: item["code"] for item in collection["leftOut"]}


def untracked(collection):
    entries = [*collection["created"], *collection["modified"]]
    return {entry["path"]: entry["untracked"] for entry in entries if "untracked" in entry}


def staged_content(entry) -> bytes:
    content = Path(entry["staged"]).read_bytes()
    assert hashlib.sha256(content).hexdigest() == entry["sha256"]
    assert len(content) == entry["size"]
    return content


def nothing_new(collection):
    lists = ("created", "modified", "deleted", "refreshed", "leftOut")
    return all(collection[name] == [] for name in lists)


def item(path, artifact, uid=None, if_taken="fail", **more):
    return {"path": wire(path), "artifact": str(artifact), "uid": uid, "ifTaken": if_taken, **more}


def set_back(path, status: os.stat_result):
    os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))
