"""A job in a worker's hands: what happens to it is written down, and a worker that dies is replaced, until the job has ended."""

import asyncio
import contextlib
import logging
from collections.abc import Callable, Collection
from functools import partial

from inlay.blobs import BlobStore
from inlay.errors import Hindered, InlayError, NotStarted, QuotaExceeded, WorkerDied
from inlay.events import LAST, Done, Failed, Happening, Loading, Preview, Step, VariationDone
from inlay.jobs.chronicle import Chronicle
from inlay.jobs.entry import Entry, is_away
from inlay.jobs.foresight import Foresight
from inlay.jobs.hints import Hints
from inlay.jobs.journal import Journal
from inlay.jobs.occurrences import Died, Released, Taken
from inlay.jobs.patience import ELSEWHERE, Least
from inlay.jobs.workers.base import Paint, Worker
from inlay.statuses import status_of

MAX_DEATHS = 2
"""A job that took so many workers with it does not get another."""

_log = logging.getLogger(__name__)


class Supervisor:
    """Sees jobs to their end, one of each worker at a time. All methods belong to one event loop.

    least: a worker that tells nothing for so long, and for ten times what was measured, is killed. stepped: called whenever a job
    went on.
    """

    def __init__(
        self,
        journal: Journal,
        blobs: BlobStore,
        chronicle: Chronicle,
        foresight: Foresight,
        least: Least,
        stepped: Callable[[], None],
    ) -> None:
        self._journal = journal
        self._blobs = blobs
        self._chronicle = chronicle
        self._foresight = foresight
        self._least = least
        self._stepped = stepped
        self._hints = Hints(journal, blobs)
        self.drains = False
        """Whether the server is being stopped: jobs end with the variation that is being painted, and go on at the next start."""

    async def see_through(self, entry: Entry, worker: Worker) -> bool:
        """Have the job painted, again if the worker dies under it, until it has ended; whether it has, for a worker that was
        asked to lets go of it before.

        Raises Hindered where a worker cannot begin or go on with it, by no fault of the job.
        """
        while not self.drains and (not entry.cancelled or worker.laid == entry.job_id):
            try:
                return await self._paint(entry, worker)
            except WorkerDied as death:
                self._chronicle.tell(Died(entry.job_id, worker.device, death.message, bool(worker.hung)))
                if worker.hung:
                    entry.hung = True
                    self._chronicle.standstill.met(worker.device, Hindered(death.message))
                if not worker.was_told_to_end and await self._deaths(entry) >= MAX_DEATHS:
                    again = f"{death.message}; it was the second that died under this job, which is not tried again"
                    await self._record(entry, Failed(status_of(death), again))
                    return True
                entry.taken = entry.pausing = False
                await self._record(entry, Loading(f"again, because {death.message}"))
        return entry.cancelled

    async def _deaths(self, entry: Entry) -> int:
        if entry.cancelled:
            return 0
        return await self._chronicle.standstill.outlast(lambda: self._journal.count_death(entry.job_id))

    def lay(self, entry: Entry, worker: Worker) -> None:
        """Have the worker go on with the job by itself; `see_through` is to follow. Raises as the journal does."""
        order = _order(entry, self._journal.painted(entry.job_id))
        if order:
            worker.lay(order)

    async def _paint(self, entry: Entry, worker: Worker) -> bool:
        standstill = self._chronicle.standstill
        painted = set(await standstill.outlast(lambda: self._journal.painted(entry.job_id)))
        order = _order(entry, painted)
        if order is None:  # only the end was lost
            await self._record(entry, Done(0.0))
            return True
        try:
            await worker.take(order)
        except NotStarted as hindrance:
            if worker.lanes and not worker.proof.why:  # otherwise another takes the job
                standstill.met(worker.device, hindrance)
            raise
        standstill.over(worker.device)
        entry.taken, ended = True, False
        await standstill.outlast(lambda: self._journal.begin(entry.job_id, worker.device))
        self._chronicle.tell(Taken(entry.job_id, worker.device, tuple(worker.held)))
        self._stepped()
        clock, new = asyncio.get_running_loop().time, entry.recipe.sampling.count - order.first
        least = ELSEWHERE if is_away(worker.device) else self._least
        patience = self._foresight.patience(entry, least, new, clock())
        async with contextlib.aclosing(worker.happenings(entry.job_id, patience.quiet_s)) as happenings:
            async for happening in happenings:
                patience.heard(happening, clock())
                ended = isinstance(happening, LAST)
                if entry.cancelled:  # its end is written already; only the worker has to let go of it
                    worker.cancel(entry.job_id)  # again, for one that had just started when it was asked
                    continue
                if isinstance(happening, VariationDone):
                    if happening.variation.index in painted:
                        continue
                    painted.add(happening.variation.index)
                    self._check_stored(happening)
                    if entry.hints and len(painted) == entry.recipe.sampling.count:
                        happening = await self._hints.beside(entry.job_id, happening)
                if isinstance(happening, Step):
                    happening = self._foresight.foreseen(entry, happening, clock())
                    self._stepped()
                if isinstance(happening, LAST):
                    self._chronicle.tell(Released(entry.job_id, worker.device, tuple(worker.held), worker.memory))
                if isinstance(happening, Done):
                    self._check_complete(entry, painted)
                    measured = partial(self._foresight.measure, entry, new, happening.seconds, patience)
                    self._chronicle.try_to(measured)
                await self._record(entry, happening)
                if self.drains and isinstance(happening, VariationDone) and len(painted) < entry.recipe.sampling.count:
                    return False
        return ended

    async def _record(self, entry: Entry, happening: Happening) -> None:
        """Write down what happened, however long that is hindered; what the next one supersedes is dropped instead."""

        def write() -> None:
            if not entry.cancelled:
                self._chronicle.append([(entry.job_id, happening)])

        if isinstance(happening, Step | Preview):
            self._chronicle.try_to(write)
        else:
            await self._chronicle.standstill.outlast(write)

    async def fail(self, entry: Entry, worker: Worker, error: Exception) -> None:
        """The job cannot be done."""
        _log.error("job %s cannot go on", entry.job_id, exc_info=error)
        worker.kill()  # whatever it does now, nobody listens
        await worker.stop()
        message = error.message if isinstance(error, InlayError) else f"{type(error).__name__}: {error}"
        try:
            await self._record(entry, Failed(status_of(error), message))
        except Exception:
            _log.exception(
                "nor can it be written down that job %s failed; the next start takes it up again", entry.job_id
            )

    def _check_stored(self, done: VariationDone) -> None:
        for sha256 in done.variation.result.blobs:
            if not self._blobs.received(sha256).present:
                raise QuotaExceeded(f"result {sha256} was evicted before it was in the journal; raise the quota")

    def _check_complete(self, entry: Entry, painted: set[int]) -> None:
        missing = set(range(entry.recipe.sampling.count)) - painted
        if missing:
            raise RuntimeError(
                f"the engine ended without variations {sorted(missing)} of {entry.recipe.sampling.count}"
            )


def _order(entry: Entry, painted: Collection[int]) -> Paint | None:
    """What a worker is asked for, where some variations are painted; None where all are."""
    count = entry.recipe.sampling.count
    first = next(index for index in range(count + 1) if index not in painted)
    return None if first == count else Paint(entry.job_id, entry.recipe.canonical(), first)
