"""What waiting jobs are told: where they stand in their lane, and when they will be done."""

import asyncio
import math
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from inlay.events import Queued
from inlay.job import Lane
from inlay.jobs.chronicle import Chronicle
from inlay.jobs.entry import Entry, Pace, Seat
from inlay.jobs.forecast import Ends, foreseeing
from inlay.jobs.line import Line

DRIFT = 0.2
"""A wait that turned out so much longer or shorter is told anew."""
DRIFT_S = 1.0
"""Less than that is not worth a word."""

EXACT_POSITIONS = 10
"""Further back a job hears only about every tenth position: a long line must not fill the journal."""

LEAST_S = 1.0
"""So long nobody hears anything again."""

SLICE_S = 0.002
"""So long at a time the line's end is foreseen: whoever calls meanwhile waits no longer than that."""

RESTS = 20.0
"""So many times as long it rests then: a twentieth of the event loop's time."""


@dataclass(frozen=True)
class _Told:
    position: int
    end_s: float | None
    """When it was said to be done, on the loop's clock; None where nobody knew."""
    at_s: float


class Announcer:
    """Tells the jobs of `line` what is new for them. Everything here belongs to one event loop.

    seats: all that take jobs of it now. pace: how long their like took.
    """

    def __init__(self, line: Line, seats: Callable[[], Sequence[Seat]], pace: Pace, chronicle: Chronicle) -> None:
        self._line = line
        self._seats = seats
        self._pace = pace
        self._chronicle = chronicle
        self._told: dict[str, _Told] = {}
        self._foreseeing: tuple[float, Iterator[Ends | None]] | None = None
        """Since when, on the loop's clock."""
        self._is_stale = False
        """Whether something has changed since then."""
        self._rests_until_s = -math.inf
        self._later: asyncio.TimerHandle | None = None

    def announce(self) -> None:
        """Have them hear it, now or once it is due; where it cannot be written down, the next time."""
        self._is_stale = True
        self._go_on()

    def _go_on(self) -> None:
        self.stop()
        self._chronicle.try_to(self._write)

    def begins_s(self, entries: Iterable[Entry], now_s: float) -> float | None:
        """Seconds until the first of these jobs waits no longer, by what they were told; None where nobody knows."""
        told = ((self._told.get(entry.job_id), entry.cost_s) for entry in entries)
        begins = [one.end_s - cost_s - now_s for one, cost_s in told if one and one.end_s is not None]
        return max(0.0, min(begins)) if begins else None

    def stop(self) -> None:
        """Tell nobody anything later."""
        if self._later:
            self._later.cancel()
            self._later = None

    def _write(self) -> None:
        self._told = {job_id: told for job_id, told in self._told.items() if job_id in self._line}
        if not len(self._line):
            self._foreseeing = None
            return
        loop = asyncio.get_running_loop()
        now_s = loop.time()
        ends = self._ends(now_s)
        news, owed = self.news(ends or {}, now_s)
        if ends is None:
            news = [(job_id, queued) for job_id, queued in news if job_id not in self._told]
        if ends is None or owed or self._is_stale:
            self._later = loop.call_at(max(self._rests_until_s, now_s + (LEAST_S if owed else 0.0)), self._go_on)
        self._chronicle.append(news)
        self.told(news, now_s)

    def _ends(self, now_s: float) -> Ends | None:
        """Go on foreseeing; None while that rests, and before the line's end is reached."""
        if now_s < self._rests_until_s:
            return None
        if self._foreseeing is None:
            self._foreseeing = now_s, foreseeing(self._line, self._seats(), now_s, self._pace)
            self._is_stale = False
        since_s, steps = self._foreseeing
        began_s = time.perf_counter()
        ends = next((ends for ends in steps if ends is not None or time.perf_counter() - began_s > SLICE_S), None)
        self._rests_until_s = now_s + RESTS * (time.perf_counter() - began_s)
        if ends is None:
            return None
        self._foreseeing = None
        return {
            job_id: None if end_s is None else max(0.0, end_s - (now_s - since_s)) for job_id, end_s in ends.items()
        }

    def news(self, ends: Ends, now_s: float) -> tuple[Sequence[tuple[str, Queued]], bool]:
        """Who stands elsewhere than he was told, or will be done at another time, and when; and whether somebody is to hear more
        than that, but has just been told something. ends: seconds until each is done. now_s: on the loop's clock.
        """
        news: list[tuple[str, Queued]] = []
        owed = False
        places = Counter[tuple[Lane, bool]]()
        for entry in self._line.in_order():
            place = (entry.lane, entry.is_away)
            queued = Queued(places[place], ends.get(entry.job_id))
            places[place] += 1
            told = self._told.get(entry.job_id)
            if told is None or _is_news(told, queued, now_s):
                due = told is None or now_s - told.at_s >= LEAST_S
                owed |= not due
                if due:
                    news.append((entry.job_id, queued))
        return news, owed

    def told(self, news: Sequence[tuple[str, Queued]], now_s: float) -> None:
        """They have heard it."""
        for job_id, queued in news:
            end_s = None if queued.eta_s is None else now_s + queued.eta_s
            self._told[job_id] = _Told(queued.position, end_s, now_s)


def _is_news(told: _Told, queued: Queued, now_s: float) -> bool:
    """Whether a job stands elsewhere, will be done at quite another time than it was told, or whether that is known at all."""
    if (queued.eta_s is None) != (told.end_s is None):
        return True
    if not (queued.position < EXACT_POSITIONS or queued.position % EXACT_POSITIONS == 0):
        return False
    if queued.position != told.position or queued.eta_s is None or told.end_s is None:
        return queued.position != told.position
    return abs(now_s + queued.eta_s - told.end_s) > max(DRIFT_S, DRIFT * queued.eta_s)
