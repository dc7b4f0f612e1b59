"""Copies of the journal: a backup of one that may be in use, and what can still be read of one that is damaged."""

import contextlib
import hashlib
import logging
import os
import shutil
import sqlite3
import time
from collections.abc import Callable, Generator, Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from inlay.errors import InvalidInput, NotFound, Unavailable
from inlay.events import LAST, Done, Failed, Happening, JobCancelled, VariationDone
from inlay.job import JobState
from inlay.jobs import history, reviews
from inlay.jobs.event_codec import Encoded, decode, encode
from inlay.jobs.profiles import Profiles
from inlay.jobs.tables import connect
from inlay.recipe import Recipe

_DAMAGED = (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)
READ_AT_ONCE_BYTES = 64 * 2**20
"""A tenth of a second. What is larger and was closed in order is looked through while its server runs."""

_FARTHEST = 2**40
_FILES = ("", "-wal", "-shm")

_STATE_AFTER = {Done: JobState.DONE, Failed: JobState.FAILED, JobCancelled: JobState.CANCELLED}

_log = logging.getLogger(__name__)

_Row = dict[str, Any]


def copy_journal(journal: Path, target: Path) -> int:
    """Copy the journal, which may be in use, to `target` as it is at one moment; how many jobs are in it.

    Raises InvalidInput where `target` exists, NotFound where there is no journal, Unavailable where it cannot be read or is
    damaged.
    """
    if not journal.is_file():
        raise NotFound("journal", str(journal), hint="no server ever used this data folder", field="data_dir")
    if target.exists():
        raise InvalidInput("target", target, "it exists already; name a new file")
    partial = target.with_name(target.name + ".part")
    try:
        partial.unlink(missing_ok=True)
        os.close(os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))  # prompts are nobody else's business
        with _open(journal) as source, contextlib.closing(sqlite3.connect(partial)) as copy:
            source.backup(copy)
            copy.execute("PRAGMA journal_mode = DELETE")  # one file
            if not _is_whole(copy):
                raise Unavailable(f"the journal {journal} is damaged; the next start of its server repairs what it can")
            (jobs,) = copy.execute("SELECT count(*) FROM jobs").fetchone()
        os.replace(partial, target)
    except (sqlite3.Error, OSError) as error:
        raise Unavailable(f"the journal {journal} cannot be copied to {target} ({error})") from error
    finally:
        partial.unlink(missing_ok=True)
    return jobs


def has_to_be_read(journal: Path) -> bool:
    """Whether a journal is looked through before it is used: a small one always, a large one unless it was closed in order."""
    return mark_of(journal).exists() or (journal.is_file() and journal.stat().st_size <= READ_AT_ONCE_BYTES)


def mark_of(journal: Path) -> Path:
    """A file that is there while a server has the journal, and after it if that was killed or found it damaged."""
    return journal.with_suffix(".open")


def mend(journal: Path) -> None:
    """Where the journal is damaged, put in its place what can be read of it; the damaged files stay beside it, named in the log.

    Raises Unavailable where no job can be read: then nothing is changed, and a person has to decide.
    """
    if not journal.is_file() or is_sound(journal):
        return
    kept = journal.with_name(f"journal-damaged-{time.strftime('%Y%m%d-%H%M%S')}.sqlite")
    for suffix in _FILES:
        with contextlib.suppress(FileNotFoundError):
            shutil.copy2(f"{journal}{suffix}", f"{kept}{suffix}")
    mended = journal.with_name(f"{journal.name}.mended")
    mended.unlink(missing_ok=True)
    found = _salvage(kept, mended)
    if found.jobs == 0:
        for path in (mended, *(Path(f"{kept}{suffix}") for suffix in _FILES)):
            path.unlink(missing_ok=True)
        raise Unavailable(
            f"the journal {journal} is damaged and no job can be read from it; put a backup in its place, or move it and its "
            "-wal and -shm files away to begin with none. The results stay in blobs/",
            field="data_dir",
        )
    for suffix in _FILES[1:]:  # before the new file is there: a log of the old one would be played into it
        Path(f"{journal}{suffix}").unlink(missing_ok=True)
    os.replace(mended, journal)
    _log.error(
        "the journal was damaged. %d jobs could be read, and go on; %d of them had ended, and are painted again because of what "
        "was lost. Other jobs may be lost. The damaged journal is kept as %s",
        found.jobs,
        found.repeated,
        kept,
    )


