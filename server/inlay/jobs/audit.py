"""The audit log: who did what from where, in the journal, so that a job and its line are on the disk together or not at all.

Lines are only added: the table refuses anything else, and each line holds the SHA-256 of the line before it and of itself, so that
whoever changes the file around the table is seen from there on (a hash chain: RFC 9162 has the idea in a tree). Lines cut from the
end are seen by who noted a head; the server's log tells one each day.
"""

import hashlib
import json
import sqlite3
import time
from collections.abc import Callable, Generator, Iterator
from contextlib import AbstractContextManager, contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any, NamedTuple

BEGIN = "0" * 64
"""What the first line has in the place of a line before it."""

Transaction = Callable[[bool], AbstractContextManager[None]]


@dataclass
class Line:
    """What is noted of a call."""

    facts: dict[str, Any] = field(default_factory=dict[str, Any])
    is_written: bool = False
    is_over: bool = False
    """The call ended; what goes on in its name is not the call any more."""


_pending: ContextVar[Line | None] = ContextVar("audit", default=None)


@contextmanager
def noting(line: Line) -> Generator[None]:
    """The first thing that is written into the journal within the block takes the line along."""
    before = _pending.set(line)
    try:
        yield
    finally:
        line.is_over = True
        _pending.reset(before)


class Head(NamedTuple):
    """The newest line: how many there are with it, and its hash."""

    number: int
    sha256: str


class Noted(NamedTuple):
    """A line as it was read."""

    number: int
    facts: dict[str, Any]
    sha256: str


class Audit:
    """The log in the journal behind `connection`."""

    def __init__(self, connection: sqlite3.Connection, transaction: Transaction) -> None:
        self._connection = connection
        self._transaction = transaction

    def take_along(self) -> Line | None:
        """Add the line of the call under way, if it has one. In the caller's transaction, which marks it as written."""
        line = _pending.get()
        if line is None or line.is_written or line.is_over:
            return None
        self._add(line.facts | {"outcome": "OK"})
        return line

    def note(self, line: Line, outcome: str) -> None:
        """Add a line of its own: a call that wrote nothing, or that failed, by its status code's name."""
        with self._transaction(False):
            self._add(line.facts | {"outcome": outcome})
        line.is_written = True

    @property
    def head(self) -> Head:
        return head_of(self._connection)

    def _add(self, facts: dict[str, Any]) -> None:
        told = json.dumps({"time_unix_ms": time.time_ns() // 1_000_000} | facts, sort_keys=True, ensure_ascii=False)
        sha256 = _chained(self.head.sha256, told)
        self._connection.execute("INSERT INTO audit (facts, sha256) VALUES (?, ?)", (told, sha256))


def head_of(connection: sqlite3.Connection) -> Head:
    """The newest line; number 0 where there is none."""
    row = connection.execute("SELECT number, sha256 FROM audit ORDER BY number DESC LIMIT 1").fetchone()
    return Head(row[0], row[1]) if row else Head(0, BEGIN)


def lines(connection: sqlite3.Connection, since_ms: int = 0) -> Iterator[Noted]:
    """The lines from a time on, in their order."""
    for number, told, sha256 in connection.execute("SELECT number, facts, sha256 FROM audit ORDER BY number"):
        facts = json.loads(told)
        if facts["time_unix_ms"] >= since_ms:
            yield Noted(number, facts, sha256)


def flaw(connection: sqlite3.Connection, known_head: str = "") -> str:
    """Where the log is not what was written, as a sentence; empty where it is.

    known_head: one that was noted elsewhere, and has to be in it.
    """
    before, last, heads = BEGIN, 0, {BEGIN}
    for number, told, sha256 in connection.execute("SELECT number, facts, sha256 FROM audit ORDER BY number"):
        if number != last + 1:
            return f"line {last + 1} is missing"
        if sha256 != _chained(before, told):
            return f"line {number} was changed, or a line before it"
        before, last = sha256, number
        heads.add(sha256)
    row = connection.execute("SELECT seq FROM sqlite_sequence WHERE name = 'audit'").fetchone()
    if row and row[0] > last:
        return f"lines {last + 1} .. {row[0]} are missing at the end"
    if known_head and known_head not in heads:
        return f"no line has the hash {known_head}: lines are missing at the end, or it is another log"
    return ""


def _chained(before: str, told: str) -> str:
    return hashlib.sha256(f"{before}{told}".encode()).hexdigest()
