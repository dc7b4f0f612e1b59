"""Which selections are of the same region of the same document."""

from collections.abc import Iterable
from typing import NamedTuple

from inlay.region.rect import Rect, Size

SAME_REGION = 0.5
"""The least share that the boxes of two selections have in common, of what both cover, to be one region: a mask drawn anew over
the same thing has more, one of its neighbour has less."""


class Selected(NamedTuple):
    """What one job worked at. parent: the number of the job that it comes from; 0: none that is known.

    is_planned: it is a cell of a plan, which nobody tried before.
    """

    number: int
    document: str
    canvas: Size
    box: Rect
    parent: int = 0
    is_planned: bool = False


def regions_of(jobs: Iterable[Selected]) -> dict[int, int]:
    """The region of each job, by their numbers: the number of the first job there. jobs: in the order of their numbers.

    A job is of its parent's region; a cell of a plan has one of its own. Another is of the region in the same document, on a canvas
    of the same size, whose latest job has a box with the most in common with its own, at least SAME_REGION; or else it begins one.
    """
    found: dict[int, int] = {}
    latest: dict[str, dict[int, Selected]] = {}
    for job in jobs:
        there = latest.setdefault(job.document, {})
        region = found.get(job.parent, 0) or (job.number if job.is_planned else _nearest(job, there) or job.number)
        found[job.number] = region
        if not job.is_planned:
            there[region] = job
    return found


def _nearest(job: Selected, latest: dict[int, Selected]) -> int:
    """The region that it is of; 0: none of them."""
    alike = {
        region: share
        for region, other in latest.items()
        if other.canvas == job.canvas and (share := overlap(other.box, job.box)) >= SAME_REGION
    }
    return max(alike, key=lambda region: alike[region], default=0)


def overlap(one: Rect, other: Rect) -> float:
    """Intersection over union, 0 .. 1."""
    common = one.intersection(other).area
    covered = one.area + other.area - common
    return common / covered if covered else 0.0
