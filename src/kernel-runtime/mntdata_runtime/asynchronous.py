"""Waiting for descriptors and processes on the event loop."""

import asyncio
import os
import subprocess


async def readable(descriptor: int, timeout: float | None) -> None:
    """Return when `descriptor` can be read (a pidfd: when its process has ended).

    Raises TimeoutError after `timeout` seconds; None waits without an end.
    """
    loop = asyncio.get_running_loop()
    arrived: asyncio.Future[None] = loop.create_future()

    def arrive() -> None:
        if not arrived.done():
            arrived.set_result(None)

    # Its own descriptor: the loop knows one reader per number, and several may wait for the same thing.
    own = os.dup(descriptor)
    loop.add_reader(own, arrive)
    try:
        await asyncio.wait_for(arrived, timeout)
    finally:
        loop.remove_reader(own)
        os.close(own)


async def exited(process: "subprocess.Popen[bytes]", timeout: float | None) -> int:
    """The exit status of a child of ours; raises TimeoutError after `timeout` seconds, with None never."""
    if process.poll() is None:
        pidfd = os.pidfd_open(process.pid)
        try:
            await readable(pidfd, timeout)
        finally:
            os.close(pidfd)
    return process.wait()
