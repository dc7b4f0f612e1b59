"""What happened to jobs: the rows of the journal's table of events, and the pictures that are in no file.

A preview has up to 800 kB, comes several times a second and is worth nothing once the next one is there: only the last one of a
job is kept, in memory, and it ends with the process. Its number is written down, so that none is given twice.
"""

import sqlite3
from collections.abc import Iterable, Sequence

from inlay.events import (
    LAST,
    Done,
    Event,
    Failed,
    Happening,
    JobCancelled,
    Loading,
    Preview,
    Queued,
    Step,
    VariationDone,
)
from inlay.job import JobState
from inlay.jobs import owners
from inlay.jobs.event_codec import PREVIEW, QUEUED, VARIATION, Encoded, decode, encode
from inlay.jobs.history import note
from inlay.jobs.profiles import Profiles
from inlay.variation import Variation

_STATE_AFTER: dict[type[Happening], JobState] = {
    Queued: JobState.QUEUED,
    Loading: JobState.RUNNING,
    Step: JobState.RUNNING,
    Preview: JobState.RUNNING,
    VariationDone: JobState.RUNNING,
    Done: JobState.DONE,
    Failed: JobState.FAILED,
    JobCancelled: JobState.CANCELLED,
}


class EventLog:
    """In the journal behind `connection`, whose transactions are the journal's."""

    def __init__(self, connection: sqlite3.Connection, profiles: Profiles) -> None:
        self._connection = connection
        self._profiles = profiles
        self._previews: dict[int, Event] = {}
        """The last one of each job that has any, by its number."""

    def append(self, number: int, happening: Happening, now_ms: int) -> Event:
        """Write down what happened to a job, in a transaction that `keep` follows.

        Raises ValueError for a job that ended, or a variation that is already there.
        """
        job_id, state, last_seq, recipe, *whose = self._connection.execute(
            "SELECT job_id, state, last_seq, recipe, person, project FROM jobs WHERE number = ?", (number,)
        ).fetchone()
        if JobState(state).ended:
            raise ValueError(f"job {job_id} is {state}; nothing happens to it any more")
        event = Event(last_seq + 1, now_ms, happening)
        encoded = encode(happening)
        variation = happening.variation.index if isinstance(happening, VariationDone) else None
        if encoded.kind == PREVIEW or isinstance(happening, LAST):  # those of a server that wrote them down
            self._connection.execute("DELETE FROM events WHERE number = ? AND kind = 'preview'", (number,))
        if encoded.kind == QUEUED:
            self._connection.execute("DELETE FROM events WHERE number = ? AND kind = 'queued'", (number,))
        if encoded.kind == VARIATION:
            encoded = encoded._replace(facts=self._profiles.put_away(encoded.facts), picture=None)
            self._profiles.note_uses(number, encoded.facts)
        try:
            if encoded.kind != PREVIEW:
                self._connection.execute(
                    "INSERT INTO events VALUES (?, ?, ?, ?, ?, ?, ?)",
                    (number, event.seq, event.time_unix_ms, *encoded, variation),
                )
        except sqlite3.IntegrityError:
            raise ValueError(f"variation {variation} of job {job_id} is already there") from None
        self._connection.execute(
            "UPDATE jobs SET last_seq = ?, state = ?, ended_unix_ms = ?, variations_done = variations_done + ? "
            "WHERE number = ?",
            (
                event.seq,
                _STATE_AFTER[type(happening)],
                event.time_unix_ms if isinstance(happening, LAST) else None,
                variation is not None,
                number,
            ),
        )
        if isinstance(happening, VariationDone):
            note(self._connection, number, recipe, happening.variation, happening.thumbnail)
            owners.give(self._connection, set(happening.variation.result.blobs), owners.holders(*whose))
            # What came from the client need not be fetched: a mask that did not grow is the client's own.
            self._connection.executemany(
                "INSERT OR IGNORE INTO results SELECT :number, :sha256, "
                "EXISTS (SELECT 1 FROM inputs WHERE number = :number AND sha256 = :sha256)",
                [{"number": number, "sha256": sha256} for sha256 in happening.variation.result.blobs],
            )
        return event

    def keep(self, appended: Iterable[tuple[int, Event]]) -> None:
        """The transaction in which these were written down, by their jobs' numbers, is committed."""
        for number, event in appended:
            if isinstance(event.happening, Preview):
                self._previews[number] = event
            elif isinstance(event.happening, (Queued, *LAST)):
                self._previews.pop(number, None)

    def after(self, number: int, seq: int) -> Sequence[Event]:
        """What happened after event number `seq`, in order."""
        rows = self._connection.execute("SELECT * FROM events WHERE number = ? AND seq > ? ORDER BY seq", (number, seq))
        events = [
            Event(row["seq"], row["time_unix_ms"], decode(Encoded(*row[3:6]), self._profiles.read)) for row in rows
        ]
        preview = self._previews.get(number)
        return sorted([*events, preview], key=lambda event: event.seq) if preview and preview.seq > seq else events

    def painted(self, number: int) -> frozenset[int]:
        """The variations that are finished."""
        rows = self._connection.execute(
            "SELECT variation FROM events WHERE number = ? AND kind = ?", (number, VARIATION)
        )
        return frozenset(row["variation"] for row in rows)

    def variations(self, number: int) -> Sequence[Variation]:
        """What the job brought so far."""
        rows = self._connection.execute(
            "SELECT * FROM events WHERE number = ? AND kind = ? ORDER BY variation", (number, VARIATION)
        )
        happenings = (decode(Encoded(*row[3:6]), self._profiles.read) for row in rows)
        return [one.variation for one in happenings if isinstance(one, VariationDone)]
