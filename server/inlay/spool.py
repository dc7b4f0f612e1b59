"""Lines of the log on their way to standard error: whoever logs never waits for whoever reads.

They wait in a bounded queue (docs.python.org/3/howto/logging-cookbook.html, "Dealing with handlers that block"), and a thread
writes them. Where nobody reads, lines that come when the queue is full are dropped and counted.
"""

import atexit
import logging
import os
import queue
import threading
import time
from collections.abc import Callable
from logging.handlers import QueueHandler
from typing import Any, TextIO

MOST_LINES = 2_000
"""So many wait to be written: a traceback from each of many jobs at once, half a megabyte."""

FLUSH_S = 2.0
"""So long a process that ends waits for its last lines to be written."""

_LOST = "lines of the log were dropped, because nobody read it"


class Spool(QueueHandler):
    """A handler that puts lines, as its formatter makes them, where a thread of its own writes them to `stream`.

    Every line is written, or counted in a later one that says how many were dropped.
    """

    def __init__(self, stream: TextIO, formatter: logging.Formatter) -> None:
        self._lines: queue.Queue[str | None] = queue.Queue(MOST_LINES)
        super().__init__(self._lines)
        self.setFormatter(formatter)
        self._dropped = 0
        self._writer = threading.Thread(target=self._write_all, args=(_writing(stream),), name="log", daemon=True)
        self._writer.start()
        atexit.register(self.finish)

    def prepare(self, record: logging.LogRecord) -> Any:
        """The line itself: whatever it is made of may be otherwise by the time it is written."""
        return self.format(record)

    def enqueue(self, record: Any) -> None:
        """Called with the handler's lock held."""
        try:
            if self._dropped:
                self._lines.put_nowait(self._loss())
                self._dropped = 0
            self._lines.put_nowait(record)
        except queue.Full:
            self._dropped += 1

    def finish(self, within_s: float = FLUSH_S) -> None:
        """Have what was logged written, and the thread end, unless that takes longer. What is logged later is lost."""
        deadline = time.monotonic() + within_s
        try:
            if self._dropped:
                self._lines.put(self._loss(), timeout=within_s)
                self._dropped = 0
            self._lines.put(None, timeout=max(0.0, deadline - time.monotonic()))
        except queue.Full:
            return
        self._writer.join(max(0.0, deadline - time.monotonic()))

    def _loss(self) -> str:
        said = f"{self._dropped} {_LOST}"
        return self.format(logging.LogRecord(__name__, logging.WARNING, "", 0, said, None, None))

    def _write_all(self, write: Callable[[str], None]) -> None:
        while (line := self._lines.get()) is not None:
            try:
                write(f"{line}\n")
            except (OSError, ValueError):  # whoever read it is gone
                continue


def _writing(stream: TextIO) -> Callable[[str], None]:
    """How a line gets into `stream`: past its buffer where that is possible. A thread that stands in the buffer holds its lock,
    and an interpreter that ends meanwhile is aborted."""
    try:
        number = stream.fileno()
    except (OSError, ValueError, AttributeError):
        number = -1
    if number < 0 or (os.name == "nt" and stream.isatty()):  # its console takes characters, not bytes

        def write(text: str) -> None:
            stream.write(text)
            stream.flush()

        return write
    encoding = stream.encoding or "utf-8"

    def write_bytes(text: str) -> None:
        left = text.encode(encoding, "backslashreplace")
        while left:
            left = left[os.write(number, left) :]

    return write_bytes


def finish() -> None:
    """Have the lines that this process logged written: for one that ends without its interpreter's farewell."""
    for handler in logging.getLogger().handlers:
        if isinstance(handler, Spool):
            handler.finish()
