"""Workers as the line sees them."""

from typing import NamedTuple

from inlay.job import Lane
from inlay.jobs.workers.base import EVERY_LANE


class Seat(NamedTuple):
    """`inlay.jobs.line.Seat`."""

    device: str
    held: tuple[str, ...] = ()
    lanes: frozenset[Lane] = EVERY_LANE
