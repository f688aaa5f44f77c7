"""Output of one run, bounded where it comes into being.

What passes here is held several times over on its way: in the kernel, in the Jupyter Server, in the
service. So a flood ends at its source: of each stream the head is sent as it comes and the tail when the
run ends; of displays the first ones are sent, and of those that are updated the last state.
"""

import sys
import threading
from collections.abc import Callable
from functools import partial
from io import StringIO
from typing import Any, ClassVar

from ipykernel.iostream import IOPubThread, OutStream
from ipykernel.zmqshell import ZMQDisplayPublisher

MEBIBYTE = 1 << 20
_DISPLAYS = 1000
_DISPLAYED_BYTES = 64 * MEBIBYTE
LARGEST_DISPLAY = 16 * MEBIBYTE
# Each makes a message; afterwards the stream is sent five times a second, as without flushing.
_FLUSHES = 2000
_SENDING_SECONDS = 1.0
# Characters; up to twelve bytes each on the wire.
_MESSAGE = 1 << 20


def wait_until_sent(sender: IOPubThread) -> None:
    """Wait until everything given to `sender` before has been sent, a second at most.

    Code that holds the GIL from its next step on would keep that thread waiting for ever.
    """
    if threading.current_thread() is sender.thread:
        return
    sent = threading.Event()
    sender.schedule(sent.set)
    sent.wait(_SENDING_SECONDS)


class Tail:
    """The last `size` characters of a text of any length, in at most twice that memory."""

    def __init__(self, size: int) -> None:
        self._size = size
        self._before = ""
        self._now = StringIO()
        self._total = 0

    def add(self, text: str) -> None:
        """Append."""
        self._total += len(text)
        self._now.write(text[-self._size :])
        if self._now.tell() >= self._size:
            self._before, self._now = self._now.getvalue()[-self._size :], StringIO()

    def take(self) -> tuple[str, int]:
        """The tail, and how many characters before it are lost; it is empty afterwards."""
        text = (self._before + self._now.getvalue())[-self._size :]
        lost = self._total - len(text)
        self.__init__(self._size)  # type: ignore[misc]
        return text, lost


class BoundedStream(OutStream):
    """stdout or stderr. `limit` is in characters for one run, half of it for the head."""

    limit = 8 * MEBIBYTE
    # To be called once, before more is shown.
    before_more: ClassVar[Callable[[], None] | None] = None

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._tail = Tail(self.limit // 2)
        self.begin_run()

    def begin_run(self) -> None:
        """A new run may write as much again."""
        self._room = self.limit // 2
        self._flushes = _FLUSHES

    def clear(self, *, hold: bool) -> None:
        """Forget what was not sent yet; `hold`: send nothing more before the run ends."""
        self._tail.take()
        if hold:
            self._room = 0

    def write(self, string: str) -> int | None:
        """As any text stream; returns the number of characters, sent or not."""
        prepare_for_more()
        if not isinstance(string, str) or len(string) <= self._room:
            written = super().write(string)
            self._room -= len(string)
            return written
        head, self._room = self._room, 0
        self._send(string[:head])
        self._tail.add(string[head:])
        return len(string)

    def _send(self, text: str) -> None:
        """In messages of a bearable size."""
        for start in range(0, len(text), _MESSAGE):
            super().write(text[start : start + _MESSAGE])
            super().flush()

    def flush(self) -> None:
        """Send now, unless the run has done that very often."""
        if self._flushes > 0:
            self._flushes -= 1
            super().flush()
            # ipykernel waits until the text is on its way to the thread that sends it.
            wait_until_sent(self.pub_thread)

    def end_run(self) -> int:
        """Send the tail; returns how many characters between head and tail are lost."""
        text, lost = self._tail.take()
        self._send(text)
        self.begin_run()
        return lost


def bounded_streams() -> dict[str, BoundedStream]:
    """Those that are there: the code may have put anything in place of stdout and stderr."""
    streams = {"stdout": sys.stdout, "stderr": sys.stderr}
    return {name: stream for name, stream in streams.items() if isinstance(stream, BoundedStream)}


def prepare_for_more() -> None:
    """Do what had to wait until more is shown."""
    waiting, BoundedStream.before_more = BoundedStream.before_more, None
    if waiting:
        waiting()


class BoundedDisplays(ZMQDisplayPublisher):
    """Displays of a run: so many, of so many bytes each and together."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._latest: dict[str, dict[str, Any]] = {}
        self.begin_run()

    def begin_run(self) -> None:
        """A new run may display as much again."""
        self._count = self._lost = 0
        self._bytes = 0
        self._latest.clear()
        self._clear_at_end = False
        BoundedStream.before_more = None

    def publish(
        self,
        data: dict[str, Any],
        metadata: dict[str, Any] | None = None,
        *,
        transient: dict[str, Any] | None = None,
        update: bool = False,
        **options: Any,
    ) -> None:
        """As in IPython, while there is room."""
        if not update:
            prepare_for_more()
        data = without_what_is_too_large(data)
        self._count += 1
        self._bytes += sum(map(_size, data.values()))
        if self._count <= _DISPLAYS and self._bytes <= _DISPLAYED_BYTES:
            super().publish(data, metadata, transient=transient, update=update, **options)
            return
        self._lost += 1
        display_id = (transient or {}).get("display_id")
        if update and display_id and (display_id in self._latest or len(self._latest) < _DISPLAYS):
            self._latest[display_id] = {"data": data, "metadata": metadata, "transient": transient}

    def clear_output(self, wait: bool = False) -> None:
        """As in IPython while there is room; of all that is cleared after that, the last counts."""
        self._count += 1
        # Sent only when more is shown: until then, what the streams hold back still counts.
        BoundedStream.before_more = partial(self._clear, wait=True) if wait else None
        if not wait:
            self._clear(wait=False)

    def _clear(self, *, wait: bool) -> None:
        self._clear_at_end = self._count > _DISPLAYS
        for stream in bounded_streams().values():
            stream.clear(hold=self._clear_at_end)
        if not self._clear_at_end:
            super().clear_output(wait)

    def send_clear(self) -> None:
        """Clear now what was cleared too often to be told each time; what is shown after this stays."""
        if self._clear_at_end:
            self._clear_at_end = False
            super().clear_output()

    def end_run(self) -> int:
        """Send the last state of what was cleared or updated too often; returns how many displays are lost.

        Before the streams send their tails, which may be what was shown after it was cleared.
        """
        self.send_clear()
        for latest in self._latest.values():
            super().publish(**latest, update=True)
        lost = self._lost - len(self._latest)
        self.begin_run()
        return lost


def without_what_is_too_large(data: dict[str, Any]) -> dict[str, Any]:
    """The representations of one display, each too large one left out; never none at all."""
    kept = {kind: value for kind, value in data.items() if _size(value) <= LARGEST_DISPLAY}
    left_out = [kind for kind in data if kind not in kept]
    if left_out and "text/plain" not in kept:
        sizes = ", ".join(f"{kind} of {_size(data[kind]) // MEBIBYTE} MiB" for kind in left_out)
        kept["text/plain"] = f"[left out: {sizes}; at most {LARGEST_DISPLAY // MEBIBYTE} MiB are shown]"
    return kept


def _size(value: Any) -> int:
    if isinstance(value, str | bytes):
        return len(value)
    # Something JSON-like: its text is the only honest measure, and it is small or rare.
    return len(repr(value))