class _Salvaged(NamedTuple):
    jobs: int
    repeated: int
    """Jobs that had ended, and of which a result or the end was lost."""


def is_sound(journal: Path) -> bool:
    """Whether all of it can be read; True where something else hinders. Takes a second for a gigabyte."""
    try:
        with _open(journal) as connection:
            return _is_whole(connection)
    except sqlite3.Error as error:  # whoever opens it next says what else hinders
        return (getattr(error, "sqlite_errorcode", 0) & 0xFF) not in _DAMAGED


def _is_whole(connection: sqlite3.Connection) -> bool:
    return [tuple(row) for row in connection.execute("PRAGMA quick_check(1)")] == [("ok",)]


@contextlib.contextmanager
def _open(journal: Path) -> Generator[sqlite3.Connection]:
    with contextlib.closing(sqlite3.connect(f"{journal.absolute().as_uri()}?mode=rw", uri=True)) as connection:
        connection.row_factory = sqlite3.Row
        yield connection


def _salvage(damaged: Path, mended: Path) -> _Salvaged:
    """What can be read of `damaged`, as a journal at `mended`, on the disk."""
    with contextlib.closing(connect(mended)) as new:
        try:
            with _open(damaged) as old:
                new.execute("BEGIN")
                jobs = _Salvage(old, new)
                jobs.copy()
                new.execute("COMMIT")
        except sqlite3.Error:  # not even its tables can be listed
            return _Salvaged(0, 0)
        new.execute("PRAGMA journal_mode = DELETE")
        return _Salvaged(len(jobs.recipes), jobs.repeated)


