"""Reviews in the journal: what happened in each, whose token opens it, and which jobs it keeps from being forgotten.

What happened is only ever added: the tables themselves refuse to change or to forget a row of it.
"""

import hashlib
import json
import sqlite3
import time
from collections.abc import Callable, Collection, Sequence
from contextlib import AbstractContextManager
from typing import Any, NamedTuple

from inlay.errors import NotFound
from inlay.job import canonical_id
from inlay.jobs.owners import seen
from inlay.person import OWNER, Person, Sight
from inlay.plain import from_plain, to_plain
from inlay.review.events import Happening, ReviewEvent
from inlay.review.standing import Review

OPEN_JOBS = "SELECT number FROM review_jobs JOIN reviews USING (review) WHERE open_until_ms > :now"
"""The jobs that open reviews show, in SQL; now: in milliseconds."""

Transaction = Callable[[bool], AbstractContextManager[None]]


class Access(NamedTuple):
    """Whose a token is."""

    review_id: str
    reviewer: int


def token_sha256(token: str) -> str:
    """How a token is kept: 256 random bits need no salt."""
    return hashlib.sha256(token.encode()).hexdigest()


class ReviewBook:
    """The reviews of one journal. transaction: of the journal; its argument says whether the disk is waited for."""

    def __init__(self, connection: sqlite3.Connection, transaction: Transaction) -> None:
        self._connection = connection
        self._transaction = transaction

    def open(
        self,
        review_id: str,
        title: str,
        needs_all: bool,
        happenings: Sequence[Happening],
        *,
        tokens: Collection[tuple[str, int]] = (),
        jobs: Collection[str] = (),
        by: Person = OWNER,
    ) -> None:
        """A new review, and what happened in it so far, as `append` takes it. Raises InvalidInput where the id is no UUID."""
        with self._transaction(True):
            self._connection.execute(
                "INSERT INTO reviews (review_id, title, needs_all, created_unix_ms, person, project) VALUES (?, ?, ?, ?, ?, ?)",
                (canonical_id(review_id, "review_id"), title, needs_all, _now_ms(), by.name, by.project),
            )
            self._add(review_id, happenings, tokens, jobs)

    def append(
        self,
        review_id: str,
        happenings: Sequence[Happening],
        *,
        tokens: Collection[tuple[str, int]] = (),
        jobs: Collection[str] = (),
    ) -> tuple[ReviewEvent, ...]:
        """Write down what happened, all of it or nothing. tokens: new links, as SHA-256 and the reviewer's number. jobs: those
        that it shows from now on. Raises NotFound.
        """
        with self._transaction(True):
            return self._add(review_id, happenings, tokens, jobs)

    def read(self, review_id: str) -> Review:
        """A review with all its events. Raises NotFound, InvalidInput."""
        number = self._number(review_id)
        row = self._connection.execute("SELECT * FROM reviews WHERE review = ?", (number,)).fetchone()
        events = self._connection.execute("SELECT * FROM review_events WHERE review = ? ORDER BY seq", (number,))
        return Review(
            row["review_id"],
            row["title"],
            row["created_unix_ms"],
            bool(row["needs_all"]),
            tuple(ReviewEvent(one["seq"], one["time_unix_ms"], decoded(one["facts"])) for one in events),
            row["person"],
            row["project"],
        )

    def ids(self, limit: int, by: Person | None = None) -> Sequence[str]:
        """The newest reviews' ids, the newest first. by: of those that somebody sees at least in outline; None: everybody's."""
        condition, values = seen(by, Sight.OUTLINE)
        rows = self._connection.execute(
            f"SELECT review_id FROM reviews WHERE {condition} ORDER BY review DESC LIMIT ?", (*values, limit)
        )
        return [row["review_id"] for row in rows]

    def access(self, token: str) -> Access | None:
        """Whose token it is; None: nobody's."""
        row = self._connection.execute(
            "SELECT review_id, reviewer FROM review_links JOIN reviews USING (review) WHERE token_sha256 = ?",
            (token_sha256(token),),
        ).fetchone()
        return Access(*row) if row else None

    def _add(
        self,
        review_id: str,
        happenings: Sequence[Happening],
        tokens: Collection[tuple[str, int]],
        jobs: Collection[str],
    ) -> tuple[ReviewEvent, ...]:
        number, now_ms = self._number(review_id), _now_ms()
        (last,) = self._connection.execute(
            "SELECT coalesce(max(seq), 0) FROM review_events WHERE review = ?", (number,)
        ).fetchone()
        events = tuple(ReviewEvent(last + at, now_ms, happening) for at, happening in enumerate(happenings, start=1))
        self._connection.executemany(
            "INSERT INTO review_events VALUES (?, ?, ?, ?)",
            [(number, event.seq, event.time_unix_ms, encoded(event.happening)) for event in events],
        )
        self._connection.executemany(
            "INSERT INTO review_links VALUES (?, ?, ?)", [(sha256, number, whose) for sha256, whose in tokens]
        )
        self._connection.executemany(
            "INSERT OR IGNORE INTO review_jobs SELECT ?, number FROM jobs WHERE job_id = ?",
            [(number, job_id) for job_id in jobs],
        )
        reviewers = self.read(review_id).reviewers.values()
        until_ms = max((one.expires_unix_ms for one in reviewers if not one.is_revoked), default=0)
        self._connection.execute("UPDATE reviews SET open_until_ms = ? WHERE review = ?", (until_ms, number))
        return events

    def _number(self, review_id: str) -> int:
        known = canonical_id(review_id, "review_id")
        row = self._connection.execute("SELECT review FROM reviews WHERE review_id = ?", (known,)).fetchone()
        if row is None:
            raise NotFound("review", review_id, field="review_id")
        return row["review"]


def encoded(happening: Happening) -> str:
    """As the journal has it: the class's name around its fields."""
    return json.dumps({type(happening).__name__: to_plain(happening)}, separators=(",", ":"))


def decoded(facts: str) -> Any:
    """The inverse of `encoded`."""
    return from_plain(Happening, json.loads(facts), checks=False)


def _now_ms() -> int:
    return time.time_ns() // 1_000_000
