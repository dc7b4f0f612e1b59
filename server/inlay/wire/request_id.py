"""A short id for every call, in the log's lines and in the errors that its client gets: with one, the other is found.

A call that brings a `traceparent` (W3C Trace Context) has the trace's id in its lines as well.
"""

import logging
import re
import secrets
from contextvars import ContextVar

_TRACEPARENT = re.compile(r"[0-9a-f]{2}-([0-9a-f]{32})-[0-9a-f]{16}-[0-9a-f]{2}.*")

_current: ContextVar[str] = ContextVar("request", default="")
_trace: ContextVar[str] = ContextVar("trace", default="")


def begin(traceparent: str = "") -> None:
    """A call begins: whatever its task and the threads that work for it log from now on is its own."""
    _current.set(secrets.token_hex(4))
    known = _TRACEPARENT.fullmatch(traceparent)
    _trace.set(known[1] if known and int(known[1], 16) else "")


def current() -> str:
    """The id of the call that is being answered: 8 hex digits, or empty outside of one."""
    return _current.get()


def trace() -> str:
    """The id of the trace that the call belongs to: 32 hex digits, or empty where it said none."""
    return _trace.get()


class Marking(logging.Filter):
    """Gives every record `request`: the id in brackets, or nothing; and `trace`."""

    def filter(self, record: logging.LogRecord) -> bool:
        record.request = f" [{current()}]" if current() else ""
        record.trace = getattr(record, "trace", "") or trace()
        return True
