"""What the service asks that Jupyter has no words for; under the same token."""

import json
import re
from typing import TYPE_CHECKING, Any

from jupyter_server.base.handlers import APIHandler
from jupyter_server.utils import url_path_join
from tornado import web

if TYPE_CHECKING:
    from mntdata_runtime.runtime import Runtime


class _RuntimeHandler(APIHandler):
    @property
    def runtime(self) -> "Runtime":
        """What the kernels of this server share."""
        return self.kernel_manager.runtime

    def answer(self, content: dict[str, Any]) -> None:
        """Send it as JSON."""
        self.finish(json.dumps(content))


class RuntimeHandler(_RuntimeHandler):
    """`GET mntdata/runtime`: what a kernel may take, by what means that holds, and what it can import."""

    @web.authenticated
    async def get(self) -> None:
        """Answer."""
        limits = self.runtime.settings.limits
        self.answer(
            {
                "asked": {
                    "memory": limits.memory_bytes,
                    "processes": limits.processes,
                    "cpu": None,
                    "file": limits.file_bytes,
                    "open_files": limits.open_files,
                },
                "in_force": self.runtime.limits_in_force(),
                "libraries": self.runtime.libraries,
            }
        )


class KernelEndHandler(_RuntimeHandler):
    """`GET mntdata/kernels/<id>/end`: how a kernel ended by itself; 404 when that is not known (any more)."""

    @web.authenticated
    async def get(self, kernel_id: str) -> None:
        """Answer."""
        end = self.runtime.state.end_of(kernel_id)
        if end is None:
            raise web.HTTPError(404, "Nothing is known of the end of this kernel.")
        self.answer(end)


def runtime_handlers(base_url: str) -> list[tuple[str, type[APIHandler]]]:
    """For the application; `base_url` as Jupyter has it. An id is a UUID, so that it names no path."""
    base = re.escape(url_path_join(base_url, "mntdata"))
    return [
        (f"{base}/runtime", RuntimeHandler),
        (f"{base}/kernels/([0-9a-fA-F-]{{36}})/end", KernelEndHandler),
    ]
