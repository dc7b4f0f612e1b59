"""A studio's people and their cards, as assumed: who is at it, what they ask for, how long that takes.

All of it is an assumption (docs/studio.md names them); a real studio replaces it by what its own server measured.
"""

import math
import random
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from inlay.job import Lane


class Model(NamedTuple):
    """One model on a card of 24 GB, 4090 class."""

    name: str
    gigabytes: float
    share: float
    """Of the sessions that use it most."""
    seconds: Mapping[Lane, float]
    """The median of a job."""
    disk_s: float
    """To load it from the disk's cache."""
    ram_s: float
    """To load it from pinned memory."""


def _model(name: str, gigabytes: float, share: float, seconds: tuple[float, ...], disk_s: float, ram_s: float) -> Model:
    live, draft, standard, final = seconds
    return Model(
        name, gigabytes, share, dict(zip(Lane, (live, draft, standard, final, standard), strict=True)), disk_s, ram_s
    )


MODELS = (
    _model("sdxl", 8, 0.50, (0.25, 2, 5, 12), 3, 0.7),
    _model("flux", 13, 0.35, (0.6, 4, 12, 30), 9, 0.95),
    _model("qwen-edit", 21, 0.15, (1.5, 6, 15, 40), 16, 1.35),
)
CARD_GIGABYTES = 24.0
SPREAD = 0.35
"""Sigma of a job's lognormal seconds around its median."""
TIERS = {Lane.DRAFT: 0.75, Lane.STANDARD: 0.15, Lane.FINAL: 0.10}
SESSION_S, PAUSE_S = 25 * 60.0, 50 * 60.0
THINK_S, THINK_SPREAD = 15.0, 0.8
LIVE_SHARE, LIVE_THINK_S = 0.08, 0.7
OTHER_MODEL = 0.1
BATCHES_PER_HOUR, BATCH_MEDIAN, BATCH_MOST, ON_ITS_WAY = 1 / 40, 60, 400, 8
"""A person's; of a batch so many jobs are handed in at a time, as `inlay batch` does."""
HOGS_PER_HOUR, HOG_FINALS = 1 / 60, 40


@dataclass(eq=False)
class Card:
    """`inlay.jobs.entry.Seat`: a graphics card and the models that it holds, least recently used first."""

    device: str
    from_ram: bool
    lanes: frozenset[Lane] = frozenset(Lane)
    held: list[str] = field(default_factory=list)
    busy_s: float = 0.0
    loading_s: float = 0.0

    def load(self, name: str) -> float:
        """Seconds until the model is there."""
        if name in self.held:
            self.held.remove(name)
            self.held.append(name)
            return 0.0
        models = {model.name: model for model in MODELS}
        self.held.append(name)
        while len(self.held) > 1 and sum(models[one].gigabytes for one in self.held) > CARD_GIGABYTES:
            del self.held[0]
        seconds = models[name].ram_s if self.from_ram else models[name].disk_s
        self.loading_s += seconds
        return seconds


class Asked(NamedTuple):
    """A job: what is asked of the line, and what it will really take."""

    model: Model
    lane: Lane
    seconds: float


@dataclass
class Artist:
    """One person, who asks again only once there is an answer."""

    name: str
    dice: random.Random
    until_s: float = 0.0
    """The end of the session or pause."""
    at_it: bool = False
    live: bool = False
    model: Model = MODELS[0]

    def turn(self, now_s: float) -> None:
        """Begin a session, or a pause."""
        self.at_it = not self.at_it
        self.until_s = now_s + self.dice.expovariate(1 / (SESSION_S if self.at_it else PAUSE_S))
        self.live = self.dice.random() < LIVE_SHARE
        self.model = _any_model(self.dice)

    def thinks_s(self) -> float:
        if self.live:
            return self.dice.expovariate(1 / LIVE_THINK_S)
        return self.dice.lognormvariate(math.log(THINK_S), THINK_SPREAD)

    def asks(self) -> Asked:
        lane = Lane.LIVE if self.live else self.dice.choices([*TIERS], [*TIERS.values()])[0]
        model = _any_model(self.dice) if self.dice.random() < OTHER_MODEL else self.model
        return asked(self.dice, model, lane)


def asked(dice: random.Random, model: Model, lane: Lane) -> Asked:
    return Asked(model, lane, dice.lognormvariate(math.log(model.seconds[lane]), SPREAD))


def _any_model(dice: random.Random) -> Model:
    return dice.choices(MODELS, [model.share for model in MODELS])[0]


def batch_size(dice: random.Random) -> int:
    return min(BATCH_MOST, max(1, round(dice.lognormvariate(math.log(BATCH_MEDIAN), 0.8))))
