"""The line of waiting jobs: whose turn it is, who stands where, and how long it will take."""

import asyncio
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from itertools import count
from typing import NamedTuple, Protocol

from inlay.capabilities import REMOTE
from inlay.edit.plan import working_of
from inlay.edit.resolve import kind_of
from inlay.engines.registry import Registry
from inlay.errors import NotFound, Unsupported
from inlay.events import Queued
from inlay.job import Lane
from inlay.jobs.workers.base import Worker
from inlay.recipe import Recipe, Tier

DRIFT = 0.25
"""A wait that turned out so much longer or shorter is told anew."""
DRIFT_S = 2.0
"""Less than that is not worth a word."""

EXACT_POSITIONS = 10
"""Further back a job hears only about every tenth position: a long line must not fill the journal."""


class Load(NamedTuple):
    """What a job costs, before it is multiplied with a measured pace."""

    engine: str
    verb: str
    tier: Tier
    devices: tuple[str, ...]
    """Those that may paint it."""
    megapixels: float
    """Working pixels of all variations, in millions."""


Pace = Callable[[Load, str], float | None]
"""Seconds per million working pixels of what is like a load, on a device; an empty one: on the fastest of those that may paint
it. None while nothing was measured."""

PATIENCE = {Lane.LIVE: 2, Lane.DRAFT: 4, Lane.FINAL: 8, Lane.BATCH: 16}
"""So many jobs that came later are taken before one; then it is its turn, however urgent or convenient others are."""


class Seat(Protocol):
    """What the line looks at in a worker."""

    @property
    def device(self) -> str: ...

    @property
    def lanes(self) -> frozenset[Lane]:
        """Those that it takes jobs of."""
        ...

    @property
    def held(self) -> Collection[str]:
        """The models that it need not load."""
        ...


@dataclass
class Entry:
    """A job that waits or runs."""

    job_id: str
    recipe: Recipe
    load: Load | None
    lane: Lane
    number: int = 0
    """Rises from job to job as they are accepted."""
    hints: bool = True
    """Whether something may be said beside its results of how tries at their region go."""
    passed: int = 0
    """So many that came later were taken before it, by workers that could have taken it."""
    position: int | None = None
    """The last one that was announced."""
    told_end_s: float | None = None
    """When it was last said to be done, on the loop's clock; None where nobody knew."""
    began_s: float | None = None
    """When a worker took it, on the loop's clock."""
    counted_end_s: float | None = None
    """When it will be done by the worker's own count of its steps."""
    worker: Worker | None = None
    cancelled: bool = False
    overdue: asyncio.TimerHandle | None = None
    """Kills the worker if it does not let go of a cancelled job."""

    @property
    def waited_enough(self) -> bool:
        return self.passed >= PATIENCE[self.lane]

    @property
    def turn(self) -> tuple[bool, int, int]:
        """Who has the least is next: whoever waited enough, then by lane, then as they came."""
        return (not self.waited_enough, 0 if self.waited_enough else _RANK[self.lane], self.number)

    def fits(self, seat: Seat) -> bool:
        """Whether a worker may take it."""
        return self.lane in seat.lanes and (self.load is None or seat.device in self.load.devices)

    @property
    def is_away(self) -> bool:
        """Whether only other servers paint it: it waits for none of the jobs of this machine, and none of them for it."""
        return self.load is not None and bool(self.load.devices) and all(map(is_away, self.load.devices))

    def is_held_by(self, seat: Seat) -> bool:
        """Whether a worker has its model loaded."""
        return self.load is not None and self.load.engine in seat.held


class Ahead(NamedTuple):
    """What is before the first waiting job. seconds: of work left in running jobs, None where unknown. workers: who do it."""

    seconds: float | None
    workers: int


def is_away(device: str) -> bool:
    """Whether what is painted there is painted by another server."""
    return device.partition(":")[0] == REMOTE


_RANK = {lane: rank for rank, lane in enumerate(Lane)}


