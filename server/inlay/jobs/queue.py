"""From an accepted job to its end: the queue, one worker per device, and everyone who watches."""

import asyncio
import time
from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from types import MappingProxyType
from typing import TypeVar

from inlay.blobs import BlobStore
from inlay.capabilities import REMOTE
from inlay.engines.registry import Registry
from inlay.errors import Hindered
from inlay.events import (
    Event,
    JobCancelled,
    Queued,
)
from inlay.job import NOTHING_SAID, Job, JobState, Rating, Ticket
from inlay.jobs.admission import admit
from inlay.jobs.allowance import Allowance
from inlay.jobs.announcer import Announcer
from inlay.jobs.chronicle import Chronicle
from inlay.jobs.dispatcher import Dispatcher
from inlay.jobs.entry import Entry, Load, is_away, load_of, pictures_of
from inlay.jobs.foresight import Foresight
from inlay.jobs.housekeeping import Housekeeping
from inlay.jobs.journal import Journal
from inlay.jobs.line import Line
from inlay.jobs.occurrences import Accepted
from inlay.jobs.patience import LEAST, Least
from inlay.jobs.probing import Prober
from inlay.jobs.readiness import Readiness
from inlay.jobs.supervisor import Supervisor
from inlay.jobs.workers.base import Crew, Worker, Workplace
from inlay.jobs.workers.local import LocalWorker
from inlay.person import OWNER, Person
from inlay.recipe import Option, Recipe, Tier
from inlay.styles import STYLES_FILE, StyleBook

CREW = "crew"
"""What is hindered where those are not there who are to come."""

DRAIN = "drain"
"""What keeps jobs from going on while the server is being stopped."""

PATIENCE_S = 5.0
"""So long a caller waits for a journal that another process has locked."""

T = TypeVar("T")


@dataclass(frozen=True)
class WorkerSettings:
    """Who paints, and where."""

    devices: tuple[str, ...] = ("cpu",)
    """A worker each: `cpu`, `cuda:0`, ..."""
    hire: Callable[[Workplace], Worker] = LocalWorker
    """Who paints there."""
    crew: Crew | None = None
    """Brings workers that are somewhere else."""
    remote: int = 0
    """So many jobs are painted on other servers at a time, beside what the devices do."""
    cancel_grace_s: float = 10.0
    """A worker that goes on so long with a job that was cancelled is killed."""
    least: Least = LEAST
    """A worker that tells nothing about its job for so long, and for ten times what was measured, is killed, and its job is tried
    again."""

    @property
    def everywhere(self) -> tuple[str, ...]:
        """The devices, and one of the kind `remote` for each job that other servers paint at a time."""
        return (*self.devices, *(f"{REMOTE}:{number}" for number in range(self.remote)))


_DEFAULT = WorkerSettings()


