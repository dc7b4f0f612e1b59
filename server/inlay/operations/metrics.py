"""A server's figures, counted from what its jobs and workers tell."""

import math
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from prometheus_client.exposition import choose_encoder

from inlay.events import Done, Failed, Happening, JobCancelled, Step, VariationDone
from inlay.job import Job, Lane
from inlay.jobs.occurrences import Accepted, Committed, Died, Happened, Occurrence, Released, Returned, Taken, Turned
from inlay.jobs.workers.base import Memory
from inlay.jobs.workers.footprint import resident_bytes
from inlay.operations.figures import Figures, Names

SERVER = "server"
"""The process of that name; the others are named for the devices that they paint on."""

_OUTCOMES: dict[type[Happening], str] = {Done: "done", Failed: "failed", JobCancelled: "cancelled"}


@dataclass
class _Seen:
    """What is remembered of a job between its acceptance and its end. Times are on the monotonic clock."""

    lane: Lane
    tier: str
    engine: str
    """The model's own name."""
    model: str
    """What it is called here."""
    megapixels: float
    """Working pixels of one variation, in millions."""
    submitted_s: float
    device: str = ""
    """Where it is painted; empty while it waits."""
    taken_s: float | None = None
    """When a worker had it for the first time."""
    again_s: float = 0.0
    """When the newest worker had it."""
    stepped_s: float | None = None
    """When it made its first step there."""
    was_held: bool = False
    variations: int = 0
    """Finished by the newest worker."""

    @property
    def job(self) -> tuple[str, str]:
        return self.lane, self.tier


class Metrics:
    """Of one server; `hear` listens to its jobs.

    devices: that have a worker. refused: how often calls were, by the type of the error. standstill: why jobs wait. blobs: bytes in
    the store, and the most that may be; called now and then.
    """

    def __init__(
        self,
        devices: tuple[str, ...],
        refused: Mapping[str, int],
        standstill: Callable[[], str],
        blobs: Callable[[], tuple[int, int]],
    ) -> None:
        self._figures = Figures(devices, refused)
        self._standstill = standstill
        self._blobs = blobs
        self._fresh_until_s = float("-inf")
        self._jobs: dict[str, _Seen] = {}
        self._models, self._phases = Names(), Names()

    def hear(self, occurrence: Occurrence) -> None:
        match occurrence:
            case Accepted(job):
                self._accepted(job)
            case Committed(seconds, synced):
                self._figures.commit.labels("yes" if synced else "no").observe(seconds)
            case Died(_, device, _, hung):
                self._figures.deaths.labels(device, "hung" if hung else "died").inc()
                self._figures.up.labels(device).set(0)
            case Turned(device, painted, _):
                self._figures.up.labels(device).set(painted)
            case Released(_, device, _, memory):
                self._remembered(device, memory)
                self._released(occurrence)
            case Taken() | Happened() | Returned():
                if seen := self._jobs.get(occurrence.job_id):
                    self._went_on(seen, occurrence)

    def exposition(self, accept: str) -> tuple[bytes, str]:
        """What a scrape gets, and its content type. accept: the header of that name. Walks the store of pixels."""
        self._count_blobs()
        self._figures.standstill.set(bool(self._standstill()))
        self._figures.resident.labels(SERVER).set(resident_bytes())
        encode, kind = choose_encoder(accept)
        return encode(self._figures.registry), kind

    def _count_blobs(self) -> None:
        """At most a twentieth of the time is spent on it."""
        if (began_s := time.monotonic()) < self._fresh_until_s:
            return
        used, quota = self._blobs()
        self._fresh_until_s = began_s + 20 * (time.monotonic() - began_s)
        self._figures.blobs.set(used)
        self._figures.quota.set(quota)

    def _accepted(self, job: Job) -> None:
        if job.job_id in self._jobs:
            return
        resolved = job.recipe.sampling.resolved
        working = resolved.working if resolved and resolved.working else job.recipe.canvas.window.size
        engine = resolved.model if resolved else ""
        age_s = max(0.0, time.time() - job.submitted_unix_ms / 1000)
        seen = _Seen(
            job.lane,
            job.recipe.sampling.tier,
            engine,
            self._models.of(engine),
            working.area / 1e6,
            time.monotonic() - age_s,
        )
        self._jobs[job.job_id] = seen
        self._figures.accepted.labels(*seen.job).inc()
        self._figures.waiting.labels(seen.lane).inc()

    def _went_on(self, seen: _Seen, what: Taken | Happened | Returned) -> None:
        match what:
            case Taken(_, device, held):
                self._taken(seen, device, seen.engine in held)
            case Returned():
                self._leave(seen)
                seen.device = ""
                self._figures.waiting.labels(seen.lane).inc()
            case Happened(_, Step()):
                seen.stepped_s = seen.stepped_s or time.monotonic()
            case Happened(_, VariationDone() as done):
                self._finished(seen, done)
            case Happened(job_id, happening):
                if outcome := _OUTCOMES.get(type(happening)):
                    self._ended(seen, outcome, happening)
                    del self._jobs[job_id]

    def _taken(self, seen: _Seen, device: str, held: bool) -> None:
        now_s = time.monotonic()
        self._leave(seen)
        seen.device, seen.again_s, seen.stepped_s, seen.was_held, seen.variations = device, now_s, None, held, 0
        self._figures.running.labels(device).inc()
        if seen.taken_s is None:
            seen.taken_s = now_s
            self._figures.wait.labels(*seen.job).observe(now_s - seen.submitted_s)

    def _leave(self, seen: _Seen) -> None:
        """It does not wait any more, or not run there."""
        if seen.device:
            self._figures.running.labels(seen.device).dec()
        else:
            self._figures.waiting.labels(seen.lane).dec()

    def _finished(self, seen: _Seen, done: VariationDone) -> None:
        seen.variations += 1
        self._figures.painted.labels(seen.device, seen.model).inc()
        for phase, seconds in done.variation.report.details.get("seconds", {}).items():
            if isinstance(seconds, int | float) and 0 <= seconds < math.inf:
                self._figures.phase.labels(seen.device, self._phases.of(str(phase))).inc(seconds)

    def _ended(self, seen: _Seen, outcome: str, happening: Happening) -> None:
        self._leave(seen)
        self._figures.ended.labels(*seen.job, outcome).inc()
        if seen.taken_s is not None:
            self._figures.work.labels(*seen.job).observe(time.monotonic() - seen.taken_s)
        if isinstance(happening, Done) and seen.variations:
            self._figures.painting.labels(seen.device, seen.model).inc(happening.seconds)
            self._figures.megapixels.labels(seen.device, seen.model).inc(seen.megapixels * seen.variations)

    def _released(self, what: Released) -> None:
        seen = self._jobs.get(what.job_id)
        if seen and seen.stepped_s and not seen.was_held and seen.engine in what.held:
            self._figures.load.labels(what.device, seen.model).observe(seen.stepped_s - seen.again_s)

    def _remembered(self, device: str, memory: Memory) -> None:
        self._figures.resident.labels(device).set(memory.resident)
        if memory.device_total:
            self._figures.device_used.labels(device).set(memory.device_used)
            self._figures.device_total.labels(device).set(memory.device_total)
