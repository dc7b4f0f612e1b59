"""When waiting jobs will be done: the line itself, played on to its end with measured times."""

import heapq
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass

from inlay.job import Lane
from inlay.jobs.entry import Entry, Load, Pace, Seat
from inlay.jobs.line import Line

MOST = 400
"""So many starts are played; jobs further back are taken to follow one another."""


@dataclass(eq=False)
class _Shadow:
    """Stands for a worker."""

    device: str
    lanes: frozenset[Lane]
    held: Collection[str]


def remaining_s(entry: Entry, device: str, began_s: float, now_s: float, pace: Pace) -> float | None:
    """Seconds of work left in a job that `device` began; None where unknown.

    As long as former jobs took; from a job that takes longer, what it counts itself.
    """
    if entry.cancelled:
        return 0.0
    whole_s = _seconds(entry, pace, device)
    if whole_s is not None and now_s < began_s + whole_s:
        return began_s + whole_s - now_s
    if entry.counted_end_s is not None and now_s < entry.counted_end_s:
        return entry.counted_end_s - now_s
    return None


Ends = Mapping[str, float | None]
"""Seconds until each waiting job is done; None where nobody knows, for nothing was measured of it or of what is before it."""


def foreseen(line: Line, seats: Sequence[Seat], now_s: float, pace: Pace) -> Ends:
    """Play the line on to its end, at once."""
    return next(ends for ends in foreseeing(line, seats, now_s, pace) if ends is not None)


def foreseeing(line: Line, seats: Sequence[Seat], now_s: float, pace: Pace) -> Iterator[Ends | None]:
    """The same in small steps: None after each, the ends last, in seconds from `now_s`. The line is played on as it stands at the
    first.
    """
    shadows = {id(seat): _Shadow(seat.device, seat.lanes, tuple(seat.held)) for seat in seats}
    yield from _Play(line.copy(shadows), [*shadows.values()], now_s, _remembering(pace)).ends()


class _Play:
    """The line, and a clock that runs ahead."""

    def __init__(self, line: Line, seats: Sequence[_Shadow], now_s: float, pace: Pace) -> None:
        self._line = line
        self._seats = seats
        self._start_s = self._now_s = now_s
        self._pace = pace
        self._busy: list[tuple[float, int, Entry, _Shadow]] = []
        self._ends: dict[str, float | None] = {}
        at_work = {id(turn.seat): turn for turn in line.begun}
        self._idle = [seat for seat in seats if id(seat) not in at_work]
        for turn in at_work.values():
            left_s = remaining_s(turn.entry, turn.seat.device, turn.began_s, now_s, pace)
            seat = next((seat for seat in seats if seat is turn.seat), None)
            if left_s is not None and seat is not None:
                heapq.heappush(self._busy, (now_s + left_s, turn.entry.number, turn.entry, seat))

    def ends(self) -> Iterator[Ends | None]:
        while len(self._line) and len(self._ends) < MOST and self._goes_on():
            yield None
        for entry, end_s in self._behind():
            self._ends[entry.job_id] = end_s
        yield {job_id: None if end_s is None else end_s - self._start_s for job_id, end_s in self._ends.items()}

    def _goes_on(self) -> bool:
        """Give the idle seats what there is, then let time pass to when something changes; whether anything will."""
        for seat in [*self._idle]:
            if entry := self._line.next(seat, self._seats, self._now_s):
                self._idle.remove(seat)
                self._begin(entry, seat)
        wakes_s = self._line.wakes_s(self._now_s) if self._idle else None
        free_s = self._busy[0][0] if self._busy else None
        moment_s = min((one for one in (wakes_s, free_s) if one is not None), default=None)
        if moment_s is None:
            return False
        self._now_s = max(self._now_s, moment_s)
        while self._busy and self._busy[0][0] <= self._now_s:
            _, _, entry, seat = heapq.heappop(self._busy)
            self._line.done(entry, None, self._now_s)
            self._idle.append(seat)
        return True

    def _begin(self, entry: Entry, seat: _Shadow) -> None:
        seconds = _seconds(entry, self._pace, seat.device)
        self._ends[entry.job_id] = None if seconds is None else self._now_s + seconds
        if seconds is not None:
            heapq.heappush(self._busy, (self._now_s + seconds, entry.number, entry, seat))
        if entry.load and entry.load.engine not in seat.held:
            seat.held = (entry.load.engine,)

    def _behind(self) -> Iterator[tuple[Entry, float | None]]:
        """Those that were not reached: each follows the one before it, on as many seats as take it. Unknown where nothing that is
        before them has a known end.
        """
        known = len(self._ends) >= MOST
        ahead: dict[bool, float] = {}
        for entry in self._line.in_order():
            seconds = _seconds(entry, self._pace, "") if known else None
            seats = sum(entry.fits(seat) for seat in self._seats)
            if seconds is None or not seats:
                yield entry, None
                continue
            before_s = ahead.get(entry.is_away, self._now_s)
            ahead[entry.is_away] = before_s + seconds / seats
            yield entry, before_s + seconds


def _remembering(pace: Pace) -> Pace:
    """`pace`, asked once for each kind of work."""
    known: dict[tuple[Load, str], float | None] = {}

    def remembered(load: Load, device: str) -> float | None:
        key = load._replace(megapixels=0.0), device
        if key not in known:
            known[key] = pace(*key)
        return known[key]

    return remembered


def _seconds(entry: Entry, pace: Pace, device: str) -> float | None:
    """What a job takes on a device, by what was measured."""
    found = pace(entry.load, device) if entry.load else None
    return None if entry.load is None or found is None else entry.load.megapixels * found