class Jobs:
    """All jobs of one data folder. Everything here belongs to one event loop; `journal` is closed by `stop`."""

    def __init__(
        self, journal: Journal, blobs: BlobStore, registry: Registry, settings: WorkerSettings = _DEFAULT
    ) -> None:
        """registry: what the workers can paint with. The styles are those beside the journal."""
        self.journal = journal
        journal.defer()
        self.list = journal.list
        self.history = journal.history
        self.blobs = blobs
        self.registry = registry
        self.styles = StyleBook(journal.path.with_name(STYLES_FILE))
        self._settings = settings
        self._foresight = Foresight(journal)
        self._line = Line(lambda recipe: load_of(registry, self.everywhere, recipe), self._foresight.pace)
        self._serving: list[asyncio.Task[object]] = []
        self._workers = [settings.hire(self._place(device)) for device in settings.everywhere]
        self.prober = Prober(blobs.folder)
        self._chronicle = Chronicle(journal, blobs.attempt, self._line.position)
        self.readiness = Readiness(self._workers, self._chronicle, self.stir)
        self._announcer = Announcer(
            self._line, lambda: self._dispatcher.able or self._workers, self._foresight.pace, self._chronicle
        )
        self._allowance = Allowance(journal, blobs, self._line, self._announcer, lambda: self.devices, registry)
        self._supervisor = Supervisor(journal, blobs, self._chronicle, self._foresight, settings.least, self._look)
        self._dispatcher = Dispatcher(
            journal,
            self._line,
            self._workers,
            self._chronicle,
            self._announcer,
            self._supervisor,
            settings.cancel_grace_s,
            self._leave,
        )
        self._housekeeping = Housekeeping(journal, blobs, self._chronicle.try_to)

    async def start(self) -> None:
        """Queue what a former process left unfinished and start the workers, without waiting for them."""
        for job in self.journal.unfinished():
            superseded = self._join(job)
            self._chronicle.append([(other.job_id, JobCancelled()) for other in superseded])
        self._announcer.announce()
        self._serving = [asyncio.create_task(self._dispatcher.serve(worker)) for worker in self._workers]
        if self._settings.crew:
            self._serving.append(asyncio.create_task(self._settings.crew.run(self._place(""), self)))
        self._serving.append(asyncio.create_task(self._housekeeping.run()))
        # What headers of models and the card's driver say is remembered: nobody shall wait for it in front of a panel.
        self._serving.append(asyncio.create_task(asyncio.to_thread(self.registry.available)))

    async def drain(self) -> None:
        """Begin nothing more, and wait until what is being painted is at the end of a variation. The rest stays in the journal, and
        whoever watches is told why it waits. Only `stop` comes after it."""
        self._supervisor.drains = True
        self._chronicle.standstill.met(
            DRAIN, Hindered("the server is being stopped; what waits goes on when it is back")
        )
        await self._dispatcher.idle()

    async def stop(self) -> None:
        """End the workers. Unfinished jobs stay in the journal and go on at the next start; watchers get Unavailable."""
        self._chronicle.close()
        self._announcer.stop()
        self.prober.stop()
        for task in self._serving:
            task.cancel()
        await asyncio.gather(*self._serving, return_exceptions=True)
        await asyncio.gather(self._chronicle.standstill.stop(), *(worker.stop() for worker in self._workers))
        self.journal.close()

    @property
    def everywhere(self) -> tuple[str, ...]:
        """Where jobs can be painted: the devices of all workers, and of those that are to come."""
        here = tuple(worker.device for worker in self._workers)
        return (*here, *(self._settings.crew.expected if self._settings.crew else ()))

    @property
    def devices(self) -> tuple[str, ...]:
        """Those that are there and are no other server's."""
        return tuple(worker.device for worker in self._workers if not is_away(worker.device))

    def hire(self, worker: Worker) -> None:
        """As `inlay.jobs.workers.base.Staff.hire`."""
        self._workers.append(worker)
        self.readiness.watch(worker)
        self._serving = [task for task in self._serving if not task.done()]
        self._serving.append(asyncio.create_task(self._dispatcher.serve(worker)))
        self._moved()

    def stir(self) -> None:
        """As `inlay.jobs.workers.base.Staff.stir`: whoever waits for a job looks again."""
        self._dispatcher.stir()

    def hinders(self, why: str) -> None:
        """As `inlay.jobs.workers.base.Staff.hinders`."""
        if why:
            self._chronicle.standstill.met(CREW, Hindered(why))
        else:
            self._chronicle.standstill.over(CREW)

    def _look(self) -> None:
        self._dispatcher.look()

    def _leave(self, worker: Worker) -> None:
        """A worker takes no job any more."""
        self._workers.remove(worker)
        self.readiness.look(worker)
        self._moved()

    def _moved(self) -> None:
        """There are other workers than before."""
        self._line.reload()
        self.stir()
        self._announcer.announce()

    def _place(self, device: str) -> Workplace:
        models = self.registry.catalog.path if self.registry.catalog else None
        return Workplace(device, self.blobs.folder, self.blobs.quota_bytes, self.journal.path, models)

    @property
    def standstill(self) -> str:
        """Why accepted jobs wait although nothing of theirs is wrong, a full disk for one; empty where they need not."""
        return self._chronicle.standstill.why

    async def standstill_changed(self, known: str) -> str:
        """Wait until `standstill` is no longer `known`; what it is then."""
        return await self._chronicle.standstill.changed(known)

    async def submit(self, job_id: str, recipe: Recipe, ticket: Ticket = NOTHING_SAID) -> Job:
        """Accept an edit; it is in the journal when this returns. The same id and recipe again is the same job.

        Raises as `admit` does, JobConflict, QuotaExceeded where too many jobs wait, StorageFull, Hindered.
        """
        asked, known = recipe.sha256, self.journal.find(job_id)
        if known is None:
            here = self.blobs, self.registry, self.everywhere, self.styles
            held = self.journal.owners.held(ticket.by, recipe.blobs)
            recipe = await asyncio.to_thread(admit, recipe, *here, held)
            ticket = replace(ticket, by=self.journal.owners.at_work(ticket.by, recipe.canvas.source.blob))
            used = await self._allowance.used(ticket.by.name)
            if self.journal.find(job_id) is None:  # the same call may have come twice
                ticket = self._allowance.admitted(recipe, ticket, used)
        job = await self._chronicle.standstill.outlast(
            lambda: self.journal.submit(job_id, recipe, ticket, asked), PATIENCE_S
        )
        if not (job.state.ended or job.job_id in self._line or job.job_id in self._dispatcher.running):
            superseded = self._join(job, ticket.hints)
            self.stir()
            self._look()
            for other in superseded:
                await self._chronicle.standstill.outlast(partial(self._take_back, other.job_id))
        await self.kept()
        return self.journal.job(job.job_id)

    async def write(self, change: Callable[[], T]) -> T:
        """What `change`, which writes into the journal, gives. Raises as it does; StorageFull, Hindered."""
        changed = await self._chronicle.standstill.outlast(change, PATIENCE_S)
        await self.kept()
        return changed

    async def kept(self) -> None:
        """Wait until what the journal says by now is on the disk, before anybody is told of it. Raises StorageFull, Hindered."""
        await self._chronicle.kept(PATIENCE_S)

    def try_to(self, write: Callable[[], None]) -> None:
        """Write into the journal what may be missing, unless something outside hinders it."""
        self._chronicle.try_to(write)

    async def give(self, by: Person, name: str, *, was_here: bool = False) -> None:
        """As `inlay.jobs.owners.Owners.give`. What cannot be written down is the owner's all the same.

        Raises StorageFull, Hindered.
        """
        if by == OWNER:
            self._chronicle.try_to(lambda: self.journal.owners.give(by, name))
        else:
            await self.write(lambda: self.journal.owners.give(by, name, was_here=was_here))

    async def get(self, job_id: str) -> Job:
        """The job as it stands. Raises NotFound, InvalidInput, StorageFull, Hindered."""
        job = self.journal.job(job_id)
        await self.kept()
        return job

    def state(self, job_id: str) -> JobState:
        """Where the job is. Raises NotFound, InvalidInput."""
        return self.journal.state(job_id)

    async def watch(self, job_id: str, after_seq: int = 0) -> AsyncGenerator[Event]:
        """What happened after number `after_seq`, then what happens, until the job's last event: no gap, nothing twice.

        Raises NotFound, InvalidInput; Unavailable where the server stops before the job does.
        """
        told = ""
        while events := await self._chronicle.next(job_id, after_seq, told):
            for event in events:
                yield event
            after_seq, last = events[-1].seq, events[-1].happening
            told = last.why if isinstance(last, Queued) else told and self.standstill

    async def poll(self, job_id: str, after_seq: int = 0, wait_s: float = 0.0) -> Sequence[Event]:
        """What happened after number `after_seq`; waits up to `wait_s` for the first, unless the job ended. Where nothing
        did because the server is kept from its work, that it waits and why.

        Raises as `watch` does.
        """
        try:
            async with asyncio.timeout(wait_s):
                return await self._chronicle.next(job_id, after_seq)
        except TimeoutError:
            return self._chronicle.waiting(job_id, after_seq)

    async def cancel(self, job_id: str) -> Job:
        """Take a job back, at once for whoever watches; a worker that has it stops at its next step, or is killed.

        An ended job stays as it is. Raises NotFound, InvalidInput, StorageFull, Hindered.
        """
        job = self.journal.job(job_id)
        if await self._chronicle.standstill.outlast(partial(self._take_back, job.job_id), PATIENCE_S):
            self._let_go(job.job_id)
        await self.kept()
        return self.journal.job(job.job_id)

    def _join(self, job: Job, hints: bool = True) -> Sequence[Entry]:
        """Have a job wait, from when it was submitted; whoever waits no longer, for it is newer."""
        waited_s = time.time() - job.submitted_unix_ms / 1000
        came_s = asyncio.get_running_loop().time() - max(0.0, waited_s)
        self._chronicle.tell(Accepted(job))
        return self._line.join(job.job_id, job.recipe, job.lane, job.person, job.label, hints, came_s, job.batch)

    def _take_back(self, job_id: str) -> bool:
        """Write down that a job is cancelled; whether it was not over before."""
        if self.journal.state(job_id).ended:
            return False
        self._chronicle.append([(job_id, JobCancelled())])
        return True

    def _let_go(self, job_id: str) -> None:
        """Have nobody work on a job that was cancelled."""
        self._line.leave(job_id)
        self._chronicle.standstill.over(job_id)
        self._announcer.announce()
        self._dispatcher.let_go(job_id)

    async def rate(self, job_id: str, variation: int, rating: Rating) -> None:
        """Remember what became of a variation. Raises NotFound, InvalidInput, StorageFull, Hindered."""
        await self.write(lambda: self.journal.rate(job_id, variation, rating))

    def mark_fetched(self, sha256: str, person: str) -> None:
        """A person's client has all bytes of this blob. Where that cannot be written down, the blob is offered again."""
        self._chronicle.try_to(lambda: self.journal.mark_fetched(sha256, person))

    @property
    def queue_length(self) -> int:
        """Jobs that wait or run."""
        return len(self._line) + len(self._dispatcher.running)

    def estimate(
        self,
        engine: str,
        verb: str,
        tier: Tier,
        working_px: int,
        count: int = 1,
        options: Mapping[str, Option] = MappingProxyType({}),
    ) -> float | None:
        """Seconds of work for `count` variations of `working_px` pixels each on the fastest device that may paint them, from
        measured times; None without any. options: the recipe's, for how long a clip is. Raises as `Registry.choose` does.
        """
        chosen = self.registry.choose(verb, engine)
        megapixels = working_px * count * pictures_of(chosen, options) / 1e6
        return self._foresight.estimate(Load(engine, verb, tier, chosen.among(self.everywhere), megapixels))
