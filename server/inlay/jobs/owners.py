"""What is whose: jobs by their person and project, and blobs by whom they were given to. Functions on the journal's connection.

A blob's name is no capability: whoever knows a SHA-256 has the blob only where they sent its bytes, or where it is part of a job
that they see wholly. A blob that was given to nobody is the owner's: it was there before there were people.
"""

import sqlite3
import time
from collections.abc import Callable, Collection, Iterable
from contextlib import AbstractContextManager
from dataclasses import replace

from inlay.errors import NotFound
from inlay.job import canonical_id
from inlay.person import OWNER, Person, Role, Sight

_AT_ONCE = 500

Transaction = Callable[[bool], AbstractContextManager[None]]


def seen(by: Person | None, sight: Sight) -> tuple[str, tuple[str, ...]]:
    """The jobs (or reviews) of which somebody sees at least so much, as a condition in SQL and its values. None: everybody's."""
    if by is None or (by.role is Role.ADMIN and sight <= Sight.OUTLINE):
        return "TRUE", ()
    if not by.led:
        return "person = ?", (by.name,)
    places = ", ".join("?" * len(by.led))
    return f"(+person = ? OR +project IN ({places}))", (by.name, *by.led)


def holders(person: str, project: str) -> tuple[str, ...]:
    """To whom the blobs of a job are given."""
    return (f"person:{person}", *([f"project:{project}"] if project else []))


def give(connection: sqlite3.Connection, names: Iterable[str], holding: Collection[str]) -> None:
    """From now on they have these blobs. In the caller's transaction."""
    now_ms = time.time_ns() // 1_000_000
    connection.executemany(
        "INSERT OR IGNORE INTO grants VALUES (?, ?, ?)", [(name, one, now_ms) for name in names for one in holding]
    )


class Owners:
    """Who has which blobs, and whose jobs are, in a journal."""

    def __init__(self, connection: sqlite3.Connection, transaction: Transaction) -> None:
        """transaction: around each change; told whether that has to be on the disk when it ends."""
        self._connection = connection
        self._transaction = transaction

    def of_job(self, job_id: str) -> tuple[str, str]:
        """The job's person and project. Raises NotFound, InvalidInput."""
        row = self._connection.execute(
            "SELECT person, project FROM jobs WHERE job_id = ?", (canonical_id(job_id),)
        ).fetchone()
        if row is None:
            raise NotFound("job", job_id, field="job_id")
        return row["person"], row["project"]

    def held(self, by: Person, names: Collection[str]) -> frozenset[str]:
        """Which of these blobs somebody has."""
        holding = (f"person:{by.name}", *(f"project:{project}" for project in by.led))
        places, wanted, found = ", ".join("?" * len(holding)), [*dict.fromkeys(names)], set[str]()
        for at in range(0, len(wanted), _AT_ONCE):
            part = wanted[at : at + _AT_ONCE]
            marks = ", ".join("?" * len(part))
            rows = self._connection.execute(
                f"SELECT sha256 FROM grants WHERE sha256 IN ({marks}) AND principal IN ({places})", (*part, *holding)
            )
            found.update(row[0] for row in rows)
            if by.name == OWNER.name:
                others = self._connection.execute(f"SELECT sha256 FROM grants WHERE sha256 IN ({marks})", part)
                found.update(set(part) - {row[0] for row in others})
        return frozenset(found)

    def at_work(self, by: Person, source: str) -> Person:
        """Somebody as they work on these pixels: what belongs to one of their projects already goes on in it, and in no other."""
        rows = self._connection.execute("SELECT principal FROM grants WHERE sha256 = ?", (source,))
        known = {row[0] for row in rows}
        first = [project for project in by.projects if f"project:{project}" in known]
        return replace(by, projects=(*first, *(project for project in by.projects if project not in first)))

    def give(self, by: Person, name: str, *, was_here: bool = False) -> None:
        """Somebody has a blob from now on. was_here: it was in the store before they sent it; the owner's then, if nobody's."""
        holding = {*holders(by.name, "")}
        if was_here and self.held(OWNER, [name]):
            holding |= {*holders(OWNER.name, "")}
        with self._transaction(False):
            give(self._connection, [name], holding)

    def forget(self, kept: Collection[str], before_ms: int) -> None:
        """Who had blobs that are none of `kept`, if they had them before then: it is no use any more."""
        rows = self._connection.execute("SELECT DISTINCT sha256 FROM grants WHERE time_unix_ms < ?", (before_ms,))
        gone = [(name,) for (name,) in map(tuple, rows.fetchall()) if name not in kept]
        with self._transaction(False):
            self._connection.executemany("DELETE FROM grants WHERE sha256 = ?", gone)
