"""What was made, as a history looks through it. Functions on the journal's connection; the caller holds the transaction."""

import json
import re
import sqlite3
from collections.abc import Collection, Sequence
from typing import NamedTuple

from inlay.errors import InvalidInput
from inlay.job import HistoryEntry, Rating
from inlay.variation import Variation

MAX_LISTED = 100

PAGE_BYTES = 3 * 2**20
"""Thumbnails of one page: gRPC's clients take messages of 4 MiB unless they are told otherwise."""

KEEP_THUMBNAILS = 2_000
"""The newest: they are some 50 kB each, and the whole journal is read and checked when a server starts."""

_ENTRIES = """
SELECT history.*, jobs.job_id, jobs.recipe, jobs.submitted_unix_ms, ratings.rating,
    (SELECT avg(seconds) FROM history AS of_job WHERE of_job.number = history.number) AS mean_s
FROM history JOIN jobs USING (number) LEFT JOIN ratings USING (number, variation)
"""

_CURSOR = re.compile(r"(\d{1,18})\.(\d{1,9})")


class Sought(NamedTuple):
    """One word of a search, and the verbs whose titles have it."""

    word: str
    verbs: Collection[str] = ()


class Page(NamedTuple):
    """A part of a history, newest first."""

    entries: Sequence[HistoryEntry]
    next: str
    """The cursor for what follows; empty where nothing does."""


def note(connection: sqlite3.Connection, number: int, recipe: str, variation: Variation, thumbnail: bytes) -> None:
    """Write down that a variation of the job `number` is finished. recipe: as the job has it."""
    verb, words = _said(recipe)
    model = str(variation.receipt.get("engine", ""))
    searched = " ".join((words.get("prompt", ""), words.get("target_color", ""), model)).casefold()
    connection.execute(
        "INSERT INTO history (number, variation, verb, words, model, seed, seconds, thumbnail) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        (number, variation.index, verb, searched, model, variation.seed, variation.seconds, thumbnail or None),
    )


def page(
    connection: sqlite3.Connection,
    label: str,
    sought: Sequence[Sought],
    cursor: str,
    limit: int,
    whose: tuple[str, Sequence[str]] = ("TRUE", ()),
) -> Page:
    """What was made for `label` (empty: for all) before `cursor`, with each of the words. whose: a condition on the jobs, and its
    values.

    Raises InvalidInput unless `limit` is 1 .. 100 and `cursor` one of ours.
    """
    if not 1 <= limit <= MAX_LISTED:
        raise InvalidInput("limit", limit, f"it must be 1 .. {MAX_LISTED}")
    asked: list[tuple[str, Sequence[object]]] = [whose, *((_matches(one), (one.word, *one.verbs)) for one in sought)]
    if label:
        asked.append(("label = ?", (label,)))
    if cursor:
        asked.append(("(jobs.number, history.variation) < (?, ?)", _place(cursor)))
    where = f"WHERE {' AND '.join(condition for condition, _ in asked)} "
    rows = connection.execute(
        f"{_ENTRIES}{where}ORDER BY jobs.number DESC, history.variation DESC LIMIT ?",
        (*(value for _, values in asked for value in values), limit + 1),
    )
    entries: list[HistoryEntry] = []
    last, weight = "", 0
    for row in rows:
        weight += len(row["thumbnail"] or b"")
        if len(entries) == limit or (entries and weight > PAGE_BYTES):
            return Page(entries, last)
        entries.append(_entry(row))
        last = f"{row['number']}.{row['variation']}"
    return Page(entries, "")


def forget_thumbnails(connection: sqlite3.Connection) -> None:
    """Keep the newest ones."""
    connection.execute(
        "UPDATE history SET thumbnail = NULL WHERE thumbnail IS NOT NULL AND rowid NOT IN "
        "(SELECT rowid FROM history ORDER BY number DESC, variation DESC LIMIT ?)",
        (KEEP_THUMBNAILS,),
    )


def _matches(sought: Sought) -> str:
    verbs = f" OR history.verb IN ({', '.join('?' * len(sought.verbs))})" if sought.verbs else ""
    return f"(instr(history.words, ?){verbs})"


def _place(cursor: str) -> tuple[int, int]:
    if not (found := _CURSOR.fullmatch(cursor)):
        raise InvalidInput("cursor", repr(cursor), "it must be `next` of an answer to ListHistory, or empty")
    return int(found[1]), int(found[2])


def _entry(row: sqlite3.Row) -> HistoryEntry:
    _, words = _said(row["recipe"])
    return HistoryEntry(
        job_id=row["job_id"],
        variation=row["variation"],
        verb=row["verb"],
        prompt=words.get("prompt", ""),
        target_color=words.get("target_color", ""),
        seed=row["seed"],
        seconds=row["mean_s"],
        submitted_unix_ms=row["submitted_unix_ms"],
        model=row["model"],
        thumbnail=row["thumbnail"] or b"",
        rating=Rating(row["rating"]) if row["rating"] else None,
    )


def _said(recipe: str) -> tuple[str, dict[str, str]]:
    """The verb and the words of a recipe as the journal has it; the rest of it is not read."""
    plain = json.loads(recipe)
    return plain["verb"], plain["words"]
