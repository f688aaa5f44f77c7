"""IPython's kernel application, on sockets that somebody else has bound."""

import logging
import os
import sys
from collections.abc import Callable
from typing import Any

import zmq
from ipykernel.kernelapp import IPKernelApp
from traitlets import Dict, Integer, Type, default
from traitlets.config import Config

from mntdata_runtime.kernel.kernel import WorkspaceKernel
from mntdata_runtime.kernel.messages import BoundedSession
from mntdata_runtime.kernel.output import BoundedStream
from mntdata_runtime.kernel.packages import register_package_magics
from mntdata_runtime.launch.request import LaunchRequest


class WorkspaceKernelApp(IPKernelApp):
    """No command line, no configuration files, no connection file, no sockets of its own making."""

    kernel_class = Type(WorkspaceKernel, klass="ipykernel.kernelbase.Kernel").tag(config=True)
    listeners = Dict(help="a listening socket's descriptor for each channel")
    output_characters = Integer(help="of each stream, for one run")
    outstream_class = "mntdata_runtime.kernel.output.BoundedStream"

    @default("session")
    def _bounded_session(self) -> BoundedSession:
        return BoundedSession(parent=self)

    @default("log")
    def _silent_log(self) -> logging.Logger:
        log = logging.getLogger(type(self).__name__)
        log.disabled = True
        return log

    def _configure_logging(self) -> None:
        """Nobody reads it; to configure it visits every logger there is, four times."""

    def parse_command_line(self, argv: object = None) -> None:
        """Nothing is said there."""

    def load_config_file(self, *_: object, **__: object) -> None:
        """There is none; a file in the home directory must not become one either."""

    def init_config_files(self) -> None:
        """Nor a place to look for one."""

    def init_connection_file(self) -> None:
        """The key came with the request."""

    def write_connection_file(self, **_: object) -> None:
        """The server knows everything already."""

    def log_connection_info(self) -> None:
        """Nobody reads it."""
        self._ports = {}

    def _try_bind_socket(self, socket: "zmq.Socket[Any]", port: int) -> int:
        channel = next(name for name in self.listeners if port == getattr(self, f"{name}_port"))
        if channel == "iopub":
            # Wait for a slow reader instead of dropping: among the lost would be the end of the run.
            socket.setsockopt(zmq.XPUB_NODROP, 1)
        _listen_on(socket, self.listeners[channel])
        return port

    def init_control(self, context: "zmq.Context[Any]") -> None:
        """Without the debugger's way to the shell channel.

        Nobody would use it, and in a room, where that address is nowhere, ZMQ would try to connect to it
        seven times a second for as long as the kernel lives.
        """
        super().init_control(context)
        self.debug_shell_socket.close(linger=0)

    def init_heartbeat(self) -> None:
        """None: the server looks at the process, and it would take three threads of each kernel."""

    def init_io(self) -> None:
        """Streams whose output is bounded."""
        BoundedStream.limit = self.output_characters
        super().init_io()

    def init_path(self) -> None:
        """Let the code import modules of its workspace; IPython does so only outside of safe-path mode."""
        packages = (number for number, path in enumerate(sys.path) if path.endswith("site-packages"))
        sys.path.insert(next(packages, len(sys.path)), "")

    def init_code(self) -> None:
        """No code runs before the first run's; what is there already is not the user's.

        IPython also looks for startup files, and takes a copy of the name of every loaded module for
        `%reset --aggressive`, which touches, and so copies, pages that all kernels share.
        """
        self.shell.user_ns_hidden.update(self.shell.user_ns)


def _listen_on(socket: "zmq.Socket[Any]", listener: int) -> None:
    """Accept connections on a descriptor that already listens; the address is never used."""
    socket.setsockopt(zmq.USE_FD, listener)
    socket.bind("ipc://inherited")


def start_kernel(request: LaunchRequest, listeners: dict[str, int], ready: Callable[[], None]) -> None:
    """Run a kernel until it is told to stop; `ready` is called once it answers."""
    ports = {f"{name}_port": number for number, name in enumerate(listeners, 1)}
    configuration = Config()
    configuration.Session.key = request.key.encode()
    configuration.Session.signature_scheme = request.signature_scheme
    configuration.Session.packer = "mntdata_runtime.kernel.messages.pack"
    configuration.Session.unpacker = "jupyter_client.session.json_unpacker"
    app = WorkspaceKernelApp.instance(
        config=configuration,
        transport="ipc",
        listeners=listeners,
        output_characters=request.output_characters,
        **ports,
    )
    app.initialize([])
    if request.lockdown:
        register_package_magics(app.shell)
    if "matplotlib" in sys.modules:
        # It came with the fork, and keeps the name that it had in the parent.
        os.makedirs(sys.modules["matplotlib"].get_configdir(), exist_ok=True)
    ready()
    app.start()
