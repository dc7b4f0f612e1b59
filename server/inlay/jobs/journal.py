"""The journal: every accepted job and everything that happened to it, on disk before anybody is told.

What a client may rely on (an accepted job, a finished variation, an end) is synced to the disk; steps are only written, which
survives the death of any process but not a power cut. A preview's pixels are in no file (`inlay.jobs.event_log`).
"""

import contextlib
import logging
import sqlite3
import time
from collections.abc import Generator, Iterable, Sequence
from contextlib import contextmanager
from pathlib import Path

from inlay.anchor import Anchor
from inlay.errors import Hindered, InvalidInput, JobConflict, NotFound
from inlay.events import (
    LAST,
    Event,
    Happening,
    VariationDone,
)
from inlay.job import MAX_LABEL_CHARACTERS, NOTHING_SAID, Job, JobState, Lane, Rating, Ticket, canonical_id, lane_of
from inlay.jobs import owners, rescue, retention, timings
from inlay.jobs.audit import Audit
from inlay.jobs.durability import Durability
from inlay.jobs.event_log import EventLog
from inlay.jobs.history import Page, Sought, page
from inlay.jobs.occurrences import Committed, Onlookers
from inlay.jobs.profiles import Profiles
from inlay.jobs.rescue import mend
from inlay.jobs.reviews import ReviewBook
from inlay.jobs.schema import VERSION
from inlay.jobs.tables import connect, pinned
from inlay.jobs.tries import tries_at
from inlay.jobs.usage import Usage
from inlay.person import OWNER, Person, Sight
from inlay.recipe import Recipe, Tier
from inlay.variation import Variation

_log = logging.getLogger(__name__)

MAX_LISTED = 1_000

_JOBS = "SELECT *, number IN (SELECT number FROM results WHERE NOT fetched) AS due FROM jobs "


