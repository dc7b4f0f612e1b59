"""How long jobs take: measured on those that ended, foreseen for those that run, and how long one may be silent."""

import dataclasses

from inlay.events import Step
from inlay.jobs.entry import Entry, Load
from inlay.jobs.forecast import remaining_s
from inlay.jobs.journal import Journal
from inlay.jobs.patience import Least, Patience, Waits


class Foresight:
    """From what the journal knows of former jobs."""

    def __init__(self, journal: Journal) -> None:
        self._journal = journal
        self._waits = Waits()

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

    def patience(self, entry: Entry, least: Least, variations: int, now_s: float) -> Patience:
        """With its worker, which has just taken it; so many variations of it are to come."""
        load, device = entry.load, entry.worker.device if entry.worker else ""

        def measured(name: str) -> float | None:
            if load is None:
                return None
            longest_s = self._waits.longest_s(load, device, name, _one(entry))
            whole = self.pace(load, device) if longest_s is None else None
            return longest_s if whole is None else whole * load.megapixels  # no wait was longer than the whole job

        return Patience(measured, least, variations, now_s, entry.hung)

    def foreseen(self, entry: Entry, step: Step, now_s: float) -> Step:
        """With the end as measured on former jobs; steps differ in length, and the worker can only count them."""
        entry.counted_end_s = None if step.eta_s is None else now_s + step.eta_s
        device, began_s = entry.worker.device if entry.worker else "", now_s if entry.began_s is None else entry.began_s
        left_s = remaining_s(entry, device, began_s, now_s, self.pace)
        return dataclasses.replace(step, eta_s=left_s) if left_s and step.index < step.total else step

    def measure(self, entry: Entry, variations: int, seconds: float, patience: Patience) -> None:
        """So long its worker took for so many variations of the job, and so it waited for its words. Raises as the journal does."""
        if entry.load and entry.worker:
            load, device = entry.load, entry.worker.device
            self._waits.remember(load, device, patience.longest, _one(entry))
            seconds_per_megapixel = seconds / (_one(entry) * variations)
            self._journal.record_timing(load.engine, load.verb, load.tier, device, seconds_per_megapixel)


def _one(entry: Entry) -> float:
    """Working pixels of one variation, in millions."""
    return entry.load.megapixels / entry.recipe.sampling.count if entry.load else 0.0
