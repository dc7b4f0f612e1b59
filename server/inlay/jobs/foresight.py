"""How long jobs take: measured on those that ended, foreseen for those that run, and when one has taken too long."""

import dataclasses

from inlay.events import Step
from inlay.jobs.entry import Entry, Load
from inlay.jobs.forecast import remaining_s
from inlay.jobs.journal import Journal

UNMEASURED_S = 3600.0
"""So long a job may make no progress of whose like nothing was measured: models may have to be loaded and compiled."""


class Foresight:
    """From what the journal knows of former jobs."""

    def __init__(self, journal: Journal) -> None:
        self._journal = journal

    def pace(self, load: Load, device: str = "") -> float | None:
        """Seconds per million working pixels of what is like `load`, on a device; an empty one: on the fastest of those that
        may paint it. None where nothing was measured.
        """
        key = load.engine, load.verb, load.tier
        paces = [self._journal.seconds_per_megapixel(*key, one) for one in ([device] if device else load.devices)]
        return min((pace for pace in paces if pace is not None), default=None)

    def estimate(self, load: Load) -> float | None:
        """Seconds of work; None where nothing was measured."""
        pace = self.pace(load)
        return None if pace is None else pace * load.megapixels

    def patience_s(self, entry: Entry, least_s: float) -> float:
        """How long the job may make no progress: ten times what it should take, and `least_s` at least."""
        device = entry.worker.device if entry.worker else ""
        pace = self.pace(entry.load, device) if entry.load else None
        if entry.load is None or pace is None:
            return UNMEASURED_S
        return max(least_s, 10 * pace * entry.load.megapixels)

    def foreseen(self, entry: Entry, step: Step, now_s: float) -> Step:
        """With the end as measured on former jobs; steps differ in length, and the worker can only count them."""
        entry.counted_end_s = None if step.eta_s is None else now_s + step.eta_s
        device, began_s = entry.worker.device if entry.worker else "", now_s if entry.began_s is None else entry.began_s
        left_s = remaining_s(entry, device, began_s, now_s, self.pace)
        return dataclasses.replace(step, eta_s=left_s) if left_s and step.index < step.total else step

    def measure(self, entry: Entry, variations: int, seconds: float) -> None:
        """So long its worker took for so many variations of the job. Raises as the journal does."""
        if entry.load and entry.worker:
            load, megapixels = entry.load, entry.load.megapixels * variations / entry.recipe.sampling.count
            self._journal.record_timing(load.engine, load.verb, load.tier, entry.worker.device, seconds / megapixels)
