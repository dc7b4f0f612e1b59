"""How long jobs take: measured on those that ended, foreseen for those that run, and when one has taken too long."""

import dataclasses

from inlay.events import Step
from inlay.jobs.journal import Journal
from inlay.jobs.line import Entry, remaining_s
from inlay.recipe import Tier

UNMEASURED_S = 3600.0
"""So long a job may make no progress of whose like nothing was measured: models may have to be loaded and compiled."""


class Foresight:
    """From what the journal knows of former jobs."""

    def __init__(self, journal: Journal) -> None:
        self.pace = journal.seconds_per_megapixel
        self._record = journal.record_timing

    def estimate(self, engine: str, verb: str, tier: Tier, working_px: int, count: int) -> float | None:
        """Seconds of work for `count` variations of `working_px` pixels each; None where nothing was measured."""
        pace = self.pace(engine, verb, tier)
        return None if pace is None else pace * working_px / 1e6 * count

    def patience_s(self, entry: Entry, least_s: float) -> float:
        """How long the job may make no progress: ten times what it should take, and `least_s` at least."""
        pace = self.pace(*entry.load[:3]) if entry.load else None
        if entry.load is None or pace is None:
            return UNMEASURED_S
        return max(least_s, 10 * pace * entry.load.megapixels)

    def foreseen(self, entry: Entry, step: Step, now_s: float) -> Step:
        """With the end as measured on former jobs; steps differ in length, and the worker can only count them."""
        entry.counted_end_s = None if step.eta_s is None else now_s + step.eta_s
        left_s = remaining_s([entry], now_s, self.pace)
        return dataclasses.replace(step, eta_s=left_s) if left_s and step.index < step.total else step

    def measure(self, entry: Entry, variations: int, seconds: float) -> None:
        """So long so many variations of the job took. Raises as the journal does."""
        if entry.load:
            megapixels = entry.load.megapixels * variations / entry.recipe.sampling.count
            self._record(*entry.load[:3], seconds / megapixels)
