"""How much one person may have waiting, painted in a day and stored: `limits.toml` in the data folder. Without it:

    waiting = 5000            # jobs of everybody together
    jobs = 200                # of one person
    drafts = 50               # of those, live jobs and drafts
    gpu_seconds_soft = 7200   # a person's in 24 hours; what comes after them is batch
    gpu_seconds = 14400       # and after these nothing is taken
    storage_gib = 50          # of what a person's jobs brought and gave

    [people.anna]
    jobs = 1000

0 is no limit. Whoever needs no token, or shows the server's own, is limited by `waiting` alone: a single desk is in nobody's way.
"""

import logging
import random
import sqlite3
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from inlay.errors import InvalidInput, OverLimit
from inlay.job import Lane, Ticket
from inlay.jobs.entry import Entry
from inlay.jobs.rules import URGENT
from inlay.person import OWNER
from inlay.plain import from_plain

LIMITS_FILE = "limits.toml"
LEAST_RETRY_S, MOST_RETRY_S, JITTER = 1.0, 300.0, 0.2
"""What a caller who is refused is told to wait: spread, so that not all come back at once."""

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Limits:
    """Of one person, but for `waiting`."""

    waiting: int = 5_000
    jobs: int = 200
    drafts: int = 50
    gpu_seconds_soft: float = 0.0
    gpu_seconds: float = 0.0
    storage_gib: float = 0.0


@dataclass(frozen=True)
class Used:
    """What somebody has used."""

    gpu_seconds: float = 0.0
    """In the last 24 hours."""
    stored_bytes: int = 0


class LimitBook:
    """The limits in the file at `path`, which may change at any time."""

    def __init__(self, path: Path) -> None:
        """Raises InvalidInput where the file is there and does not hold limits."""
        self.path = path
        self._read_at: int | None = None
        self._everyone, self._people = Limits(), dict[str, Limits]()
        self._look()

    def of(self, person: str) -> Limits:
        """Somebody's, as the file has them now; one that is broken meanwhile changes nothing."""
        try:
            self._look()
        except InvalidInput as error:
            _log.warning("the limits stay as they were: %s", error.message)
        if person == OWNER.name:
            return Limits(self._everyone.waiting, 0, 0)
        return self._people.get(person, self._everyone)

    def _look(self) -> None:
        try:
            stamp = self.path.stat().st_mtime_ns
        except OSError:
            self._read_at, self._everyone, self._people = None, Limits(), {}
            return
        if stamp == self._read_at:
            return
        self._read_at = stamp
        try:
            table = tomllib.loads(self.path.read_text("utf-8"))
        except (OSError, ValueError) as error:
            raise InvalidInput(LIMITS_FILE, error, "it must be TOML") from None
        people = table.pop("people", {})
        everyone = _limits(table, LIMITS_FILE)
        if not isinstance(people, dict):
            raise InvalidInput(f"{LIMITS_FILE}.people", people, "it must be a table of people")
        self._people = {
            name: _limits({**table, **_table(own, name)}, f"{LIMITS_FILE}.people.{name}")
            for name, own in people.items()
        }
        self._everyone = everyone


def _table(own: Any, name: str) -> dict[str, Any]:
    if not isinstance(own, dict) or "waiting" in own:
        raise InvalidInput(f"{LIMITS_FILE}.people.{name}", own, "it must be a table of limits of one person")
    return own


def _limits(table: Mapping[str, Any], field: str) -> Limits:
    for name in table:
        if name not in Limits.__dataclass_fields__:
            raise InvalidInput(f"{field}.{name}", table[name], "there is no such limit")
    limits: Limits = from_plain(Limits, dict(table), field)
    for name in vars(limits):
        if getattr(limits, name) < 0:
            raise InvalidInput(f"{field}.{name}", getattr(limits, name), "it must be 0, for no limit, or more")
    return limits


def admitted(
    ticket: Ticket,
    lane: Lane,
    limits: Limits,
    own: Sequence[Entry],
    everyone: Sequence[Entry],
    used: Used,
    devices: int,
) -> Ticket:
    """The ticket of a job that may wait, in lane batch where its person has had much today.

    lane: where it would wait. own: what its person waits for. devices: how many paint. Raises OverLimit, which says when to come
    back: once, at the pace of now, what waits will have been painted.
    """
    drafts = [entry for entry in own if entry.lane in URGENT]
    if limits.waiting and len(everyone) >= limits.waiting:
        why = f"{len(everyone)} jobs wait, no more are taken; cancel some, or come back later"
        raise OverLimit("waiting", why, _retry_s(everyone, devices))
    if limits.jobs and len(own) >= limits.jobs:
        why = f"{len(own)} of your jobs wait, and no more may; cancel some, or come back later"
        raise OverLimit("jobs", why, _retry_s(own, devices))
    if limits.drafts and lane in URGENT and len(drafts) >= limits.drafts:
        why = f"{len(drafts)} of your drafts wait, and no more may; cancel some, or come back later"
        raise OverLimit("drafts", why, _retry_s(drafts, devices))
    if limits.gpu_seconds and used.gpu_seconds >= limits.gpu_seconds:
        why = f"your jobs took {used.gpu_seconds:.0f} s in 24 hours, and {limits.gpu_seconds:g} s may; come back later"
        raise OverLimit("gpu_seconds", why, MOST_RETRY_S)
    if limits.storage_gib and used.stored_bytes >= limits.storage_gib * 2**30:
        stored = f"{used.stored_bytes / 2**30:.2f} GiB of your jobs' pixels are stored"
        why = f"{stored}, and {limits.storage_gib:g} GiB may; what is not used for long makes room"
        raise OverLimit("storage_gib", why, MOST_RETRY_S)
    if limits.gpu_seconds_soft and used.gpu_seconds >= limits.gpu_seconds_soft:
        return replace(ticket, lane=Lane.BATCH)
    return ticket


def painted_s(connection: sqlite3.Connection, person: str, since_unix_ms: int) -> float:
    """Seconds that somebody's jobs took which have ended since then."""
    (seconds,) = connection.execute(
        "SELECT coalesce(sum(json_extract(facts, '$.seconds')), 0) FROM jobs JOIN events USING (number) "
        "WHERE person = ? AND kind = 'done' AND ended_unix_ms >= ?",
        (person, since_unix_ms),
    ).fetchone()
    return float(seconds)


def blobs_of(connection: sqlite3.Connection, person: str) -> Sequence[str]:
    """The blobs that somebody's jobs brought and gave."""
    rows = connection.execute(
        "SELECT sha256 FROM inputs JOIN jobs USING (number) WHERE person = :person UNION "
        "SELECT sha256 FROM results JOIN jobs USING (number) WHERE person = :person",
        {"person": person},
    )
    return [row[0] for row in rows]


def _retry_s(ahead: Sequence[Entry], devices: int) -> float:
    seconds = sum(entry.cost_s for entry in ahead) / max(1, devices)
    spread = seconds * random.uniform(1 - JITTER, 1 + JITTER)
    return round(min(MOST_RETRY_S, max(LEAST_RETRY_S, spread)), 1)
