"""How much one person may have waiting, painted in a day and stored: `limits.toml` in the data folder. Without it:

    waiting = 5000            # jobs of everybody together
    jobs = 200                # of one person
    drafts = 50               # of those, live jobs and drafts
    batches = 20              # plans of one person of which something waits
    cells = 1000              # their jobs, which wait beside the 200; of everybody's `waiting` they have half
    gpu_seconds_soft = 7200   # a person's in 24 hours; what comes after them is batch
    gpu_seconds = 14400       # and after these, what waits included, nothing is taken
    storage_gib = 50          # of what a person's jobs brought and gave, and what those that wait will give

    [people."Anna Müller"]   # as `inlay people list` names her, in any case
    jobs = 1000

0 is no limit. Whoever needs no token, or shows the server's own, is limited by `waiting` alone: a single desk is in nobody's way.
"""

import logging
import random
import tomllib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from inlay.errors import InvalidInput, OverLimit
from inlay.job import Lane, Ticket
from inlay.jobs.entry import Entry
from inlay.jobs.rules import URGENT
from inlay.jobs.usage import DAY_S, Spent
from inlay.person import OWNER, compared
from inlay.plain import from_plain

LIMITS_FILE = "limits.toml"
LEAST_RETRY_S = 1.0
LATE, MOST_LATE_S = 0.2, 60.0
"""By so much more than it takes, and by so many seconds at most, who is refused is told to wait."""

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Limits:
    """Of one person, but for `waiting`."""

    waiting: int = 5_000
    jobs: int = 200
    drafts: int = 50
    batches: int = 20
    cells: int = 1_000
    gpu_seconds_soft: float = 0.0
    gpu_seconds: float = 0.0
    storage_gib: float = 0.0


@dataclass(frozen=True)
class Used:
    """What somebody has used."""

    spent: Sequence[Spent] = ()
    """Of the devices' time in the last 24 hours, the longest ago first."""
    stored_bytes: int = 0

    @property
    def gpu_seconds(self) -> float:
        return sum(one.seconds for one in self.spent)


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
            return Limits(self._everyone.waiting, 0, 0, 0, 0)
        return self._people.get(compared(person), self._everyone)

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
            compared(name): _limits({**table, **_table(own, name)}, f"{LIMITS_FILE}.people.{name}")
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


@dataclass(frozen=True)
class Standing:
    """What somebody waits for, and everybody."""

    own: Sequence[Entry]
    everyone: Sequence[Entry]
    owed_s: float
    """Seconds that the devices of this server will be at somebody's jobs that were taken and have not ended."""
    urgent_owed_s: float
    """Of those, what is not batch."""
    begins_s: Callable[[Sequence[Entry]], float]
    """Seconds until the first of these waits no longer."""
    owed_bytes: Callable[[], int]
    """What the results of somebody's jobs that were taken and have not ended will take."""


def admitted(ticket: Ticket, lane: Lane, limits: Limits, standing: Standing, used: Used) -> Ticket:
    """The ticket of a job that may wait, in lane batch where its person has had much today.

    What a batch asks for counts as one job, which waits in a lane of its own; the devices' time that all of it will take counts
    from when it is taken. lane: where it would wait. Raises OverLimit, which says when it is worth another try, if that is known.
    """
    if limits.gpu_seconds_soft and used.gpu_seconds + standing.urgent_owed_s >= limits.gpu_seconds_soft:
        ticket, lane = replace(ticket, lane=Lane.BATCH), Lane.BATCH
    _check_waiting(ticket, lane, limits, standing)
    if limits.gpu_seconds and (took_s := used.gpu_seconds + standing.owed_s) >= limits.gpu_seconds:
        took = f"your jobs took {used.gpu_seconds:.0f} s in 24 hours, those that wait will take {standing.owed_s:.0f} s"
        why = f"{took}, and {limits.gpu_seconds:g} s may; come back later"
        raise OverLimit("gpu_seconds", why, _spread(_freed_s(used.spent, took_s - limits.gpu_seconds)))
    if limits.storage_gib and used.stored_bytes + (owed_bytes := standing.owed_bytes()) >= limits.storage_gib * 2**30:
        stored = f"{used.stored_bytes / 2**30:.2f} GiB of your jobs' pixels are stored"
        coming = f"those that wait will bring {owed_bytes / 2**30:.2f} GiB"
        why = f"{stored}, {coming}, and {limits.storage_gib:g} GiB may; what is not used for long makes room"
        raise OverLimit("storage_gib", why, None)
    return ticket


def _check_waiting(ticket: Ticket, lane: Lane, limits: Limits, standing: Standing) -> None:
    """Raise OverLimit where too many wait."""
    everyone, own = standing.everyone, standing.own

    def retry_s(waiting: Sequence[Entry]) -> float:
        return _spread(standing.begins_s(waiting))

    if limits.waiting and len(everyone) >= limits.waiting:
        why = f"{len(everyone)} jobs wait, no more are taken; cancel some, or come back later"
        raise OverLimit("waiting", why, retry_s(everyone))
    if lane is Lane.BATCH and ticket.batch:
        everyones, cells = ([entry for entry in entries if entry.is_cell] for entries in (everyone, own))
        batches = {entry.batch for entry in cells}
        if limits.waiting and len(everyones) >= (limits.waiting + 1) // 2:
            why = f"{len(everyones)} jobs of batches wait, no more are taken; cancel some, or come back later"
            raise OverLimit("waiting", why, retry_s(everyones))
        if limits.cells and len(cells) >= limits.cells:
            why = f"{len(cells)} jobs of your batches wait, and no more may; cancel some, or come back later"
            raise OverLimit("cells", why, retry_s(cells))
        if limits.batches and ticket.batch not in batches and len(batches) >= limits.batches:
            why = f"{len(batches)} of your batches wait, and no more may; cancel some, or come back later"
            raise OverLimit("batches", why, retry_s(cells))
        return
    jobs, drafts = [entry for entry in own if not entry.is_cell], [entry for entry in own if entry.lane in URGENT]
    if limits.jobs and len(jobs) >= limits.jobs:
        why = f"{len(jobs)} of your jobs wait, and no more may; cancel some, or come back later"
        raise OverLimit("jobs", why, retry_s(jobs))
    if limits.drafts and lane in URGENT and len(drafts) >= limits.drafts:
        why = f"{len(drafts)} of your drafts wait, and no more may; cancel some, or come back later"
        raise OverLimit("drafts", why, retry_s(drafts))


def _freed_s(spent: Sequence[Spent], excess_s: float) -> float:
    """Seconds until more than `excess_s` of what was spent is a day ago. spent: the longest ago first."""
    for one in spent:
        excess_s -= one.seconds
        if excess_s < 0:
            return DAY_S - one.ago_s
    return DAY_S  # what waits will be painted, and then be a day ago


def _spread(seconds: float) -> float:
    """Later by a little, so that not all come back at once."""
    late_s = random.uniform(0.0, min(MOST_LATE_S, LATE * seconds))
    return round(max(LEAST_RETRY_S, seconds + late_s), 1)
