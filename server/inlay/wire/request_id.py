"""A short id for every call, in the log's lines and in the errors that its client gets: with one, the other is found."""

import logging
import secrets
from contextvars import ContextVar

_current: ContextVar[str] = ContextVar("request", default="")


def begin() -> None:
    """A call begins: whatever its task and the threads that work for it log from now on is its own."""
    _current.set(secrets.token_hex(4))


def current() -> str:
    """The id of the call that is being answered: 8 hex digits, or empty outside of one."""
    return _current.get()


class Marking(logging.Filter):
    """Gives every record `request`: the id in brackets, or nothing."""

    def filter(self, record: logging.LogRecord) -> bool:
        record.request = f" [{current()}]" if current() else ""
        return True
