"""From the line into the workers' hands: who takes which job when, and what becomes of the job when they let go of it."""

import asyncio
import contextlib
import logging
from collections.abc import Callable, Collection, Sequence
from functools import partial

from inlay.capabilities import REMOTE
from inlay.errors import NotStarted
from inlay.hindrances import hindrance_of
from inlay.jobs.announcer import Announcer
from inlay.jobs.chronicle import Chronicle
from inlay.jobs.entry import Entry, is_away
from inlay.jobs.journal import Journal
from inlay.jobs.line import Line
from inlay.jobs.occurrences import Returned
from inlay.jobs.standstill import pauses
from inlay.jobs.supervisor import Supervisor
from inlay.jobs.workers.base import Worker
from inlay.logs import about, words_of

UNFIT_PAUSE_S = 30.0
"""The longest between two starts of a worker that cannot paint: each reads everything anew that it paints with."""

_log = logging.getLogger(__name__)


class Dispatcher:
    """Gives the jobs of `line` to `workers`, one after the other. Everything here belongs to one event loop.

    cancel_grace_s: a worker that goes on so long with a job that was cancelled is killed. left: called with a worker that takes no
    job any more.
    """

    def __init__(
        self,
        journal: Journal,
        line: Line,
        workers: Collection[Worker],
        chronicle: Chronicle,
        announcer: Announcer,
        supervisor: Supervisor,
        cancel_grace_s: float,
        left: Callable[[Worker], None],
    ) -> None:
        self._journal = journal
        self._line = line
        self._workers = workers
        self._chronicle = chronicle
        self._announcer = announcer
        self._supervisor = supervisor
        self._cancel_grace_s = cancel_grace_s
        self._left = left
        self.running: dict[str, Entry] = {}
        """What workers have, by job."""
        self._next_of: dict[int, Entry] = {}
        """What lies before workers beside what they are at, by their identity."""
        self._stirred = asyncio.Event()

    def stir(self) -> None:
        """Whoever waits for a job looks again."""
        self._stirred.set()
        self._stirred = asyncio.Event()

    async def idle(self) -> None:
        """Wait until no worker has a job."""
        while self.running:
            await self._stirred.wait()

    def look(self) -> None:
        """Have batches that keep more urgent jobs waiting let go, and tell who waits how long."""
        for entry in self.running.values():
            if entry.worker and entry.taken and not entry.pausing and self._line.is_overtaken(entry, self.able):
                entry.pausing = True
                entry.worker.pause(entry.job_id)
        self._announcer.announce()

    def let_go(self, job_id: str) -> None:
        """Have no worker go on with a job that was cancelled."""
        entry = self.running.get(job_id)
        if entry:
            entry.cancelled = True
            if entry.worker:
                entry.worker.cancel(job_id)
                self._wait_for(entry)

    async def serve(self, worker: Worker) -> None:
        """One device: take the next job, see it to its end, as long as it takes any."""
        growing, standstill = pauses(), self._chronicle.standstill
        worker.when_it_ends(partial(self._lay_next, worker))
        while entry := self._next_of.pop(id(worker), None) or await self._next(worker):
            entry.worker, entry.began_s = worker, asyncio.get_running_loop().time()
            self.running[entry.job_id] = entry
            if entry.cancelled:  # while it lay before the worker
                self._wait_for(entry)
            hindrance, ended = None, True
            try:
                self._announcer.announce()
                with about(entry.job_id, words_of(entry.recipe)):
                    ended = await self._supervisor.see_through(entry, worker)
            except Exception as error:
                hindrance = hindrance_of(error)
                if hindrance is None:
                    with about(entry.job_id, words_of(entry.recipe)):
                        await self._supervisor.fail(entry, worker, error)
                elif not isinstance(hindrance, NotStarted):
                    standstill.met(entry.job_id, hindrance)
            finally:
                if entry.overdue:
                    entry.overdue.cancel()
                del self.running[entry.job_id]
            now_s = asyncio.get_running_loop().time()
            if not is_away(worker.device):
                self._chronicle.try_to(partial(self._journal.usage.took, entry.job_id, now_s - entry.began_s))
            if entry.cancelled or (ended and hindrance is None):
                self._line.done(entry, now_s - entry.began_s, now_s)
            else:
                self._line.put_back(entry, now_s - entry.began_s, now_s)
                self._chronicle.tell(Returned(entry.job_id))
            self.stir()
            if hindrance is None or entry.cancelled:
                standstill.over(entry.job_id)
                growing = pauses()
            elif id(worker) not in self._next_of:
                await asyncio.sleep(next(growing))
        standstill.over(worker.device)
        self._left(worker)
        await worker.stop()

    async def _next(self, worker: Worker) -> Entry | None:
        """Wait until the line has something for the worker, which has to paint first where it could not; None once it takes no
        job any more."""
        loop, growing = asyncio.get_running_loop(), pauses(UNFIT_PAUSE_S)
        if not worker.device.startswith(REMOTE):  # most studios never have a job for it
            with contextlib.suppress(OSError):  # so that the next job need not wait; whoever needs it starts it again
                await worker.start()
        while worker.lanes:
            if worker.proof.why:
                await self._try_again(worker, loop.time() + next(growing))
                continue
            if not self._supervisor.drains and (entry := self._line.next(worker, self.able, loop.time())):
                self.stir()  # what was left to it may be for another now
                return entry
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout_at(self._line.wakes_s(loop.time())):
                    await self._stirred.wait()
        return None

    async def _try_again(self, worker: Worker, at_s: float) -> None:
        """Start a worker that cannot paint once it is time, unless it has painted before."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout_at(at_s):
                while worker.proof.why:
                    await self._stirred.wait()
        if worker.proof.why:
            with contextlib.suppress(OSError):
                await worker.start()

    def _lay_next(self, worker: Worker, job_id: str) -> None:
        """A job is painted: let its worker go on with the next one while the end of this one is written down. Not where other
        servers paint, who want money for it, nor where what is painted cannot be kept."""
        entry, now_s = self.running.get(job_id), asyncio.get_running_loop().time()
        is_at_it = entry is not None and entry.worker is worker and entry.began_s is not None
        if not (entry and is_at_it) or id(worker) in self._next_of or is_away(worker.device):
            return
        if self._supervisor.drains or self._chronicle.standstill.why:
            return
        self._line.leaving(entry)
        following = self._line.next(worker, self.able, now_s)
        if following is None:
            return
        try:
            self._supervisor.lay(following, worker)
        except Exception:
            _log.warning("job %s is not begun ahead", following.job_id, exc_info=True)
        following.worker = worker
        self.running[following.job_id] = self._next_of[id(worker)] = following
        self.stir()

    def _wait_for(self, entry: Entry) -> None:
        """Kill the worker of a job that was cancelled if it is at it and does not let go of it."""
        if entry.worker and entry.began_s is not None:
            loop = asyncio.get_running_loop()
            entry.overdue = loop.call_later(self._cancel_grace_s, entry.worker.kill)

    @property
    def able(self) -> Sequence[Worker]:
        """Workers that nothing keeps from painting, the only ones that others leave something to."""
        return [worker for worker in self._workers if not worker.proof.why]
