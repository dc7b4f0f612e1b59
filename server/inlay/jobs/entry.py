"""A job in the line: what it costs, who asked for it, and which workers may take it."""

import asyncio
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple, Protocol

from inlay.capabilities import REMOTE, Capabilities
from inlay.edit.plan import working_of
from inlay.edit.resolve import kind_of
from inlay.engines.registry import Registry
from inlay.errors import NotFound, Unsupported
from inlay.job import Lane
from inlay.jobs.rules import UNMEASURED_S
from inlay.jobs.workers.base import Worker
from inlay.recipe import Recipe, Tier


class Load(NamedTuple):
    """What a job costs, before it is multiplied with a measured pace."""

    engine: str
    verb: str
    tier: Tier
    devices: tuple[str, ...]
    """Those that may paint it."""
    megapixels: float
    """Working pixels of all variations, in millions; of a clip, those of all its pictures."""


Pace = Callable[[Load, str], float | None]
"""Seconds per million working pixels of what is like a load, on a device; an empty one: on the fastest of those that may paint
it. None while nothing was measured."""


def unmeasured(load: Load, device: str) -> float | None:
    """The pace where nothing was measured."""


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


@dataclass(eq=False)
class Entry:
    """A job that waits or runs."""

    job_id: str
    recipe: Recipe
    load: Load | None
    lane: Lane
    person: str = ""
    """Who asked for it."""
    session: str = ""
    """What somebody paints live: of it only the newest job waits. Empty: it supersedes none."""
    batch: str = ""
    """What all jobs of one undertaking share; empty: it stands for itself."""
    number: int = 0
    """Rises from job to job as they are accepted."""
    joined_s: float = 0.0
    """When it came, on the loop's clock."""
    cost_s: float = UNMEASURED_S
    """What it will take, by what was measured when it came."""
    hints: bool = True
    """Whether something may be said beside its results of how tries at their region go."""
    began_s: float | None = None
    """When a worker took it, on the loop's clock."""
    counted_end_s: float | None = None
    """When it will be done by the worker's own count of its steps."""
    worker: Worker | None = None
    taken: bool = False
    """Whether the worker has it before it."""
    pausing: bool = False
    """Whether the worker was asked to let go of it after its next variation."""
    hung: bool = False
    """Whether a worker was killed for doing nothing at it."""
    cancelled: bool = False
    overdue: asyncio.TimerHandle | None = None
    """Kills the worker if it does not let go of a cancelled job."""

    def fits(self, seat: Seat) -> bool:
        """Whether a worker may take it."""
        return self.lane in seat.lanes and (self.load is None or seat.device in self.load.devices)

    @property
    def is_cell(self) -> bool:
        """Whether it is one of an undertaking that waits in its own lane."""
        return self.lane is Lane.BATCH and bool(self.batch)

    @property
    def is_away(self) -> bool:
        """Whether only other servers paint it: it waits for none of the jobs of this machine, and none of them for it."""
        return self.load is not None and bool(self.load.devices) and all(map(is_away, self.load.devices))

    def is_held_by(self, seat: Seat) -> bool:
        """Whether a worker has its model loaded."""
        return self.load is not None and self.load.engine in seat.held


class Turn(NamedTuple):
    """A job that a seat was given."""

    entry: Entry
    seat: Seat
    began_s: float
    end_s: float
    """When it will be done, by what it was taken to cost."""


def is_away(device: str) -> bool:
    """Whether what is painted there is painted by another server."""
    return device.partition(":")[0] == REMOTE


def pictures_of(engine: Capabilities, options: Mapping[str, float | str | bool]) -> int:
    """How many pictures each variation of an engine's is: those of a clip, else one."""
    return engine.clip.frames_of(options) if engine.clip else 1


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
    megapixels = working.area * recipe.sampling.count * pictures_of(engine, recipe.options) / 1e6
    return Load(engine.name, recipe.verb, recipe.sampling.tier, able, megapixels)
