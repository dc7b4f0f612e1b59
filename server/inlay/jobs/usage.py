"""What somebody's jobs took of the devices' time and of the disk, by the journal."""

import sqlite3
import time
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from typing import NamedTuple

DAY_S = 86_400.0

Transaction = Callable[[bool], AbstractContextManager[None]]


class Spent(NamedTuple):
    """What a job took."""

    ago_s: float
    """Since it ended; 0 for one that has not."""
    seconds: float
    """So long a device was at it, whatever came of it."""


class Usage:
    """In the journal behind `connection`."""

    def __init__(self, connection: sqlite3.Connection, transaction: Transaction) -> None:
        self._connection = connection
        self._transaction = transaction

    def took(self, job_id: str, seconds: float) -> None:
        """A device was at the job for so long, once more perhaps. Whoever is told of its end may be told before."""
        with self._transaction(False):
            self._connection.execute(
                "UPDATE jobs SET device_seconds = device_seconds + ? WHERE job_id = ?", (seconds, job_id)
            )

    def today(self, person: str) -> Sequence[Spent]:
        """What somebody's jobs took that ended in the last 24 hours, or have not ended, the oldest end first."""
        now_ms = time.time_ns() // 1_000_000
        rows = self._connection.execute(
            "SELECT ended_unix_ms, device_seconds FROM jobs "
            "WHERE person = :person AND ended_unix_ms > :since AND device_seconds > 0 UNION ALL "
            "SELECT NULL, device_seconds FROM jobs WHERE person = :person AND ended_unix_ms IS NULL AND device_seconds > 0",
            {"person": person, "since": now_ms - DAY_S * 1000},
        ).fetchall()
        spent = [Spent(0.0 if ended is None else max(0.0, (now_ms - ended) / 1000), seconds) for ended, seconds in rows]
        return sorted(spent, reverse=True)

    def blobs(self, person: str) -> Sequence[str]:
        """The blobs that somebody's jobs brought and gave."""
        rows = self._connection.execute(
            "SELECT sha256 FROM inputs JOIN jobs USING (number) WHERE person = :person UNION "
            "SELECT sha256 FROM results JOIN jobs USING (number) WHERE person = :person",
            {"person": person},
        )
        return [row[0] for row in rows]
