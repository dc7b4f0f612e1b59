"""By which rules the line decides whose turn it is."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from inlay.job import Lane

URGENT = (Lane.LIVE, Lane.DRAFT)
"""Somebody looks at the screen meanwhile: a part of the devices takes nothing else."""


def _by_lane(live: float, draft: float, standard: float, final: float, batch: float) -> Mapping[Lane, float]:
    return dict(zip(Lane, (live, draft, standard, final, batch), strict=True))


@dataclass(frozen=True)
class Rules:
    """Seconds are by lane."""

    lanes: bool = True
    """The more urgent lane first; else all stand in one."""
    fair: bool = True
    """Within a lane whoever had least of the devices' time first; else as they came."""
    affinity_s: Mapping[Lane, float] = field(default_factory=lambda: _by_lane(0.3, 1.5, 5, 10, 120))
    """So long a job that is next may be passed over for one whose model the device holds."""
    heads: int = 24
    """That one may stand so many places behind it."""
    delay_s: Mapping[Lane, float] = field(default_factory=lambda: _by_lane(0.3, 4, 8, 15, 60))
    """So long after it came a job waits for a device that holds its model, although another is idle: delay scheduling (Zaharia et
    al., EuroSys 2010)."""
    reserve: int = 4
    """One in so many devices, one at least, takes urgent jobs only; 0: none does. Where there is but one, it cannot."""
    ageing_s: Mapping[Lane, float] = field(default_factory=lambda: _by_lane(float("inf"), 60, 120, 300, 1800))
    """A lane whose oldest job has waited so long gets every eighth start, however urgent others are."""
    every: int = 8


RULES = Rules()

ALONE_S = 1800.0
"""Nothing is reserved for others where for so long nobody but one person has asked for anything."""

UNMEASURED_S = 10.0
"""A job of whose like nothing was measured is taken to cost so much, until it has ended."""
