"""Messages between the server and the processes it starts: JSON packets that can carry descriptors."""

import json
import socket
from typing import Any

_PACKET_BYTES = 1 << 16
_MOST_DESCRIPTORS = 16


Channel = socket.socket


def pair() -> tuple[Channel, Channel]:
    """Two ends of a private channel that keeps packets whole and that no path leads to."""
    return socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)


def send(channel: Channel, message: dict[str, Any], descriptors: tuple[int, ...] = ()) -> None:
    """Send one message; raises OSError when the other end is gone."""
    socket.send_fds(channel, [json.dumps(message).encode()], list(descriptors))


def receive(channel: Channel) -> tuple[dict[str, Any], list[int]] | None:
    """The next message with its descriptors (now ours to close), or None when the other end is gone."""
    packet, descriptors, _, _ = socket.recv_fds(channel, _PACKET_BYTES, _MOST_DESCRIPTORS)
    return (json.loads(packet), descriptors) if packet else None
