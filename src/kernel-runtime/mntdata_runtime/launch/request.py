"""What a new kernel process is told."""

import base64
from dataclasses import asdict, dataclass
from typing import Any

from mntdata_runtime.rooms.lockdown import Lockdown

CHANNELS = ("shell", "iopub", "stdin", "control", "hb")
KERNEL_IDENT = "mntdata"
ROOM = 1 + len(CHANNELS)
"""Where among the descriptors of a request the room's is."""


@dataclass(frozen=True)
class LaunchRequest:
    """`key` signs messages, `directory` is the working directory, `environment` all there is of one.

    `user` is the uid and gid to become, None to keep them; `output_characters` bounds each stream of a
    run; `lockdown` is None without a room. Beside it
    travel descriptors: the reply channel, the five listening sockets in the order of CHANNELS, and,
    with a room, the pidfd of its pid 1 and the open `cgroup.procs` of the kernel's control groups.
    """

    key: str
    signature_scheme: str
    directory: str
    environment: dict[str, str]
    user: int | None
    output_characters: int
    lockdown: Lockdown | None

    def to_message(self) -> dict[str, Any]:
        """As JSON-safe values."""
        message = asdict(self)
        if message["lockdown"]:
            message["lockdown"]["seccomp"] = base64.b64encode(self.lockdown.seccomp).decode()
        return message

    @classmethod
    def from_message(cls, message: dict[str, Any]) -> "LaunchRequest":
        """The other way round."""
        told = message["lockdown"]
        lockdown = told and Lockdown(**{**told, "seccomp": base64.b64decode(told["seccomp"])})
        return cls(**{**message, "lockdown": lockdown})