class Line:
    """Jobs that wait, and whose turn it is: the more urgent lane first, within one in the order in which they were accepted, but
    what a worker has loaded before what it has not; and nobody is passed over more often than `PATIENCE` has it.
    """

    def __init__(self, load_of: Callable[[Recipe], Load | None]) -> None:
        """load_of: what a recipe costs."""
        self._load_of = load_of
        self._entries: list[Entry] = []
        self._numbers = count()

    def __len__(self) -> int:
        return len(self._entries)

    def __contains__(self, job_id: str) -> bool:
        return any(entry.job_id == job_id for entry in self._entries)

    def join(self, job_id: str, recipe: Recipe, lane: Lane, hints: bool = True) -> None:
        self._entries.append(Entry(job_id, recipe, self._load_of(recipe), lane, next(self._numbers), hints))

    def next(self, seat: Seat, idle: Collection[Seat] = ()) -> Entry | None:
        """Take out of the line what a worker does next; None where there is nothing for it.

        idle: workers that ask as well. What one of them has loaded is left to it, unless it waited enough.
        """
        fitting = [entry for entry in self._entries if entry.fits(seat)]
        open_to = [entry for entry in fitting if entry.waited_enough or not _is_for_another(entry, seat, idle)]
        if not open_to:
            return None
        taken = min(open_to, key=lambda entry: entry.turn)
        if not taken.waited_enough:
            alike = [entry for entry in open_to if entry.lane == taken.lane and not entry.waited_enough]
            taken = min(alike, key=lambda entry: (not entry.is_held_by(seat), entry.number))
        for entry in fitting:
            entry.passed += entry.number < taken.number
        self._entries.remove(taken)
        return taken

    def put_back(self, entry: Entry) -> None:
        """It was its turn, and still is: it could not begin."""
        self._entries.append(
            Entry(
                entry.job_id,
                entry.recipe,
                entry.load,
                entry.lane,
                entry.number,
                passed=PATIENCE[entry.lane],
                position=entry.position,
            )
        )

    def reload(self) -> None:
        """There are other devices than before."""
        for entry in self._entries:
            entry.load = self._load_of(entry.recipe)

    def leave(self, job_id: str) -> None:
        self._entries = [entry for entry in self._entries if entry.job_id != job_id]

    def news(self, here: Ahead, away: Ahead, now_s: float, pace: Pace) -> Sequence[tuple[str, Queued]]:
        """Who stands elsewhere than last announced, or will be done at another time, and when. `announced` remembers that
        they were told.

        here: before the jobs of this machine. away: before those of other servers. now_s: on the loop's clock.
        """
        news: list[tuple[str, Queued]] = []
        paces: dict[Load, float | None] = {}
        workers = {False: here.workers, True: away.workers}
        ahead_s = {False: here.seconds, True: away.seconds}
        places = {False: count(), True: count()}
        for entry in self._in_order():
            position, before_s = next(places[entry.is_away]), ahead_s[entry.is_away]
            own_s = None
            if entry.load:
                alike = entry.load._replace(megapixels=0.0)
                if alike not in paces:
                    paces[alike] = pace(alike, "")
                own_s = _times(entry.load, paces[alike])
            told = position < EXACT_POSITIONS or position % EXACT_POSITIONS == 0 or entry.position is None
            eta_s = None if before_s is None or own_s is None else before_s / max(1, workers[entry.is_away]) + own_s
            if told and (position != entry.position or _drifted(entry, eta_s, now_s)):
                news.append((entry.job_id, Queued(position, eta_s)))
            ahead_s[entry.is_away] = None if before_s is None or own_s is None else before_s + own_s
        return news

    def announced(self, news: Sequence[tuple[str, Queued]], now_s: float) -> None:
        """They know where they stand, and for how long. now_s: on the loop's clock."""
        told = dict(news)
        for entry in self._entries:
            if queued := told.get(entry.job_id):
                entry.position = queued.position
                entry.told_end_s = None if queued.eta_s is None else now_s + queued.eta_s

    def position(self, job_id: str) -> int:
        """How many stand before a job; 0 for one that does not wait."""
        order = self._in_order()
        found = next((entry for entry in order if entry.job_id == job_id), None)
        return (
            [entry.job_id for entry in order if found and entry.is_away == found.is_away].index(job_id) if found else 0
        )

    def _in_order(self) -> Sequence[Entry]:
        return sorted(self._entries, key=lambda entry: entry.turn)


def _is_for_another(entry: Entry, seat: Seat, idle: Collection[Seat]) -> bool:
    """Whether another worker that has nothing to do need not load what it wants, and this one must."""
    return not entry.is_held_by(seat) and any(entry.fits(other) and entry.is_held_by(other) for other in idle)


def load_of(registry: Registry, devices: Sequence[str], recipe: Recipe) -> Load | None:
    """What `recipe` costs, and where; None where nothing here can paint it. devices: that there are."""
    try:
        engine = registry.painter_of(recipe)
    except (NotFound, Unsupported):
        return None
    resolved, able = recipe.sampling.resolved, engine.among(devices)
    working = resolved.working if resolved and resolved.working else working_of(recipe, engine)
    if resolved and resolved.device:
        able = tuple(device for device in able if kind_of(device) == resolved.device)
    megapixels = working.area * recipe.sampling.count / 1e6
    return Load(engine.name, recipe.verb, recipe.sampling.tier, able, megapixels)


def remaining_s(running: Sequence[Entry], now_s: float, pace: Pace) -> float | None:
    """Seconds of work left in running jobs; None where unknown."""
    each = [_left_s(entry, now_s, pace) for entry in running]
    known = [left_s for left_s in each if left_s is not None]
    return sum(known) if len(known) == len(each) else None


def _left_s(entry: Entry, now_s: float, pace: Pace) -> float | None:
    """As long as former jobs took; from a job that takes longer, what it counts itself."""
    device = entry.worker.device if entry.worker else ""
    whole_s = _times(entry.load, pace(entry.load, device)) if entry.load else None
    if whole_s is not None and entry.began_s is not None and now_s < entry.began_s + whole_s:
        return entry.began_s + whole_s - now_s
    if entry.counted_end_s is not None and now_s < entry.counted_end_s:
        return entry.counted_end_s - now_s
    return None


def _drifted(entry: Entry, eta_s: float | None, now_s: float) -> bool:
    """Whether a job will be done at quite another time than it was told."""
    if eta_s is None or entry.told_end_s is None:
        return (eta_s is None) != (entry.told_end_s is None)
    return abs(now_s + eta_s - entry.told_end_s) > max(DRIFT_S, DRIFT * eta_s)


def _times(load: Load, pace: float | None) -> float | None:
    return None if pace is None else load.megapixels * pace
