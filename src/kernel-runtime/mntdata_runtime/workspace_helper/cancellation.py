"""Stopping an operation that nobody waits for."""

import threading

from .failures import CancelledError


class Cancellation:
    """Long operations call `check` between steps of bounded length."""

    def __init__(self) -> None:
        self._cancelled = threading.Event()

    def cancel(self) -> None:
        """Make the next `check` raise, from any thread."""
        self._cancelled.set()

    def check(self) -> None:
        """Raise `CancelledError` once the operation was cancelled."""
        if self._cancelled.is_set():
            raise CancelledError
