"""The line of waiting jobs: whose turn it is.

The more urgent lane comes first. Within one it is the turn of whoever had least of the devices' time: start-time fair queueing
(Goyal, Vin, Cheng, SIGCOMM 1996), in which a job costs what its like took before, is corrected by what it took, and time that
somebody slept through is no credit. What a device has loaded is preferred, and waited for, within bounds (`inlay.jobs.rules`).
"""

import heapq
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from copy import copy
from itertools import count, islice

from inlay.edit.resolve import kind_of
from inlay.job import Lane
from inlay.jobs.entry import Entry, Load, Pace, Seat, Turn, is_away, unmeasured
from inlay.jobs.rules import ALONE_S, RULES, URGENT, Rules
from inlay.recipe import Recipe

_STATE = (
    "_by_id",
    "_has_begun",
    "_ordinary",
    "_had",
    "_clock",
    "_overtaken",
    "_seen",
    "_skipped",
    "_expiring",
)


class Line:
    """Jobs that wait, those that were begun, and whose turn it is. Time is the caller's: `now_s` never goes back.

    load_of: what a recipe costs. pace: how long that takes.
    """

    def __init__(self, load_of: Callable[[Recipe], Load | None], pace: Pace = unmeasured, rules: Rules = RULES) -> None:
        self._load_of = load_of
        self._pace = pace
        self._rules = rules
        self._numbers = count()
        self._waiting: dict[Lane, dict[str, dict[int, Entry]]] = {lane: {} for lane in Lane}
        """By lane, person and number, the first come first."""
        self._by_id: dict[str, Entry] = {}
        self._begun: dict[str, Turn] = {}
        self._at_work: dict[int, Turn] = {}
        """By their seats' identity."""
        self._has_begun = Counter[tuple[Lane, str]]()
        """How many of somebody's jobs of a lane were begun and have not ended."""
        self._ordinary = Counter[str]()
        """How many devices of a kind are at jobs that are not urgent."""
        self._had: dict[tuple[Lane, str], float] = {}
        """Seconds of the devices' virtual time that somebody had in a lane."""
        self._clock = dict.fromkeys(Lane, 0.0)
        """What the one had whose turn it was last."""
        self._overtaken = dict.fromkeys(Lane, 0)
        """Starts since a lane's last, while its oldest has waited too long."""
        self._seen: dict[str, float] = {}
        """When somebody last asked for something, or got it; who did last is last."""
        self._skipped: dict[str, float] = {}
        """When a job whose turn it was was first passed over for what a device holds."""
        self._oldest: dict[Lane, list[tuple[float, int, str]]] = {lane: [] for lane in Lane}
        self._expiring: list[tuple[float, int, str]] = []
        """Those that wait for the device that holds their model, by when they do no longer."""

    def __len__(self) -> int:
        return len(self._by_id)

    def __contains__(self, job_id: str) -> bool:
        return job_id in self._by_id

    def copy(self, shadows: Mapping[int, Seat]) -> "Line":
        """One that stands as this does and goes its own way. shadows: what stands for a seat, by the seat's identity."""
        other = copy(self)
        other._waiting = {
            lane: {person: dict(entries) for person, entries in people.items()}
            for lane, people in self._waiting.items()
        }
        for name in _STATE:
            setattr(other, name, copy(getattr(self, name)))
        other._oldest = {lane: [*entries] for lane, entries in self._oldest.items()}
        turns = [turn._replace(seat=shadows.get(id(turn.seat), turn.seat)) for turn in self._begun.values()]
        other._begun = {turn.entry.job_id: turn for turn in turns}
        at_work = [other._begun[turn.entry.job_id] for turn in self._at_work.values()]
        other._at_work = {id(turn.seat): turn for turn in at_work}
        return other

    def join(
        self,
        job_id: str,
        recipe: Recipe,
        lane: Lane,
        person: str = "",
        session: str = "",
        hints: bool = True,
        now_s: float = 0.0,
        batch: str = "",
    ) -> Sequence[Entry]:
        """Stand in line; whoever thereby waits no longer. now_s: when it came, which may be before now."""
        entry = Entry(job_id, recipe, self._load_of(recipe), lane, person, session, batch, next(self._numbers), now_s)
        pace = self._pace(entry.load, "") if entry.load else None
        if entry.load and pace is not None:
            entry.cost_s = pace * entry.load.megapixels
        entry.hints = hints
        superseded = [
            other
            for other in self._waiting[self._bucket(lane)].get(person, {}).values()
            if lane is Lane.LIVE and other.lane is Lane.LIVE and session and other.session == session
        ]
        for other in superseded:
            self.leave(other.job_id)
        self._take_in(entry)
        self._see(person, now_s)
        return superseded

    def reload(self) -> None:
        """There are other devices than before."""
        for entry in self._by_id.values():
            entry.load = self._load_of(entry.recipe)

    def leave(self, job_id: str) -> None:
        """Wait no longer."""
        entry = self._by_id.pop(job_id, None)
        if entry:
            people = self._waiting[self._bucket(entry.lane)]
            del people[entry.person][entry.number]
            if not people[entry.person]:
                del people[entry.person]
            self._skipped.pop(job_id, None)
            self._forget(entry)

    def next(self, seat: Seat, seats: Collection[Seat] = (), now_s: float = 0.0) -> Entry | None:
        """Take out of the line what a worker does next; None where there is nothing for it now: `wakes_s` says when to ask again.

        seats: all there are, this one and those that are busy among them.
        """
        lanes = [*self._open_to(seat, seats, now_s)]
        due = [lane for lane in lanes if self._is_due(lane, now_s)]
        for lane in (*due, *lanes):
            if entry := self._of(lane, seat, seats, now_s):
                self._begin(entry, seat, lanes, now_s)
                return entry
        return None

    def wakes_s(self, now_s: float) -> float | None:
        """When a job that waits for the device that holds its model waits for it no longer; None where none does."""
        while self._expiring and (self._expiring[0][0] <= now_s or self._expiring[0][2] not in self._by_id):
            heapq.heappop(self._expiring)
        return self._expiring[0][0] if self._expiring else None

    def put_back(self, entry: Entry, used_s: float = 0.0, now_s: float = 0.0) -> None:
        """It could not begin, or let go before its end: it stands where it stood. used_s: so long a device was at it."""
        self.done(entry, used_s, now_s)
        entry.worker = entry.began_s = entry.counted_end_s = None
        entry.taken = entry.pausing = False
        self._take_in(entry)

    def done(self, entry: Entry, used_s: float | None = None, now_s: float = 0.0) -> None:
        """A job that was begun has ended. used_s: so long a device was at it; None: as long as it was taken to be."""
        turn, key = self._begun.pop(entry.job_id, None), (self._bucket(entry.lane), entry.person)
        if turn is None:
            return
        self._vacate(turn)
        self._has_begun[key] -= 1
        if self._rules.fair and used_s is not None:
            self._had[key] = self._had.get(key, 0.0) + used_s - entry.cost_s
        self._see(entry.person, now_s)
        self._forget(entry)

    def leaving(self, entry: Entry) -> None:
        """A job that was begun needs its seat no longer, although it has not ended."""
        if turn := self._begun.get(entry.job_id):
            self._vacate(turn)

    def _vacate(self, turn: Turn) -> None:
        if self._at_work.get(id(turn.seat)) is turn:
            del self._at_work[id(turn.seat)]
            self._ordinary[kind_of(turn.seat.device)] -= turn.entry.lane not in URGENT

    def is_overtaken(self, entry: Entry, seats: Collection[Seat]) -> bool:
        """Whether a batch that was begun should let go after its next variation: where there is but one device, more urgent jobs
        would wait for all of it.
        """
        turn = self._begun.get(entry.job_id)
        if turn is None or entry.lane is not Lane.BATCH or _alike(turn.seat, seats) > 1:
            return False
        return any(other.lane is not Lane.BATCH and other.fits(turn.seat) for other in self._by_id.values())

    def in_order(self) -> Iterator[Entry]:
        """All that wait, lane by lane, each in the order of who had least."""
        for lane in Lane:
            yield from self._fairly(lane)

    def of(self, person: str) -> Sequence[Entry]:
        """What somebody waits for."""
        return [entry for people in self._waiting.values() for entry in people.get(person, {}).values()]

    @property
    def begun(self) -> Collection[Turn]:
        """What was given to workers and has not ended."""
        return self._begun.values()

    def position(self, job_id: str) -> int:
        """How many of its lane stand before a job; 0 for one that does not wait."""
        found = self._by_id.get(job_id)
        if found is None:
            return 0
        alike = (entry for entry in self._fairly(self._bucket(found.lane)) if entry.is_away == found.is_away)
        return next(place for place, entry in enumerate(alike) if entry is found)

    def _bucket(self, lane: Lane) -> Lane:
        return lane if self._rules.lanes else Lane.LIVE

    def _take_in(self, entry: Entry) -> None:
        lane = self._bucket(entry.lane)
        key = (lane, entry.person)
        if entry.person not in self._waiting[lane] and not self._has_begun[key]:
            self._had[key] = max(self._had.get(key, 0.0), self._clock[lane])
        self._by_id[entry.job_id] = entry
        waiting = self._waiting[lane].setdefault(entry.person, {})
        behind = [waiting.pop(number) for number in [*waiting] if number > entry.number]
        waiting[entry.number] = entry
        waiting.update((other.number, other) for other in behind)
        heapq.heappush(self._oldest[lane], (entry.joined_s, entry.number, entry.job_id))

    def _see(self, person: str, now_s: float) -> None:
        self._seen[person] = max(now_s, self._seen.pop(person, now_s))
        for other, seen_s in [*islice(self._seen.items(), 2)]:
            if now_s - seen_s > ALONE_S:
                del self._seen[other]

    def _forget(self, entry: Entry) -> None:
        """What is known of who has nothing here any more and is owed nothing."""
        lane = self._bucket(entry.lane)
        key = (lane, entry.person)
        if entry.person not in self._waiting[lane] and not self._has_begun[key]:
            del self._has_begun[key]
            if self._had.get(key, 0.0) <= self._clock[lane]:
                self._had.pop(key, None)

    def _open_to(self, seat: Seat, seats: Collection[Seat], now_s: float) -> Iterator[Lane]:
        """The lanes of which a seat may take jobs now."""
        full = any(self._waiting[lane] for lane in Lane if lane not in URGENT) and self._is_full(seat, seats, now_s)
        for lane in Lane:
            if self._waiting[lane] and not (full and lane not in URGENT):
                yield lane

    def _is_full(self, seat: Seat, seats: Collection[Seat], now_s: float) -> bool:
        """Whether so many devices are at jobs for which nobody looks at the screen that the others are for urgent ones."""
        ordinary = self._ordinary[kind_of(seat.device)]
        if not self._rules.reserve or not ordinary or is_away(seat.device) or self._is_alone(now_s):
            return False
        alike = _alike(seat, seats)
        return alike > 1 and ordinary >= alike - max(1, alike // self._rules.reserve)

    def _is_alone(self, now_s: float) -> bool:
        """Whether there is but one person: nobody else's draft can come."""
        return sum(now_s - seen_s <= ALONE_S for seen_s in islice(reversed(self._seen.values()), 2)) < 2

    def _is_due(self, lane: Lane, now_s: float) -> bool:
        """Whether a lane is next whatever is more urgent."""
        return self._is_aged(lane, now_s) and self._overtaken[lane] >= self._rules.every - 1

    def _is_aged(self, lane: Lane, now_s: float) -> bool:
        oldest = self._oldest[lane]
        while oldest and oldest[0][2] not in self._by_id:
            heapq.heappop(oldest)
        return bool(oldest) and now_s - oldest[0][0] >= self._rules.ageing_s[self._by_id[oldest[0][2]].lane]

    def _of(self, lane: Lane, seat: Seat, seats: Collection[Seat], now_s: float) -> Entry | None:
        """What of a lane a seat takes: the next one, or one a little behind it whose model it holds."""
        first = None
        able = (entry for entry in self._fairly(lane) if entry.fits(seat))
        for entry in islice(able, self._rules.heads + 1):
            if entry.is_held_by(seat):
                if first:
                    self._skipped.setdefault(first.job_id, now_s)
                return entry
            if first is None and not self._is_for_another(entry, seat, seats, now_s):
                first = entry
                if now_s - self._skipped.get(first.job_id, now_s) >= self._rules.affinity_s[first.lane]:
                    return first
        return first

    def _is_for_another(self, entry: Entry, seat: Seat, seats: Collection[Seat], now_s: float) -> bool:
        """Whether another worker, which need not load what it wants, is free or will be while it may still be waited for."""
        delay_s = self._rules.delay_s[entry.lane]
        end_s = self._skipped.get(entry.job_id, now_s) + delay_s
        if end_s <= now_s or not any(
            other is not seat and entry.is_held_by(other) and entry.fits(other) and self._free_s(other, now_s) <= end_s
            for other in seats
        ):
            return False
        if entry.job_id not in self._skipped:
            self._skipped[entry.job_id] = now_s
            heapq.heappush(self._expiring, (end_s, entry.number, entry.job_id))
        return True

    def _free_s(self, seat: Seat, now_s: float) -> float:
        turn = self._at_work.get(id(seat))
        return turn.end_s if turn else now_s

    def _fairly(self, lane: Lane) -> Iterator[Entry]:
        """A lane's jobs in the order of who had least, each as much later as what stands before it costs."""
        standing = {person: iter(entries.values()) for person, entries in self._waiting[lane].items()}
        heads = [
            (self._had.get((lane, person), 0.0), entry.number, person, entry)
            for person, entries in standing.items()
            for entry in islice(entries, 1)
        ]
        heapq.heapify(heads)
        while heads:
            had_s, _, person, entry = heads[0]
            yield entry
            behind = next(standing[person], None)
            if behind is None:
                heapq.heappop(heads)
            else:
                heapq.heapreplace(heads, (had_s + self._cost_s(entry), behind.number, person, behind))

    def _cost_s(self, entry: Entry) -> float:
        return entry.cost_s if self._rules.fair else 0.0

    def _begin(self, entry: Entry, seat: Seat, lanes: Sequence[Lane], now_s: float) -> None:
        mine = self._bucket(entry.lane)
        for lane in lanes:
            self._overtaken[lane] += lane is not mine and self._is_aged(lane, now_s)
        self._overtaken[mine] = 0
        key = (mine, entry.person)
        had_s = self._had.get(key, 0.0)
        self._clock[mine] = max(self._clock[mine], had_s)
        self._had[key] = had_s + self._cost_s(entry)
        self._begun[entry.job_id] = self._at_work[id(seat)] = Turn(entry, seat, now_s, now_s + entry.cost_s)
        self._has_begun[key] += 1
        self._ordinary[kind_of(seat.device)] += entry.lane not in URGENT
        self.leave(entry.job_id)


def _alike(seat: Seat, seats: Collection[Seat]) -> int:
    """How many are of a seat's kind."""
    kind = kind_of(seat.device)
    return sum(kind_of(other.device) == kind for other in seats)
