"""What waiting jobs are told: where they stand in their lane, and when they will be done."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from inlay.events import Queued
from inlay.job import Lane
from inlay.jobs.entry import Entry
from inlay.jobs.line import Line

DRIFT = 0.2
"""A wait that turned out so much longer or shorter is told anew."""
DRIFT_S = 1.0
"""Less than that is not worth a word."""

EXACT_POSITIONS = 10
"""Further back a job hears only about every tenth position: a long line must not fill the journal."""

LEAST_S = 1.0
"""So long nobody hears anything again."""


@dataclass(frozen=True)
class _Told:
    position: int
    end_s: float | None
    """When it was said to be done, on the loop's clock; None where nobody knew."""
    at_s: float


class Announcer:
    """What the jobs of `line` were told, and what they are to be told now."""

    def __init__(self, line: Line) -> None:
        self._line = line
        self._told: dict[str, _Told] = {}
        self.is_owed = False
        """Whether somebody was to hear more, had he not just been told something."""

    def news(self, ends: Mapping[str, float | None], now_s: float) -> Sequence[tuple[str, Queued]]:
        """Who stands elsewhere than he was told, or will be done at another time, and when. ends: seconds until each is done."""
        self._told = {job_id: told for job_id, told in self._told.items() if job_id in self._line}
        self.is_owed = False
        news: list[tuple[str, Queued]] = []
        places = Counter[tuple[Lane, bool]]()
        for entry in self._line.in_order():
            place = (entry.lane, entry.is_away)
            queued = Queued(places[place], ends.get(entry.job_id))
            places[place] += 1
            if self._is_news(entry, queued, now_s):
                news.append((entry.job_id, queued))
        return news

    def told(self, news: Sequence[tuple[str, Queued]], now_s: float) -> None:
        """They have heard it."""
        for job_id, queued in news:
            end_s = None if queued.eta_s is None else now_s + queued.eta_s
            self._told[job_id] = _Told(queued.position, end_s, now_s)

    def _is_news(self, entry: Entry, queued: Queued, now_s: float) -> bool:
        told = self._told.get(entry.job_id)
        if told is None:
            return True
        exact = queued.position < EXACT_POSITIONS or queued.position % EXACT_POSITIONS == 0
        if not exact or not (queued.position != told.position or _drifted(told.end_s, queued.eta_s, now_s)):
            return False
        due = now_s - told.at_s >= LEAST_S
        self.is_owed |= not due
        return due


def _drifted(told_end_s: float | None, eta_s: float | None, now_s: float) -> bool:
    """Whether a job will be done at quite another time than it was told."""
    if eta_s is None or told_end_s is None:
        return (eta_s is None) != (told_end_s is None)
    return abs(now_s + eta_s - told_end_s) > max(DRIFT_S, DRIFT * eta_s)