class Journal:
    """Jobs, events, ratings and measured times in the SQLite file `path`. One process writes, one thread at a time."""

    def __init__(self, path: Path) -> None:
        self.path = path
        if rescue.has_to_be_read(path):
            mend(path)
        self._connection = connect(path)
        self._is_damaged = False
        with contextlib.suppress(OSError):  # a full disk: it is read at the next start, or it is not
            rescue.mark_of(path).touch()
        self._anchor = Anchor(path, "journal")
        self._profiles = Profiles(self._connection)
        self._events = EventLog(self._connection, self._profiles)
        self.reviews = ReviewBook(self._connection, self._transaction)
        self.owners = owners.Owners(self._connection, self._transaction)
        self.usage = Usage(self._connection, self._transaction)
        self.audit = Audit(self._connection, self._transaction)
        self.onlookers = Onlookers()
        self.durability: Durability | None = None
        """What brings commits to the disk; None: each of them does, and whoever commits waits."""

    def defer(self) -> None:
        """From now on what commits returns before it is on the disk: whoever tells somebody of it waits for `durability`."""
        with contextlib.suppress(
            sqlite3.Error, OSError, Hindered
        ):  # a full disk, or one on which SQLite has no such log
            self.attempt()  # from then on the log is there, and so is its name in the folder
            self.durability = Durability(self.path)

    def close(self) -> None:
        if self.durability:
            self.durability.close()
        self._connection.close()
        if not self._is_damaged:
            with contextlib.suppress(OSError):
                rescue.mark_of(self.path).unlink(missing_ok=True)

    def examine(self) -> None:
        """Read all of it, in any thread; where it is damaged the log says so, and the next start repairs what can be repaired."""
        if not rescue.is_sound(self.path):
            self._is_damaged = True
            _log.error(
                "the journal %s is damaged; stop the server and start it again: it repairs what can be repaired",
                self.path,
            )

    def check_place(self) -> None:
        """Raise Hindered where the file is not the one that it was any more; nothing is written then."""
        self._anchor.check()

    def submit(self, job_id: str, recipe: Recipe, ticket: Ticket = NOTHING_SAID, asked_sha256: str = "") -> Job:
        """Accept a job; on the disk once this returns, or once `durability` says so. The same id and recipe again is the same job,
        whatever its ticket.

        asked_sha256: of the recipe as the client brought it, where it was resolved since: that is what is the same again.

        Raises InvalidInput where an id is no UUID or a text too long, JobConflict where the id has another recipe.
        """
        job_id = canonical_id(job_id)
        parent = canonical_id(ticket.parent, "parent") if ticket.parent else ""
        for field, text in (("label", ticket.label), ("batch", ticket.batch)):
            if len(text) > MAX_LABEL_CHARACTERS:
                limit = f"at most {MAX_LABEL_CHARACTERS} are allowed"
                raise InvalidInput(field, f"{len(text)} characters long", limit)
        asked, known = asked_sha256 or recipe.sha256, self.find(job_id)
        if known:
            if known.person != ticket.by.name or asked not in (self._asked(job_id), known.recipe.sha256):
                raise JobConflict(job_id)
            return known
        with self._transaction(synced=True):
            kept = self._profiles.put_away(recipe.canonical())
            number = self._connection.execute(
                "INSERT INTO jobs (job_id, recipe, recipe_sha256, label, lane, parent, batch, state, submitted_unix_ms, person, "
                "project) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                (
                    job_id,
                    kept,
                    asked,
                    ticket.label,
                    ticket.lane or lane_of(recipe.sampling.tier),
                    parent,
                    ticket.batch,
                    JobState.QUEUED,
                    _now_ms(),
                    ticket.by.name,
                    ticket.by.project,
                ),
            ).lastrowid
            assert number is not None
            self._profiles.note_uses(number, kept)
            self._connection.executemany(
                "INSERT INTO inputs VALUES (?, ?)", [(number, sha256) for sha256 in set(recipe.blobs)]
            )
            owners.give(self._connection, set(recipe.blobs), owners.holders(ticket.by.name, ticket.by.project))
        return self.job(job_id)

    def find(self, job_id: str) -> Job | None:
        """The job, or None. Raises InvalidInput where the id is no UUID."""
        row = self._connection.execute(_JOBS + "WHERE job_id = ?", (canonical_id(job_id),)).fetchone()
        return self._job(row) if row else None

    def job(self, job_id: str) -> Job:
        """The job. Raises NotFound, InvalidInput."""
        job = self.find(job_id)
        if job is None:
            raise NotFound("job", job_id, field="job_id")
        return job

    def state(self, job_id: str) -> JobState:
        """Where the job is, without reading its recipe, which may hold megabytes of profiles. Raises NotFound, InvalidInput."""
        row = self._connection.execute("SELECT state FROM jobs WHERE job_id = ?", (canonical_id(job_id),)).fetchone()
        if row is None:
            raise NotFound("job", job_id, field="job_id")
        return JobState(row["state"])

    def unfinished(self) -> Sequence[Job]:
        """Jobs that are queued or running, in the order in which they were accepted."""
        rows = self._connection.execute(_JOBS + "WHERE state IN ('queued', 'running') ORDER BY number")
        return [self._job(row) for row in rows]

    def append(self, job_id: str, happening: Happening) -> Event:
        """Write down what happened to a job; its state follows. Raises NotFound, ValueError for a job that ended
        or a variation that is already there.

        A preview replaces the previews before it, and an end removes them; where a job waits replaces where it waited.
        """
        return self.append_each([(job_id, happening)])[0]

    def append_each(self, happenings: Iterable[tuple[str, Happening]]) -> Sequence[Event]:
        """`append` for several jobs at once: all of it or nothing."""
        pairs = [(self._number(job_id), happening) for job_id, happening in happenings]
        synced = any(isinstance(happening, (VariationDone, *LAST)) for _, happening in pairs)
        with self._transaction(synced):
            events = [self._events.append(number, happening, _now_ms()) for number, happening in pairs]
        self._events.keep(zip((number for number, _ in pairs), events, strict=True))
        return events

    def events(self, job_id: str, after_seq: int = 0) -> Sequence[Event]:
        """What happened after event number `after_seq`, in order. Raises NotFound, InvalidInput."""
        return self._events.after(self._number(job_id), after_seq)

    def painted(self, job_id: str) -> frozenset[int]:
        """The variations that are finished. Raises NotFound."""
        return self._events.painted(self._number(job_id))

    def begin(self, job_id: str, device: str) -> None:
        """The worker of a device takes the job; one that ended meanwhile stays as it is."""
        number = self._number(job_id)
        with self._transaction(synced=True):
            self._connection.execute(
                "UPDATE jobs SET attempts = attempts + 1, state = 'running', device = ? "
                "WHERE number = ? AND state IN ('queued', 'running')",
                (device, number),
            )

    def count_death(self, job_id: str) -> int:
        """A worker died under the job; how many did by now."""
        number = self._number(job_id)
        with self._transaction(synced=True):
            self._connection.execute("UPDATE jobs SET deaths = deaths + 1 WHERE number = ?", (number,))
        return self.job(job_id).deaths

    def list(
        self,
        label: str = "",
        limit: int = 100,
        unfetched_only: bool = False,
        batch: str = "",
        after: str = "",
        by: Person | None = None,
    ) -> Sequence[Job]:
        """Jobs, newest first; with `label` or `batch` only those that have it, with `unfetched_only` only ended ones with
        results that no client fetched. after: the id of a job: only what was submitted before it. by: only those that somebody sees
        at least in outline, and of unfetched ones only their own; None: everybody's.

        Raises InvalidInput unless `limit` is 1 .. 1000, NotFound where `after` is no job.
        """
        if not 1 <= limit <= MAX_LISTED:
            raise InvalidInput("limit", limit, f"it must be 1 .. {MAX_LISTED}")
        if unfetched_only and by:
            by = Person(by.name)
        condition, whose = owners.seen(by, Sight.OUTLINE)
        before = (
            self._connection.execute(
                f"SELECT number FROM jobs WHERE job_id = ? AND {condition}",
                (canonical_id(after, "after"), *whose),
            ).fetchone()
            if after
            else None
        )
        if after and before is None:
            raise NotFound("job", after, field="after")
        asked: list[tuple[str, Sequence[object]]] = [(condition, whose)]
        if label:
            asked.append(("label = ?", (label,)))
        if batch:
            asked.append(("batch = ?", (batch,)))
        if before:
            asked.append(("number < ?", (before["number"],)))
        if unfetched_only:
            asked.append(("state NOT IN ('queued', 'running') AND due", ()))
        rows = self._connection.execute(
            f"{_JOBS}WHERE {' AND '.join(condition for condition, _ in asked)} ORDER BY number DESC LIMIT ?",
            (*(value for _, values in asked for value in values), limit),
        )
        return [self._job(row) for row in rows]

    def rate(self, job_id: str, variation: int, rating: Rating) -> None:
        """Remember what became of a variation; the last judgement counts. Raises NotFound."""
        number = self._number(job_id)
        if variation not in self.painted(job_id):
            raise NotFound("variation", str(variation), field="variation", hint=f"job {job_id} has no such result")
        with self._transaction(synced=False):
            self._connection.execute(
                "INSERT OR REPLACE INTO ratings VALUES (?, ?, ?, ?)", (number, variation, rating, _now_ms())
            )

    def ratings(self, job_id: str) -> dict[int, Rating]:
        """The judgements by variation. Raises NotFound."""
        rows = self._connection.execute("SELECT * FROM ratings WHERE number = ?", (self._number(job_id),))
        return {row["variation"]: Rating(row["rating"]) for row in rows}

    def history(
        self,
        label: str = "",
        sought: Sequence[Sought] = (),
        cursor: str = "",
        limit: int = 30,
        by: Person | None = None,
    ) -> Page:
        """What was made, newest first (`inlay.jobs.history.page`). Raises InvalidInput."""
        return page(self._connection, label, sought, cursor, limit, owners.seen(by, Sight.WHOLE))

    def tries_at(self, job_id: str) -> Sequence[int]:
        """The numbers of the tries at the job's region, itself the last (`inlay.jobs.tries.tries_at`). Raises NotFound."""
        return tries_at(self._connection, self._number(job_id))

    def variations_of(self, number: int) -> Sequence[Variation]:
        """What the job of that number brought so far."""
        return self._events.variations(number)

    def mark_fetched(self, sha256: str, person: str = OWNER.name) -> None:
        """A person's client has all bytes of this blob. A job of theirs is fetched when this is so for all that its variations
        brought; that somebody else looked changes nothing."""
        with self._transaction(synced=False):
            self._connection.execute(
                "UPDATE results SET fetched = TRUE WHERE sha256 = ? AND NOT fetched "
                "AND number IN (SELECT number FROM jobs WHERE person = ?)",
                (sha256, person),
            )

    def pinned(self) -> frozenset[str]:
        """The blobs that must stay; any thread may ask."""
        return pinned(self.path)

    def attempt(self) -> None:
        """Write a page without changing anything. Raises what keeps the journal from being written."""
        with self._transaction(synced=True):
            self._connection.execute(f"PRAGMA user_version = {VERSION}")
        if self.durability:
            self.durability.sync()

    def record_timing(self, engine: str, verb: str, tier: Tier, device: str, seconds_per_megapixel: float) -> None:
        """Remember how long a variation took, per million working pixels."""
        with self._transaction(synced=False):
            timings.record(self._connection, (engine, verb, tier, device), _now_ms(), seconds_per_megapixel)

    def seconds_per_megapixel(self, engine: str, verb: str, tier: Tier, device: str) -> float | None:
        """The moving median of what was measured; None while nothing was."""
        return timings.median(self._connection, (engine, verb, tier, device))

    def forget_old(self) -> None:
        """Forget what is old (`inlay.jobs.retention`). To be done once a day."""
        with self._transaction(synced=True):
            retention.forget_old(self._connection, _now_ms())

    def shrink(self) -> bool:
        """Give room back to the disk for a few milliseconds; whether there is more to give."""
        self._anchor.check()
        return retention.shrink(self._connection)

    @contextmanager
    def _transaction(self, synced: bool) -> Generator[None]:
        self._anchor.check()
        waits = synced and self.durability is None
        self._connection.execute(f"PRAGMA synchronous = {'FULL' if waits else 'NORMAL'}")
        self._connection.execute("BEGIN IMMEDIATE")
        began_s = time.perf_counter()
        try:
            yield
            line = self.audit.take_along()
            self._connection.execute("COMMIT")
            if line:
                line.is_written = True
        except BaseException:
            if self._connection.in_transaction:  # a full disk may have ended it already
                self._connection.execute("ROLLBACK")
            raise
        if self.durability and synced:
            self.durability.owe()
        self.onlookers.tell(Committed(time.perf_counter() - began_s, waits))

    def _number(self, job_id: str, field: str = "job_id") -> int:
        known = canonical_id(job_id, field)
        row = self._connection.execute("SELECT number FROM jobs WHERE job_id = ?", (known,)).fetchone()
        if row is None:
            raise NotFound("job", job_id, field=field)
        return row["number"]

    def _asked(self, job_id: str) -> str:
        """The hash of a job's recipe as the client brought it."""
        row = self._connection.execute("SELECT recipe_sha256 FROM jobs WHERE job_id = ?", (job_id,)).fetchone()
        return row["recipe_sha256"]

    def _job(self, row: sqlite3.Row) -> Job:
        return Job(
            job_id=row["job_id"],
            state=JobState(row["state"]),
            recipe=Recipe.parse(row["recipe"], self._profiles.read),
            last_seq=row["last_seq"],
            submitted_unix_ms=row["submitted_unix_ms"],
            variations_done=row["variations_done"],
            fetched=row["variations_done"] > 0 and not row["due"],
            label=row["label"],
            lane=Lane(row["lane"]),
            parent=row["parent"],
            batch=row["batch"],
            device=row["device"],
            attempts=row["attempts"],
            deaths=row["deaths"],
            person=row["person"],
            project=row["project"],
        )


def _now_ms() -> int:
    return time.time_ns() // 1_000_000
