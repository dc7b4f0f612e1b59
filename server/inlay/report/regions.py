"""Which jobs worked at the same region of the same document, and which of them were approved."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from inlay.job import Lane
from inlay.region import Selected, regions_of
from inlay.report.work import Work


class Approval(NamedTuple):
    """Somebody wanted what a job made."""

    number: int
    """The job's."""
    time_ms: int


def kept(works: Sequence[Work]) -> Iterator[Approval]:
    """A variation was kept."""
    for work in works:
        yield from (Approval(work.number, judged.time_ms) for judged in work.judged if judged.is_kept)


def promoted(works: Sequence[Work]) -> Iterator[Approval]:
    """A draft was sent to be finished."""
    known = {work.job_id: work for work in works}
    for work in works:
        if work.finishes_draft and (draft := known.get(work.parent)):
            yield Approval(draft.number, work.submitted_ms)


def reviewed(works: Sequence[Work]) -> Iterator[Approval]:
    """Who reviewed it approved it."""
    for work in works:
        if work.reviewed_ms is not None:
            yield Approval(work.number, work.reviewed_ms)


APPROVALS: tuple[Callable[[Sequence[Work]], Iterable[Approval]], ...] = (kept, promoted, reviewed)
"""What counts as an approval."""


@dataclass(frozen=True)
class Placed:
    """A job and where it stands among the others."""

    work: Work
    region: int
    """The number of the first job at its region; 0 for one that only looks."""
    is_final: bool
    """It finishes a draft that the journal has: the draft was the try."""
    approved_ms: int | None
    """When it was first approved."""

    @property
    def is_try(self) -> bool:
        return not (self.is_final or self.work.looks_only)


def place(works: Sequence[Work]) -> tuple[Placed, ...]:
    """Every job of a journal, in the order of their numbers, with its region (`inlay.region.regions_of`) and its approval."""
    approved: dict[int, int] = {}
    for source in APPROVALS:
        for number, time_ms in source(works):
            approved[number] = min(time_ms, approved.get(number, time_ms))
    ordered = sorted(works, key=lambda work: work.number)
    numbers = {work.job_id: work.number for work in ordered}
    regions = regions_of(
        Selected(
            work.number, work.document, work.canvas, work.region, numbers.get(work.parent, 0), work.lane is Lane.BATCH
        )
        for work in ordered
        if not work.looks_only
    )
    return tuple(
        Placed(
            work,
            regions.get(work.number, 0),
            work.finishes_draft and work.parent in numbers,
            approved.get(work.number),
        )
        for work in ordered
    )
