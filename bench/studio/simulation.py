"""A studio's day in simulated time: its artists, its cards, and between them the server's own line."""

import heapq
import math
import random
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import count
from typing import Any, NamedTuple

from bench.studio import people
from bench.studio.people import Artist, Asked, Card
from inlay.job import Lane
from inlay.jobs.entry import Entry, Load
from inlay.jobs.forecast import foreseen
from inlay.jobs.line import Line
from inlay.jobs.rules import RULES, Rules
from inlay.recipe import Tier

_NONE, _NEVER = dict.fromkeys(Lane, 0.0), dict.fromkeys(Lane, math.inf)
POLICIES = {
    "fifo": Rules(lanes=False, fair=False, affinity_s=_NONE, delay_s=_NONE, reserve=0, ageing_s=_NEVER),
    "lanes": Rules(affinity_s=_NONE, delay_s=_NONE, reserve=0),
    "delay": Rules(reserve=0),
    "delay+reserve": RULES,
}
_MEAN = math.exp(people.SPREAD**2 / 2)
"""Of a lognormal whose median is 1."""


@dataclass
class Seen:
    """What a simulated studio saw. Waits are from asking to the first step, loading included, in seconds by lane."""

    waits: dict[Lane, list[float]] = field(default_factory=lambda: {lane: [] for lane in Lane})
    at: dict[Lane, list[tuple[float, str, float]]] = field(default_factory=lambda: {lane: [] for lane in Lane})
    """When asked, by whom, and the wait."""
    promises: list[tuple[float, float]] = field(default_factory=list)
    """Of jobs that did not begin at once: how long they were said to take, all in all, and how long they took."""
    had_s: dict[str, float] = field(default_factory=dict)
    busy: float = 0.0
    loading: float = 0.0


class _Waits(NamedTuple):
    asked: Asked
    came_s: float
    then: Callable[[], None]
    counts: bool
    promised_s: float | None = None


