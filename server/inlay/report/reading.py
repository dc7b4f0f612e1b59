"""A journal's jobs as a report needs them, read while its server runs, or from a backup; nothing is ever written."""

import contextlib
import json
import sqlite3
from collections import defaultdict
from collections.abc import Generator
from pathlib import Path
from typing import Any

from inlay.errors import NotFound, Unavailable, Unsupported
from inlay.job import JobState, Lane, Rating
from inlay.jobs.reviews import ReviewBook
from inlay.jobs.schema import VERSION, climb, version_of
from inlay.recipe import DRAFT
from inlay.region import Rect, Size
from inlay.report.decisions import first_approvals
from inlay.report.work import Judged, Price, Work

_BEGINS, _WAITS, _ENDS = "loading", "queued", ("done", "failed", "cancelled")


def read(path: Path) -> tuple[Work, ...]:
    """All jobs of the journal at `path`, as they are at one moment, in the order in which they were accepted.

    Raises NotFound where there is none, Unsupported for one of a newer Inlay or of another program, Unavailable for one that
    cannot be read.
    """
    if not path.is_file():
        raise NotFound("journal", str(path), hint="no server ever used this data folder", field="data_dir")
    try:
        with _opened(path) as connection:
            return _works(connection)
    except sqlite3.Error as error:
        raise Unavailable(f"the journal {path} cannot be read ({error})", field="data_dir") from error


@contextlib.contextmanager
def _opened(path: Path) -> Generator[sqlite3.Connection]:
    """A connection that sees one moment; to a copy in memory where the journal is older than its tables are today."""
    with contextlib.closing(_connect(path)) as connection:
        found = version_of(connection, path)
        if found == 0:
            raise Unsupported(f"{path} is no journal of Inlay")
        if found < VERSION:
            with contextlib.closing(sqlite3.connect(":memory:", isolation_level=None)) as copy:
                connection.backup(copy)
                climb(copy, found)
                copy.row_factory = sqlite3.Row
                yield copy
            return
        connection.row_factory = sqlite3.Row
        connection.execute("BEGIN")
        yield connection


def _connect(path: Path) -> sqlite3.Connection:
    """Read-only."""
    address = path.absolute().as_uri()
    connection = sqlite3.connect(f"{address}?mode=ro", uri=True, isolation_level=None)
    try:
        connection.execute("PRAGMA user_version").fetchone()
    except sqlite3.OperationalError:
        connection.close()
        if Path(f"{path}-wal").exists():
            raise
        # Nobody has it open, and in a folder that must not be written even a reader's lock has no place.
        return sqlite3.connect(f"{address}?immutable=1", uri=True, isolation_level=None)
    return connection


def _works(connection: sqlite3.Connection) -> tuple[Work, ...]:
    held, made = _seconds_held(connection), _made(connection)
    judged, reviewed = _judged(connection), _reviewed(connection)
    rows = connection.execute("SELECT * FROM jobs ORDER BY number")
    return tuple(
        _work(row, held[row["number"]], made[row["number"]], judged[row["number"]], reviewed.get(row["job_id"]))
        for row in rows
    )


def _work(
    row: sqlite3.Row, device_s: float, made: list[sqlite3.Row], judged: list[Judged], reviewed_ms: int | None
) -> Work:
    recipe: dict[str, Any] = json.loads(row["recipe"])
    sampling = recipe["sampling"]
    styled, resolved = recipe.get("styled") or {}, sampling.get("resolved") or {}
    return Work(
        number=row["number"],
        job_id=row["job_id"],
        state=JobState(row["state"]),
        submitted_ms=row["submitted_unix_ms"],
        verb=recipe["verb"],
        region=Rect(*recipe["where"]["region"]),
        canvas=Size(*recipe["canvas"]["document"]),
        source=recipe["canvas"]["source"]["blob"],
        label=row["label"],
        batch=row["batch"],
        lane=Lane(row["lane"]),
        parent=row["parent"],
        finishes_draft=any(one["role"] == DRAFT for one in recipe.get("inputs", ())),
        person=row["person"],
        model=next((one["engine"] for one in made if one["engine"]), "") or resolved.get("model") or sampling["model"],
        style=styled.get("title") or sampling.get("style", ""),
        device=row["device"],
        device_s=device_s,
        variations=len(made),
        prices=tuple(filter(None, (_price(one["price"]) for one in made))),
        judged=tuple(judged),
        reviewed_ms=reviewed_ms,
        prompt=recipe["words"]["prompt"],
    )


def _made(connection: sqlite3.Connection) -> defaultdict[int, list[sqlite3.Row]]:
    """The finished variations by job: who painted it, and for how much."""
    found: defaultdict[int, list[sqlite3.Row]] = defaultdict(list)
    for row in connection.execute(
        "SELECT number, json_extract(facts, '$.variation.receipt.engine') AS engine, "
        "json_extract(facts, '$.variation.receipt.price') AS price "
        "FROM events WHERE kind = 'variation' ORDER BY number, variation"
    ):
        found[row["number"]].append(row)
    return found


def _price(said: str | None) -> Price | None:
    """Of `0.04 USD (2026-11)`."""
    amount, _, rest = (said or "").partition(" ")
    with contextlib.suppress(ValueError):
        return Price(float(amount), rest.partition(" (")[0])
    return None


def _judged(connection: sqlite3.Connection) -> defaultdict[int, list[Judged]]:
    found: defaultdict[int, list[Judged]] = defaultdict(list)
    for row in connection.execute("SELECT * FROM ratings ORDER BY number, variation"):
        found[row["number"]].append(Judged(row["variation"], row["rating"] == Rating.KEPT, row["time_unix_ms"]))
    return found


def _reviewed(connection: sqlite3.Connection) -> dict[str, int]:
    """When each job's drafts were first approved in a review, by its id."""
    book, found = ReviewBook(connection, lambda _: contextlib.nullcontext()), dict[str, int]()
    for (review_id,) in connection.execute("SELECT review_id FROM reviews").fetchall():
        for job_id, time_ms in first_approvals(book.read(review_id)).items():
            found[job_id] = min(time_ms, found.get(job_id, time_ms))
    return found


def _seconds_held(connection: sqlite3.Connection) -> defaultdict[int, float]:
    """How long workers had each job: what they measured; where one never told, or there were several, by the journal's times.

    From one sign of life to the next, then: what passes until the job is taken up again is nobody's work.
    """
    held: defaultdict[int, float] = defaultdict(float)
    told = {
        row["number"]: row["seconds"]
        for row in connection.execute(
            "SELECT number, json_extract(facts, '$.seconds') AS seconds FROM events JOIN jobs USING (number) "
            "WHERE kind = 'done' AND attempts <= 1"
        )
        if row["seconds"]
    }
    held.update(told)
    last: dict[int, tuple[str, int]] = {}
    for number, kind, time_ms in connection.execute(
        "SELECT number, kind, time_unix_ms FROM events WHERE kind <> 'preview' ORDER BY number, seq"
    ):
        if number in told:
            continue
        before = last.pop(number, None)
        if before and not (kind == _WAITS or (kind == _BEGINS and before[0] != _BEGINS)):
            held[number] += max(0, time_ms - before[1]) / 1000
        if kind not in (_WAITS, *_ENDS):
            last[number] = (kind, time_ms)
    return held
