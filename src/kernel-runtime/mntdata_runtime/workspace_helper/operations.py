"""What the service can ask for: each operation states its request and its answer."""

import os
from collections.abc import Callable, Mapping
from contextlib import closing, suppress
from typing import Any

from . import probes
from .cancellation import Cancellation
from .candidates import Limits
from .collection import Collector, Totals
from .descriptors import closing as closing_descriptor
from .descriptors import open_directory
from .entries import Manifest, manifest_from_wire
from .failures import OperationError
from .manifest_cache import ManifestCache
from .mapped_files import MappedInodes
from .placement import Placement
from .removal import Trash
from .staging import Staging
from .walk import Walk
from .workspace_locks import WorkspaceLocks
from .workspace_paths import directory_name

Request = Mapping[str, Any]
Operation = Callable[[Request, Cancellation], Any]


class Operations:
    """The operations on the workspaces below one root directory."""

    def __init__(self, workspaces: str, staging: Staging, trash: Trash) -> None:
        self._workspaces = workspaces
        self._staging = staging
        self._trash = trash
        self._manifests = ManifestCache()
        self._locks = WorkspaceLocks()

    def by_name(self) -> dict[str, Operation]:
        """The operations under the names that requests use."""
        return {
            "ping": self.ping,
            "create": self.create,
            "place": self.place,
            "collect": self.collect,
            "discard": self.discard,
            "settle": self.settle,
            "forget": self.forget,
            "remove": self.remove,
            "sweepTrash": self.sweep_trash,
            "usage": self.usage,
            "list": self.list,
            "writeProbe": self.write_probe,
            "readProbe": self.read_probe,
        }

    def ping(self, _request: Request, _cancellation: Cancellation) -> dict[str, Any]:
        """`{}` → `{pid}`."""
        return {"pid": os.getpid()}

    def create(self, request: Request, _cancellation: Cancellation) -> None:
        """`{directory, uid}`: make the workspace, or make it right: 0700, its uid's."""
        name, uid = directory_name(request["directory"]), request["uid"]
        path = os.path.join(self._workspaces, name)
        with suppress(FileExistsError):
            os.mkdir(path, 0o700)
        with closing_descriptor(self._open(name)) as root:
            if uid is not None:
                os.fchown(root, uid, uid)
            os.fchmod(root, 0o700)

    def place(self, request: Request, cancellation: Cancellation) -> list[dict[str, Any]]:
        """`{directory, items}` → an outcome for each item, in order."""
        name = directory_name(request["directory"])
        with self._locks.hold(name), closing_descriptor(self._open(name)) as root:
            placement = Placement(root, cancellation)
            outcomes = [placement.place(item) for item in request["items"]]
            if placement.entries is None:
                self._manifests.forget(name)
            else:
                self._manifests.placed(name, placement.entries)
            return outcomes

    def collect(self, request: Request, cancellation: Cancellation) -> dict[str, Any]:
        """`{directory, generation, manifest?, limits, writableBy?}` → a collection, or `{needManifest}`."""
        name = directory_name(request["directory"])
        with self._locks.hold(name):
            known = self._known(name, request)
            if known is None:
                return {"needManifest": True}
            mapped = MappedInodes(request.get("writableBy"))
            with closing(self._staging.batch()) as batch:
                limits = Limits.from_wire(request["limits"])
                collector = Collector(known, limits, mapped, batch, cancellation)
                collection = collector.collect(self._open(name))
                answer = collection.to_wire()
                cancellation.check()
                batch.publish()
            self._manifests.found(name, collection.upserts(), collection.deleted)
            return answer

    def discard(self, request: Request, _cancellation: Cancellation) -> None:
        """`{staged}`: remove copies that the service will not keep."""
        self._staging.discard(request["staged"])

    def settle(self, request: Request, _cancellation: Cancellation) -> bool:
        """`{directory, from, to}` → whether the manifest of the new generation is held."""
        name = directory_name(request["directory"])
        with self._locks.hold(name):
            return self._manifests.settle(name, request["from"], request["to"])

    def forget(self, request: Request, _cancellation: Cancellation) -> None:
        """`{directory}`: hold nothing about it any more."""
        self._manifests.forget(directory_name(request["directory"]))

    def remove(self, request: Request, cancellation: Cancellation) -> bool:
        """`{directory}` → whether there was one; it is gone with everything in it."""
        name = directory_name(request["directory"])
        with self._locks.hold(name):
            self._manifests.forget(name)
            return self._trash.remove(name, cancellation)

    def sweep_trash(self, _request: Request, cancellation: Cancellation) -> int:
        """`{}` → how many removed workspaces were still there; also sweeps copies of helpers that died."""
        self._staging.sweep()
        return self._trash.sweep(cancellation)

    def usage(self, request: Request, cancellation: Cancellation) -> dict[str, int]:
        """`{directory}` → `{files, bytes, directories}`."""
        totals = Totals()
        walk = Walk(self._open(directory_name(request["directory"])), cancellation)
        with closing(iter(walk)) as visits:
            for visit in visits:
                for entry in visit.files:
                    try:
                        totals.add(entry.stat(follow_symlinks=False))
                    except OSError:
                        continue  # gone since it was listed
        totals.directories = walk.directories
        return totals.to_wire()

    def list(self, _request: Request, _cancellation: Cancellation) -> list[str]:
        """`{}` → names of all workspace directories."""
        return sorted(name for name in os.listdir(self._workspaces) if not name.startswith("."))

    def write_probe(self, request: Request, _cancellation: Cancellation) -> None:
        """`{directory, name, content, uid}`, see `probes`."""
        with closing_descriptor(self._open(directory_name(request["directory"]))) as root:
            content = request["content"].encode("latin-1")
            probes.write_probe(root, request["name"], content, request["uid"])

    def read_probe(self, request: Request, _cancellation: Cancellation) -> dict[str, Any] | None:
        """`{directory, name}` → `{content, uid, gid, mode}` or null."""
        with closing_descriptor(self._open(directory_name(request["directory"]))) as root:
            return probes.read_probe(root, request["name"])

    def _known(self, name: str, request: Request) -> Manifest | None:
        if request.get("manifest") is not None:
            known = manifest_from_wire(request["manifest"])
            self._manifests.put(name, request["generation"], known)
            return known
        return self._manifests.get(name, request["generation"])

    def _open(self, name: str) -> int:
        with closing_descriptor(os.open(self._workspaces, os.O_PATH | os.O_DIRECTORY)) as parent:
            try:
                return open_directory(name, parent, need=0o700)
            except (FileNotFoundError, NotADirectoryError) as error:
                message = f"The workspace directory {name} is not there."
                raise OperationError("workspace_missing", message) from error
