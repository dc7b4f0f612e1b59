"""The figures of a report: pure arithmetic over jobs that have their place. docs/report.md says what each one means."""

import datetime
import statistics
from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from inlay.job import JobState
from inlay.report.rates import Rates
from inlay.report.regions import Placed

_MINUTE_MS = 60_000

KEYS: Mapping[str, Callable[[Placed], str]] = {
    "document": lambda placed: placed.work.document,
    "person": lambda placed: placed.work.person,
    "style": lambda placed: placed.work.style,
    "model": lambda placed: placed.work.model,
    "batch": lambda placed: placed.work.batch,
}
"""By what a report has its rows."""


@dataclass(frozen=True)
class Region:
    """The tries at one region, in their order."""

    tries: tuple[Placed, ...]

    @property
    def passes(self) -> tuple[Placed, ...]:
        """Those that brought something to look at."""
        return tuple(one for one in self.tries if one.work.variations)

    @property
    def approved_ms(self) -> int | None:
        """When something of it was first approved."""
        return min((one.approved_ms for one in self.tries if one.approved_ms is not None), default=None)

    @property
    def minutes(self) -> float | None:
        """From the first try to the approval; None without one, and where the clock went back between them."""
        approved_ms = self.approved_ms
        if approved_ms is None or approved_ms < self.tries[0].work.submitted_ms:
            return None
        return (approved_ms - self.tries[0].work.submitted_ms) / _MINUTE_MS

    @property
    def approved_at_first(self) -> bool:
        """What the first pass brought was approved before there was another."""
        first, *others = self.passes or (None,)
        if first is None or first.approved_ms is None:
            return False
        return not others or first.approved_ms <= others[0].work.submitted_ms


@dataclass(frozen=True)
class Figures:
    """What some jobs came to."""

    tries: int
    failed: int
    cancelled: int
    passes: int
    finals: int
    regions: int
    approved: int
    approved_at_first: int
    minutes_to_approval: float | None
    """The median."""
    variations: int
    kept: int
    rejected: int
    device_s: float
    money: Mapping[str, float]
    """By currency."""

    @property
    def first_pass_yield(self) -> float | None:
        """0 .. 1; None where there are no regions."""
        return self.approved_at_first / self.regions if self.regions else None

    @property
    def passes_per_region(self) -> float | None:
        return self.passes / self.regions if self.regions else None


def regions_of(placed: Sequence[Placed]) -> list[Region]:
    """The regions with something to look at, in the order of their first try among these."""
    tries: defaultdict[int, list[Placed]] = defaultdict(list)
    for one in placed:
        if one.is_try:
            tries[one.region].append(one)
    return [region for region in (Region(tuple(of_one)) for of_one in tries.values()) if region.passes]


def figures_of(placed: Sequence[Placed], rates: Rates) -> Figures:
    """All figures of these jobs, and of no others."""
    tries = [one for one in placed if one.is_try]
    regions = regions_of(placed)
    minutes = [region.minutes for region in regions if region.minutes is not None]
    judged = [judged for one in placed for judged in one.work.judged]
    money: Counter[str] = Counter()
    for one in placed:
        money.update(rates.cost_of(one.work))
    return Figures(
        tries=len(tries),
        failed=sum(one.work.state is JobState.FAILED for one in tries),
        cancelled=sum(one.work.state is JobState.CANCELLED for one in tries),
        passes=sum(len(region.passes) for region in regions),
        finals=sum(one.is_final for one in placed),
        regions=len(regions),
        approved=sum(region.approved_ms is not None for region in regions),
        approved_at_first=sum(region.approved_at_first for region in regions),
        minutes_to_approval=statistics.median(minutes) if minutes else None,
        variations=sum(one.work.variations for one in placed),
        kept=sum(one.is_kept for one in judged),
        rejected=sum(not one.is_kept for one in judged),
        device_s=sum(one.work.device_s for one in placed if not one.work.is_remote),
        money=dict(money),
    )


@dataclass(frozen=True)
class Summary:
    """A report: rows by one key, the most tries first, and all together."""

    by: str
    since: datetime.datetime | None
    until: datetime.datetime | None
    rows: Mapping[str, Figures]
    total: Figures
    regions: Sequence[Region]
    tries: Sequence[Placed]


def summarise(
    placed: Sequence[Placed],
    rates: Rates,
    by: str = "document",
    since: datetime.datetime | None = None,
    until: datetime.datetime | None = None,
) -> Summary:
    """The report of the jobs that were submitted from `since` on and before `until`. by: one of KEYS."""
    chosen = [
        one
        for one in placed
        if (since is None or one.work.submitted_ms >= since.timestamp() * 1000)
        and (until is None or one.work.submitted_ms < until.timestamp() * 1000)
    ]
    groups: defaultdict[str, list[Placed]] = defaultdict(list)
    for one in chosen:
        groups[KEYS[by](one)].append(one)
    rows = {key: figures_of(group, rates) for key, group in groups.items()}
    ordered = sorted(rows, key=lambda key: (-rows[key].tries, key))
    return Summary(
        by,
        since,
        until,
        {key: rows[key] for key in ordered},
        figures_of(chosen, rates),
        regions_of(chosen),
        [one for one in chosen if one.is_try],
    )
