"""The line of waiting jobs: whose turn it is, who stands where, and how long it will take."""

import asyncio
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from inlay.edit.plan import working_of
from inlay.engines.registry import Registry
from inlay.errors import NotFound, Unsupported
from inlay.events import Queued
from inlay.jobs.process import WorkerProcess
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
    megapixels: float
    """Working pixels of all variations, in millions."""


Pace = Callable[[str, str, Tier], float | None]
"""Seconds per million working pixels of an engine, a verb and a tier; None while nothing was measured."""


@dataclass
class Entry:
    """A job that waits or runs."""

    job_id: str
    recipe: Recipe
    load: Load | None
    position: int | None = None
    """The last one that was announced."""
    told_end_s: float | None = None
    """When it was last said to be done, on the loop's clock; None where nobody knew."""
    began_s: float | None = None
    """When a worker took it, on the loop's clock."""
    counted_end_s: float | None = None
    """When it will be done by the worker's own count of its steps."""
    worker: WorkerProcess | None = None
    cancelled: bool = False
    overdue: asyncio.TimerHandle | None = None
    """Kills the worker if it does not let go of a cancelled job."""


class Line:
    """Jobs in the order in which they were accepted."""

    def __init__(self, load_of: Callable[[Recipe], Load | None]) -> None:
        """load_of: what a recipe costs."""
        self._load_of = load_of
        self._entries: deque[Entry] = deque()

    def __len__(self) -> int:
        return len(self._entries)

    def __contains__(self, job_id: str) -> bool:
        return any(entry.job_id == job_id for entry in self._entries)

    def join(self, job_id: str, recipe: Recipe) -> None:
        self._entries.append(Entry(job_id, recipe, self._load_of(recipe)))

    def next(self) -> Entry:
        """Take the first out of the line."""
        return self._entries.popleft()

    def put_back(self, entry: Entry) -> None:
        """To the head: it was its turn, and it could not begin."""
        self._entries.appendleft(Entry(entry.job_id, entry.recipe, entry.load, entry.position))

    def leave(self, job_id: str) -> None:
        self._entries = deque(entry for entry in self._entries if entry.job_id != job_id)

    def news(self, ahead_s: float | None, workers: int, now_s: float, pace: Pace) -> Sequence[tuple[str, Queued]]:
        """Who stands elsewhere than last announced, or will be done at another time, and when. `announced` remembers that
        they were told.

        ahead_s: seconds of work left in running jobs, None where unknown. now_s: on the loop's clock.
        """
        news: list[tuple[str, Queued]] = []
        paces: dict[tuple[str, str, Tier], float | None] = {}
        for position, entry in enumerate(self._entries):
            own_s = None
            if entry.load:
                key = entry.load[:3]
                if key not in paces:
                    paces[key] = pace(*key)
                own_s = _times(entry.load, paces[key])
            told = position < EXACT_POSITIONS or position % EXACT_POSITIONS == 0 or entry.position is None
            eta_s = None if ahead_s is None or own_s is None else ahead_s / workers + own_s
            if told and (position != entry.position or _drifted(entry, eta_s, now_s)):
                news.append((entry.job_id, Queued(position, eta_s)))
            ahead_s = None if ahead_s is None or own_s is None else ahead_s + own_s
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
        return next((place for place, entry in enumerate(self._entries) if entry.job_id == job_id), 0)


def load_of(registry: Registry, recipe: Recipe) -> Load | None:
    """What `recipe` costs; None where nothing here can paint it."""
    try:
        engine = registry.choose(recipe.verb, recipe.sampling.model, bool(recipe.words.prompt))
    except (NotFound, Unsupported):
        return None
    return Load(
        engine.name, recipe.verb, recipe.sampling.tier, working_of(recipe, engine).area * recipe.sampling.count / 1e6
    )


def remaining_s(running: Sequence[Entry], now_s: float, pace: Pace) -> float | None:
    """Seconds of work left in running jobs; None where unknown."""
    each = [_left_s(entry, now_s, pace) for entry in running]
    known = [left_s for left_s in each if left_s is not None]
    return sum(known) if len(known) == len(each) else None


def _left_s(entry: Entry, now_s: float, pace: Pace) -> float | None:
    """As long as former jobs took; from a job that takes longer, what it counts itself."""
    whole_s = _times(entry.load, pace(*entry.load[:3])) if entry.load else None
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
