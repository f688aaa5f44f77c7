"""Standard input as a lifeline: the service holds the other end, and nothing is ever written to it."""

import asyncio
import os
from collections.abc import Callable


def watch_lifeline(descriptor: int, ended: Callable[[], None]) -> None:
    """Call `ended` once, when the other end of the pipe `descriptor` is closed."""
    loop = asyncio.get_running_loop()

    def look() -> None:
        if os.read(descriptor, 4096) == b"":
            loop.remove_reader(descriptor)
            ended()

    loop.add_reader(descriptor, look)
