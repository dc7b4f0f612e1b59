"""From an accepted job to its end: the queue, one worker per device, and everyone who watches."""

import asyncio
import contextlib
import dataclasses
import logging
from collections.abc import AsyncGenerator, Sequence
from dataclasses import dataclass
from pathlib import Path

from inlay.blobs import BlobStore
from inlay.edit.check import check
from inlay.errors import BlobMissing, InlayError, InvalidInput, QuotaExceeded, Unavailable, WorkerDied
from inlay.jobs.events import Done, Event, Failed, Happening, JobCancelled, Loading, Step, VariationDone
from inlay.jobs.job import Job, Rating, canonical_id
from inlay.jobs.journal import Journal
from inlay.jobs.line import Entry, Line, remaining_s
from inlay.jobs.process import WorkerProcess
from inlay.jobs.worker import Paint, Workplace
from inlay.recipe import Recipe, Tier, Verb
from inlay.statuses import status_of

MAX_WAITING = 1_000
"""More than this is a client gone wild, not work."""

MAX_DEATHS = 2
"""A job that took so many workers with it does not get another."""

PAINTER = "inlay.edit.perform:perform"

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class WorkerSettings:
    """Who paints, and where."""

    devices: tuple[str, ...] = ("cpu",)
    """A worker each: `cpu`, `cuda:0`, ..."""
    painter: str = PAINTER
    """`module:function` with the signature of `inlay.edit.perform.perform`."""
    models: Path | None = None
    """`models.toml`; None: only what needs no weights."""
    cancel_grace_s: float = 10.0
    """A worker that goes on so long with a job that was cancelled is killed."""


_DEFAULT = WorkerSettings()