class Studio:
    """So many people and cards under some rules. Everything follows from `seed`."""

    def __init__(
        self,
        artists: int,
        cards: int,
        rules: Rules = RULES,
        *,
        seed: int = 0,
        from_ram: bool = False,
        crowd: bool = True,
        promised: float = 0.0,
    ) -> None:
        """crowd: whether there are batches and hogs. promised: of what share of the jobs the end is foreseen, which takes time."""
        self.now_s = 0.0
        self.seen = Seen()
        self.dice = random.Random(seed)
        self.cards = [Card(f"cuda:{number}", from_ram) for number in range(cards)]
        self.artists = [Artist(f"artist {number}", random.Random(f"{seed} {number}")) for number in range(artists)]
        self.line = Line(_load_of, _pace, rules)
        self._crowd = crowd
        self._promised = promised
        self._numbers = count()
        self._events: list[tuple[float, int, Callable[[], None]]] = []
        self._devices = tuple(card.device for card in self.cards)
        self._idle = [*self.cards]
        self._asked: dict[str, _Waits] = {}
        self._wakes_s = math.inf
        self._given_s = -math.inf
        """When all that are idle were last refused; nothing came or ended since."""

    def run(self, seconds: float, warm_up_s: float = 600.0) -> Seen:
        """What was seen of so many seconds, after a while that does not count."""
        for artist in self.artists:
            artist.at_it = self.dice.random() < people.SESSION_S / (people.SESSION_S + people.PAUSE_S)
            artist.at_it = not artist.at_it
            artist.turn(0.0)
            self.at(self.dice.random() * people.THINK_S, lambda artist=artist: self._think(artist))
            if self._crowd:
                self.at(
                    self.dice.expovariate(people.BATCHES_PER_HOUR / 3600), lambda artist=artist: self._batch(artist)
                )
                self.at(self.dice.expovariate(people.HOGS_PER_HOUR / 3600), lambda artist=artist: self.hog(artist))
        self._play(warm_up_s)
        self.seen = Seen()
        before = [(card.busy_s, card.loading_s) for card in self.cards]
        self._play(warm_up_s + seconds)
        spent = seconds * len(self.cards)
        self.seen.busy = sum(card.busy_s - was[0] for card, was in zip(self.cards, before, strict=True)) / spent
        self.seen.loading = sum(card.loading_s - was[1] for card, was in zip(self.cards, before, strict=True)) / spent
        return self.seen

    def at(self, moment_s: float, what: Callable[[], None]) -> None:
        heapq.heappush(self._events, (moment_s, next(self._numbers), what))

    def hog(self, artist: Artist) -> None:
        """So many finals at once."""
        for _ in range(people.HOG_FINALS):
            self.ask(artist.name, people.asked(artist.dice, artist.model, Lane.FINAL), lambda: None, counts=False)
        if self._crowd:
            self.at(self.now_s + artist.dice.expovariate(people.HOGS_PER_HOUR / 3600), lambda: self.hog(artist))

    def ask(self, person: str, asked: Asked, then: Callable[[], None], *, counts: bool = True) -> None:
        """A job joins the line; `then` once it is done. counts: whether its wait is anybody's fault but of who asked for it."""
        job_id = str(next(self._numbers))
        load: Any = Load(asked.model.name, asked.lane, Tier.DRAFT, self._devices, 1.0)
        self.line.join(job_id, load, asked.lane, person, now_s=self.now_s)
        self._given_s = -math.inf
        self._asked[job_id] = _Waits(asked, self.now_s, then, counts)
        self._give()
        if self._promised and job_id in self.line and self.dice.random() < self._promised:
            end_s = foreseen(self.line, self.cards, self.now_s, _pace)[job_id]
            self._asked[job_id] = _Waits(asked, self.now_s, then, counts, end_s)

    def _play(self, until_s: float) -> None:
        while self._events and self._events[0][0] <= until_s:
            self.now_s, _, what = heapq.heappop(self._events)
            what()
            self._give()

    def _give(self) -> None:
        """Have whoever is idle look at the line, who idles longest first, as the server's workers do. What a card is refused,
        another one that holds the same is refused, too."""
        if not len(self.line) or self._given_s == self.now_s:
            return
        self._given_s = self.now_s
        refused: set[frozenset[str]] = set()
        for card in [*self._idle]:
            if (held := frozenset(card.held)) in refused:
                continue
            if entry := self.line.next(card, self.cards, self.now_s):
                self._idle.remove(card)
                self._begin(entry, card)
                refused.clear()
            else:
                refused.add(held)
        wakes_s = self.line.wakes_s(self.now_s) if self._idle else None
        if wakes_s is not None and not self.now_s < self._wakes_s <= wakes_s:
            self._wakes_s = wakes_s
            self.at(wakes_s, lambda: None)

    def _begin(self, entry: Entry, card: Card) -> None:
        asked, came_s, then, counts, promised_s = self._asked.pop(entry.job_id)
        loading_s = card.load(asked.model.name)
        wait_s, took_s = self.now_s - came_s + loading_s, loading_s + asked.seconds
        if counts:
            self.seen.waits[asked.lane].append(wait_s)
        self.seen.at[asked.lane].append((came_s, entry.person, wait_s))
        if promised_s is not None:
            self.seen.promises.append((promised_s, wait_s + asked.seconds))

        def end() -> None:
            card.busy_s += took_s
            self.seen.had_s[entry.person] = self.seen.had_s.get(entry.person, 0.0) + took_s
            self.line.done(entry, took_s, self.now_s)
            self._given_s = -math.inf
            self._idle.append(card)
            then()

        self.at(self.now_s + took_s, end)

    def _think(self, artist: Artist) -> None:
        """Go on after an answer: think, and ask; or turn to something else."""
        if self.now_s >= artist.until_s:
            artist.turn(self.now_s)
        if artist.at_it:
            self.at(self.now_s + artist.thinks_s(), lambda: self._ask(artist))
        else:
            self.at(artist.until_s, lambda: self._think(artist))

    def _ask(self, artist: Artist) -> None:
        self.ask(artist.name, artist.asks(), lambda: self._think(artist))

    def _batch(self, artist: Artist) -> None:
        left = [people.batch_size(artist.dice)]

        def one() -> None:
            if left[0]:
                left[0] -= 1
                self.ask(artist.name, people.asked(artist.dice, artist.model, Lane.BATCH), one)

        for _ in range(people.ON_ITS_WAY):
            one()
        self.at(self.now_s + artist.dice.expovariate(people.BATCHES_PER_HOUR / 3600), lambda: self._batch(artist))


def _load_of(recipe: Any) -> Load:
    return recipe


_SECONDS = {(model.name, lane): seconds * _MEAN for model in people.MODELS for lane, seconds in model.seconds.items()}


def _pace(load: Load, device: str) -> float:
    """What was measured of many such jobs."""
    return _SECONDS[load.engine, Lane(load.verb)]
