"""Passing bytes on between a port of this host and a socket of a kernel.

The kernel itself has no network: with a socket of the host in its hands it could connect anywhere.
"""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress

_CHUNK = 1 << 16

Handler = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


def relay(path: str) -> Handler:
    """A handler of connections that joins each with a new one to the socket at `path`."""

    async def join(near_in: asyncio.StreamReader, near_out: asyncio.StreamWriter) -> None:
        far_out: asyncio.StreamWriter | None = None
        try:
            far_in, far_out = await asyncio.open_unix_connection(path)
            ways = (_copy(near_in, far_out), _copy(far_in, near_out))
            await asyncio.wait(map(asyncio.ensure_future, ways), return_when=asyncio.FIRST_COMPLETED)
        except OSError:
            return  # the kernel is gone
        finally:
            near_out.close()
            if far_out:
                far_out.close()

    return join


async def _copy(source: asyncio.StreamReader, target: asyncio.StreamWriter) -> None:
    with suppress(OSError):
        while data := await source.read(_CHUNK):
            target.write(data)
            await target.drain()