class Jobs:
    """All jobs of one data folder. Everything here belongs to one event loop; `journal` is closed by `stop`."""

    def __init__(self, journal: Journal, blobs: BlobStore, settings: WorkerSettings = _DEFAULT) -> None:
        self.journal = journal
        self.blobs = blobs
        self._settings = settings
        self._line = Line()
        self._running: dict[str, Entry] = {}
        self._arrived = asyncio.Event()
        self._bells: dict[str, asyncio.Event] = {}
        self._serving: list[asyncio.Task[None]] = []
        self._workers = [
            WorkerProcess(
                Workplace(device, settings.painter, blobs.folder, blobs.quota_bytes, journal.path, settings.models)
            )
            for device in settings.devices
        ]
        self._stopping = False

    async def start(self) -> None:
        """Queue what a former process left unfinished and start the workers, without waiting for them."""
        for job in self.journal.unfinished():
            self._line.join(job.job_id, job.recipe)
        self._announce()
        self._arrived.set()
        self._serving = [asyncio.create_task(self._serve(worker)) for worker in self._workers]

    async def stop(self) -> None:
        """End the workers. Unfinished jobs stay in the journal and go on at the next start; watchers get Unavailable."""
        self._stopping = True
        for job_id in list(self._bells):
            self._ring(job_id)
        for task in self._serving:
            task.cancel()
        await asyncio.gather(*self._serving, return_exceptions=True)
        await asyncio.gather(*(worker.stop() for worker in self._workers))
        self.journal.close()

    async def submit(self, job_id: str, recipe: Recipe, label: str = "") -> Job:
        """Accept an edit; it is in the journal when this returns. The same id and recipe again is the same job.

        Raises InvalidInput and whatever else `inlay.edit.check` finds, BlobMissing, JobConflict, QuotaExceeded where
        too many jobs wait.
        """
        if self.journal.find(job_id):
            return self.journal.submit(job_id, recipe, label)
        check(recipe)
        self._check_blob("source", recipe.source.blob, recipe.source.byte_length)
        self._check_blob("mask", recipe.mask.blob, recipe.mask.byte_length)
        if recipe.structure is not None:
            self._check_blob("structure", recipe.structure.blob, recipe.structure.byte_length)
        if len(self._line) >= MAX_WAITING:
            raise QuotaExceeded(f"{len(self._line)} jobs wait, and no more are taken; cancel some, or come back later")
        job = self.journal.submit(job_id, recipe, label)
        self._line.join(job.job_id, recipe)
        self._announce()
        self._arrived.set()
        return self.journal.job(job.job_id)

    async def get(self, job_id: str) -> Job:
        """The job as it stands. Raises NotFound, InvalidInput."""
        return self.journal.job(job_id)

    async def watch(self, job_id: str, after_seq: int = 0) -> AsyncGenerator[Event]:
        """What happened after number `after_seq`, then what happens, until the job's last event: no gap, nothing twice.

        Raises NotFound, InvalidInput; Unavailable where the server stops before the job does.
        """
        while events := await self.poll(job_id, after_seq, wait_s=None):
            for event in events:
                yield event
            after_seq = events[-1].seq

    async def poll(self, job_id: str, after_seq: int = 0, wait_s: float | None = 0.0) -> Sequence[Event]:
        """What happened after number `after_seq`; waits up to `wait_s` (None: for ever) for the first, unless the job
        ended.

        Raises as `watch` does.
        """
        job_id = canonical_id(job_id)
        now_s = asyncio.get_running_loop().time()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout_at(None if wait_s is None else now_s + wait_s):
                while True:
                    if self._stopping:
                        raise Unavailable("the server stops; the job goes on when it is back")
                    events = self.journal.events(job_id, after_seq)
                    if events or self.journal.job(job_id).state.ended:
                        return events
                    await self._bells.setdefault(job_id, asyncio.Event()).wait()
        return []

    async def cancel(self, job_id: str) -> Job:
        """Take a job back, at once for whoever watches; a worker that has it stops at its next step, or is killed.

        An ended job stays as it is. Raises NotFound, InvalidInput.
        """
        job = self.journal.job(job_id)
        if job.state.ended:
            return job
        entry = self._running.get(job.job_id)
        self._line.leave(job.job_id)
        self._append([(job.job_id, JobCancelled())])
        self._announce()
        if entry:
            entry.cancelled = True
            if entry.worker:
                entry.worker.cancel(job.job_id)
                loop = asyncio.get_running_loop()
                entry.overdue = loop.call_later(self._settings.cancel_grace_s, entry.worker.kill)
        return self.journal.job(job.job_id)

    def list(self, label: str = "", limit: int = 100, unfetched_only: bool = False) -> Sequence[Job]:
        """Jobs, newest first, as `Journal.list`."""
        return self.journal.list(label, limit, unfetched_only)

    def rate(self, job_id: str, variation: int, rating: Rating) -> None:
        """Remember what became of a variation. Raises NotFound, InvalidInput."""
        self.journal.rate(job_id, variation, rating)

    def mark_fetched(self, sha256: str) -> None:
        """A client has all bytes of this blob."""
        self.journal.mark_fetched(sha256)

    @property
    def queue_length(self) -> int:
        """Jobs that wait or run."""
        return len(self._line) + len(self._running)

    def estimate(self, engine: str, verb: Verb, tier: Tier, working_px: int, count: int = 1) -> float | None:
        """Seconds of work for `count` variations of `working_px` pixels each, from measured times; None without any."""
        pace = self.journal.seconds_per_megapixel(engine, verb, tier)
        return None if pace is None else pace * working_px / 1e6 * count

    def _check_blob(self, field: str, sha256: str, expected_bytes: int) -> None:
        status = self.blobs.received(sha256)
        if not status.present:
            raise BlobMissing(sha256, field=f"{field}.blob")
        if status.received != expected_bytes:
            raise InvalidInput(
                f"{field}.blob", f"{status.received} bytes long", f"its raster takes {expected_bytes} bytes"
            )

    async def _serve(self, worker: WorkerProcess) -> None:
        """One device: take the next job, see it to its end, for ever."""
        with contextlib.suppress(OSError):  # so that the first job need not wait; whoever needs it starts it again
            await worker.start()
        while True:
            while not self._line:
                self._arrived.clear()
                await self._arrived.wait()
            entry = self._line.next()
            entry.worker, entry.began_s = worker, asyncio.get_running_loop().time()
            self._running[entry.job_id] = entry
            try:
                self._announce()
                await self._see_through(entry, worker)
            except Exception as error:
                _log.exception("job %s cannot go on", entry.job_id)
                worker.kill()  # whatever it does now, nobody listens
                await worker.stop()
                message = error.message if isinstance(error, InlayError) else f"{type(error).__name__}: {error}"
                with contextlib.suppress(Exception):  # a full disk, for one: the next start takes the job up again
                    self._append([(entry.job_id, Failed(status_of(error), message))])
            finally:
                if entry.overdue:
                    entry.overdue.cancel()
                del self._running[entry.job_id]

    async def _see_through(self, entry: Entry, worker: WorkerProcess) -> None:
        """Have the job painted, again if the worker dies under it, until it has ended."""
        while not entry.cancelled:
            self.journal.begin(entry.job_id)
            try:
                await self._paint(entry, worker)
                return
            except WorkerDied as death:
                if entry.cancelled:
                    return
                if not worker.was_told_to_end and self.journal.count_death(entry.job_id) >= MAX_DEATHS:
                    again = f"{death.message}; it was the second that died under this job, which is not tried again"
                    self._append([(entry.job_id, Failed(status_of(death), again))])
                    return
                self._append([(entry.job_id, Loading(f"again, because {death.message}"))])

    async def _paint(self, entry: Entry, worker: WorkerProcess) -> None:
        painted = set(self.journal.painted(entry.job_id))
        first = next(index for index in range(entry.recipe.count + 1) if index not in painted)
        if first == entry.recipe.count:  # only the end was lost
            self._append([(entry.job_id, Done(0.0))])
            return
        order = Paint(entry.job_id, entry.recipe.canonical(), first)
        async with contextlib.aclosing(worker.paint(order)) as happenings:
            async for happening in happenings:
                if entry.cancelled:  # its end is written already; only the worker has to let go of it
                    worker.cancel(entry.job_id)  # again, for one that had just started when it was asked
                    continue
                if isinstance(happening, VariationDone):
                    if happening.variation.index in painted:
                        continue
                    painted.add(happening.variation.index)
                    self._check_stored(happening)
                if isinstance(happening, Step):
                    happening = self._foreseen(entry, happening)
                    self._announce()
                if isinstance(happening, Done):
                    self._check_complete(entry, painted)
                    self._measure(entry, entry.recipe.count - first, happening.seconds)
                self._append([(entry.job_id, happening)])

    def _foreseen(self, entry: Entry, step: Step) -> Step:
        """With the end as measured on former jobs; steps differ in length, and the worker can only count them."""
        now_s = asyncio.get_running_loop().time()
        entry.counted_end_s = None if step.eta_s is None else now_s + step.eta_s
        left_s = remaining_s([entry], now_s, self.journal.seconds_per_megapixel)
        return dataclasses.replace(step, eta_s=left_s) if left_s and step.index < step.total else step

    def _check_stored(self, done: VariationDone) -> None:
        for sha256 in done.variation.patch.blobs:
            if not self.blobs.received(sha256).present:
                raise QuotaExceeded(f"result {sha256} was evicted before it was in the journal; raise the quota")

    def _check_complete(self, entry: Entry, painted: set[int]) -> None:
        missing = set(range(entry.recipe.count)) - painted
        if missing:
            raise RuntimeError(f"the engine ended without variations {sorted(missing)} of {entry.recipe.count}")

    def _measure(self, entry: Entry, variations: int, seconds: float) -> None:
        if entry.load:
            megapixels = entry.load.megapixels * variations / entry.recipe.count
            self.journal.record_timing(*entry.load[:3], seconds / megapixels)

    def _announce(self) -> None:
        pace = self.journal.seconds_per_megapixel
        now_s = asyncio.get_running_loop().time()
        ahead_s = remaining_s([entry for entry in self._running.values() if not entry.cancelled], now_s, pace)
        self._append(self._line.news(ahead_s, len(self._workers), now_s, pace))

    def _append(self, happenings: Sequence[tuple[str, Happening]]) -> None:
        if not happenings:
            return
        self.journal.append_each(happenings)
        for job_id, _ in happenings:
            self._ring(job_id)

    def _ring(self, job_id: str) -> None:
        bell = self._bells.pop(job_id, None)
        if bell:
            bell.set()