class _Salvage:
    """One journal's way into another, row by row; what does not make sense any more is left out."""

    def __init__(self, old: sqlite3.Connection, new: sqlite3.Connection) -> None:
        self._old = old
        self._new = new
        self._profiles = Profiles(new)
        self.recipes: dict[int, Recipe] = {}
        self.repeated = 0

    def copy(self) -> None:
        self._each("profiles", self._profile)
        self._each("jobs", self._job)
        events: dict[int, list[tuple[int, Happening]]] = {number: [] for number in self.recipes}
        self._each("events", lambda row: self._event(row, events))
        fetched = {(row["number"], row["sha256"]) for row in _rows(self._old, "results") if row["fetched"]}
        thumbnails = {(row["number"], row["variation"]): row["thumbnail"] for row in _rows(self._old, "history")}
        for number, recipe in self.recipes.items():
            for sha256 in set(recipe.blobs):
                self._insert("inputs", {"number": number, "sha256": sha256})
            self._settle(number, sorted(events[number], key=lambda event: event[0]))
            results = [happening.variation for _, happening in events[number] if isinstance(happening, VariationDone)]
            for variation in results:
                thumbnail = thumbnails.get((number, variation.index)) or b""
                history.note(self._new, number, recipe.canonical(), variation, thumbnail)
            for sha256 in {sha256 for variation in results for sha256 in variation.result.blobs}:
                is_fetched = (number, sha256) in fetched or sha256 in recipe.blobs
                self._insert("results", {"number": number, "sha256": sha256, "fetched": is_fetched})
        for table in ("ratings", "timings", "reviews"):
            self._each(table, lambda row, table=table: self._beside(table, row))
        self._each("review_events", self._review_event)
        for table in ("review_links", "review_jobs"):
            self._each(table, lambda row, table=table: self._beside(table, row))
        for table in ("grants", "audit"):
            self._each(table, lambda row, table=table: self._insert(table, row))

    def _each(self, table: str, take: Callable[[_Row], None]) -> None:
        for row in _rows(self._old, table):
            with contextlib.suppress(sqlite3.Error, InvalidInput, KeyError, ValueError, TypeError, AttributeError):
                take(row)

    def _profile(self, row: _Row) -> None:
        if hashlib.sha256(row["icc"]).hexdigest() == row["sha256"]:
            self._insert("profiles", row)

    def _job(self, row: _Row) -> None:
        JobState(row["state"])
        kept = self._profiles.put_away(row["recipe"])
        recipe = Recipe.parse(kept, self._profiles.read)
        if recipe.sha256 != row["recipe_sha256"]:
            raise ValueError("the recipe is another")
        self._insert("jobs", row | {"recipe": kept})
        self._profiles.note_uses(row["number"], kept)
        self.recipes[row["number"]] = recipe

    def _event(self, row: _Row, events: dict[int, list[tuple[int, Happening]]]) -> None:
        told = events[row["number"]]
        happening = decode(Encoded(row["kind"], row["facts"], row["picture"]), self._profiles.read)
        kept = self._profiles.put_away(row["facts"])
        self._insert("events", row | {"facts": kept})
        self._profiles.note_uses(row["number"], kept)
        told.append((row["seq"], happening))

    def _review_event(self, row: _Row) -> None:
        reviews.decoded(row["facts"])
        self._insert("review_events", row)

    def _beside(self, table: str, row: _Row) -> None:
        if row.get("number", -1) == -1 or row["number"] in self.recipes:
            self._insert(table, row)

    def _settle(self, number: int, events: Sequence[tuple[int, Happening]]) -> None:
        """The job's row as its events tell it; what ended, but not with all its results here, is painted again."""
        (state, last_seq) = self._new.execute("SELECT state, last_seq FROM jobs WHERE number = ?", (number,)).fetchone()
        last_seq = max([last_seq, *(seq for seq, _ in events)])
        done = {happening.variation.index for _, happening in events if isinstance(happening, VariationDone)}
        ends = [happening for _, happening in events if isinstance(happening, LAST)]
        match JobState(state):
            case JobState.DONE if not ends or len(done) < self.recipes[number].sampling.count:
                self._new.execute("DELETE FROM events WHERE number = ? AND kind = 'done'", (number,))
                state, self.repeated = JobState.QUEUED, self.repeated + 1
            case JobState.FAILED if not ends:
                last_seq += 1
                self._end(number, last_seq, Failed("DATA_LOSS", "why it failed was lost with a damaged journal"))
            case JobState.CANCELLED if not ends:
                last_seq += 1
                self._end(number, last_seq, JobCancelled())
            case JobState.QUEUED | JobState.RUNNING if ends:
                state = _STATE_AFTER[type(ends[-1])]
            case _:
                pass
        self._new.execute(
            "UPDATE jobs SET state = ?, last_seq = ?, variations_done = ? WHERE number = ?",
            (state, last_seq, len(done), number),
        )

    def _end(self, number: int, seq: int, happening: Happening) -> None:
        facts = {"number": number, "seq": seq, "time_unix_ms": time.time_ns() // 1_000_000}
        self._insert("events", facts | encode(happening)._asdict())

    def _insert(self, table: str, row: _Row) -> None:
        columns = [column for column in row if column != "rowid"]
        self._new.execute(
            f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({', '.join('?' * len(columns))})",
            [row[column] for column in columns],
        )


def _rows(connection: sqlite3.Connection, table: str) -> Iterator[_Row]:
    """The rows of a table that can be read, from both sides of every damage."""
    after = 0
    while True:
        try:
            for row in connection.execute(
                f"SELECT rowid AS rowid, * FROM {table} WHERE rowid > ? ORDER BY rowid", (after,)
            ):
                after = row["rowid"]
                yield dict(row)
            return
        except sqlite3.Error:
            beyond = _beyond(connection, table, after)
            if beyond is None:
                return
            yield from _back_to(connection, table, after, beyond)
            after = beyond


def _beyond(connection: sqlite3.Connection, table: str, after: int) -> int | None:
    """A row id behind a damage that begins behind `after`; None where nothing more can be read."""
    step = 1
    while step < _FARTHEST:
        with contextlib.suppress(sqlite3.Error):
            found = connection.execute(
                f"SELECT rowid AS rowid, * FROM {table} WHERE rowid > ? ORDER BY rowid LIMIT 1", (after + step,)
            ).fetchone()
            return found["rowid"] if found else None
        step *= 2
    return None


def _back_to(connection: sqlite3.Connection, table: str, after: int, beyond: int) -> Iterator[_Row]:
    """The rows from `beyond` back towards `after`, as far as they can be read."""
    with contextlib.suppress(sqlite3.Error):
        for row in connection.execute(
            f"SELECT rowid AS rowid, * FROM {table} WHERE rowid > ? AND rowid <= ? ORDER BY rowid DESC", (after, beyond)
        ):
            yield dict(row)
