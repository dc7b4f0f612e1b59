"""A worker on this machine, as its parent sees it: a child process that is started when needed, asked, stopped, and buried."""

import asyncio
import contextlib
import math
import multiprocessing
import signal
import threading
from collections.abc import AsyncGenerator, Callable
from functools import partial
from multiprocessing.connection import Connection
from multiprocessing.context import SpawnProcess
from typing import NamedTuple

from inlay.errors import NotStarted, WorkerDied
from inlay.events import Happening
from inlay.job import Lane
from inlay.jobs.workers import hearing
from inlay.jobs.workers.base import Memory, Paint, Proof, Workplace, endless
from inlay.jobs.workers.child import (
    Beat,
    Cancel,
    Ends,
    Holds,
    LetGo,
    Painter,
    Pause,
    Proved,
    Proves,
    Report,
    Taken,
    Told,
    studio,
    work,
)
from inlay.jobs.workers.pulse import TICK_S, Pulse

SILENT_S = 30.0
"""A worker that neither beats nor computes for so long is killed."""

AT_ONCE_CHARACTERS = 16_000
"""An order for a worker that just spoke finds room in its pipe if its recipe is no longer; a longer one is sent by a thread."""

STOP_S = 2.0
"""A worker ends itself when its pipe closes; one that does not within this time is killed."""

BURIED_S = 0.2
"""So long after its pipe closed it is known how a process ended."""

_context = multiprocessing.get_context("spawn")


class _Child(NamedTuple):
    process: SpawnProcess
    orders: "Connection[Paint | Cancel | Pause, None]"


class LocalWorker:
    """`inlay.jobs.workers.base.Worker`: one child process at a time for `place`. All methods belong to one event loop.

    painter: what paints in it; called there with `place`.
    """

    def __init__(
        self, place: Workplace, silent_s: float = SILENT_S, painter: Callable[[Workplace], Painter] = studio
    ) -> None:
        self.place = place
        self._painter = painter
        self._silent_s = silent_s
        self._pulse = Pulse(silent_s)
        self.hung = ""
        self.held: tuple[str, ...] = ()
        self.memory = Memory()
        self.proof = Proof()
        self.turned: Callable[[], None] = lambda: None
        self.laid = ""
        self._ends: Callable[[str], None] = _ignored
        self._child: _Child | None = None
        self._inbox: asyncio.Queue[Taken | Holds | Told | LetGo | None] = asyncio.Queue()
        self._starting: asyncio.Future[_Child] | None = None
        self._watching: asyncio.Task[None] | None = None
        self._sending: asyncio.Future[None] | None = None
        self._stopped, self._busy, self._unfit = False, False, ""

    @property
    def device(self) -> str:
        return self.place.device

    @property
    def lanes(self) -> frozenset[Lane]:
        return self.place.lanes

    async def start(self) -> None:
        if self._child and self._child.process.is_alive():
            return
        await self._bury()
        self._stopped, self._busy, self._unfit = False, False, ""
        self._inbox, self._pulse, self.hung, self.held = asyncio.Queue(), Pulse(self._silent_s), "", ()
        self.memory, self.laid = Memory(), ""
        self._prove(Proof(why=self.proof.why))
        hear = partial(self._hear, self._inbox, self._pulse)
        spawning = asyncio.to_thread(_spawn, self.place, self._painter, asyncio.get_running_loop(), hear)
        self._starting = asyncio.ensure_future(spawning)
        self._pulse.prepares()
        self._watching = asyncio.create_task(self._watch(self._inbox))
        self._child = await asyncio.shield(self._starting)

    async def take(self, order: Paint) -> None:
        try:
            await self.start()
        except OSError as error:
            raise NotStarted(f"the worker for {self.place.device} cannot be started ({error.strerror})") from error
        assert self._child
        self._prove(Proof(self.proof.painted))  # the job is the proof now
        try:
            # In a thread: a recipe with a large profile fills the pipe, and a worker that hangs does not empty it.
            if self.laid != order.job_id:
                self._busy = True  # where it lay there, it may be painted already
                self._sending = asyncio.ensure_future(asyncio.to_thread(self._child.orders.send, order))
            self.laid = ""
            if self._sending:
                await asyncio.shield(self._sending)
            while await self._report(order.job_id) != Taken(order.job_id):
                pass
        except WorkerDied as death:
            raise NotStarted(f"{death.message} before it had the job") from None
        except OSError:
            raise NotStarted(f"{await self._death()} before it had the job") from None

    def when_it_ends(self, tell: Callable[[str], None]) -> None:
        self._ends = tell

    def lay(self, order: Paint) -> None:
        assert self._child
        if self._sending and not self._sending.done():
            return  # whoever takes it gives it
        self.laid = order.job_id
        if len(order.recipe) <= AT_ONCE_CHARACTERS:
            _sent(self._child.orders, order)
        else:
            self._sending = asyncio.ensure_future(asyncio.to_thread(_sent, self._child.orders, order))

    def happenings(self, job_id: str, quiet_s: Callable[[], float] = endless) -> AsyncGenerator[Happening]:
        return hearing.happenings(self._report, job_id, quiet_s)

    def cancel(self, job_id: str) -> None:
        self._tell(Cancel(job_id))

    def pause(self, job_id: str) -> None:
        self._tell(Pause(job_id))

    def _tell(self, order: Cancel | Pause) -> None:
        if self._child and (self._sending is None or self._sending.done()):
            with contextlib.suppress(OSError):  # it died: whoever reads its reports finds out
                self._child.orders.send(order)

    def kill(self) -> None:
        if self._child:
            self._child.process.kill()

    async def stop(self) -> None:
        self._stopped = True
        if self._watching:
            self._watching.cancel()
        if self._starting:
            with contextlib.suppress(OSError):
                self._child = await self._starting
        if self._sending and not self._sending.done():
            self.kill()  # it does not take what it is sent
            await asyncio.wait([self._sending])
        await self._bury()

    @property
    def was_told_to_end(self) -> bool:
        return self._child is not None and self._child.process.exitcode == -signal.SIGTERM

    @property
    def pid(self) -> int | None:
        """The number of the newest process."""
        return self._child.process.pid if self._child else None

    async def _bury(self) -> None:
        if self._child:
            self._child.orders.close()
            process = self._child.process
            await asyncio.to_thread(process.join, STOP_S)
            if process.is_alive():
                process.kill()
                await asyncio.to_thread(process.join)

    def _hear(
        self, inbox: asyncio.Queue[Taken | Holds | Told | LetGo | None], pulse: Pulse, report: Report | None
    ) -> None:
        """What a process tells; its inbox and pulse are not ours any more once another was started."""
        if isinstance(report, Beat):
            pulse.beat()
        elif isinstance(report, Proves):
            pulse.proves()
        elif isinstance(report, Proved):
            pulse.ready()
            if inbox is self._inbox:
                self._unfit = f"{self.place.device} cannot be painted on: {report.why}" if report.why else ""
                self._prove(Proof(not self._unfit, self._unfit))
        elif isinstance(report, Ends):
            if inbox is self._inbox:
                self._ends(report.job_id)
        else:
            inbox.put_nowait(report)
            if isinstance(report, Taken):
                pulse.ready()
            if isinstance(report, Taken | Holds) and inbox is self._inbox:
                self._busy = isinstance(report, Taken)
            if report is None and inbox is self._inbox:
                self._prove(Proof(why=self._unfit))
                asyncio.get_running_loop().call_later(BURIED_S, self._ended, inbox)

    def _ended(self, inbox: object) -> None:
        """Its process did, while it had no job, and no other was started since."""
        if inbox is self._inbox and not (self._stopped or self._busy or self._unfit):
            how = f"the worker for {self.place.device} {self.hung or _how(self._child)}"
            self._prove(Proof(why=how))

    def _prove(self, proof: Proof) -> None:
        if proof != self.proof:
            self.proof = proof
            self.turned()

    async def _report(self, job_id: str, quiet_s: float = math.inf) -> Taken | Told | LetGo:
        """The next report about this job; a worker that hangs is killed. Raises WorkerDied."""
        while True:
            try:
                async with asyncio.timeout(TICK_S):
                    report = await self._inbox.get()
            except TimeoutError:
                self._tick(quiet_s)
                continue
            if report is None:
                raise WorkerDied(await self._death())
            if isinstance(report, Holds):  # in its turn: a quick job is over before somebody hears that it was begun
                self.held, self.memory = report.models, report.memory
            elif report.job_id == job_id:
                self._pulse.told()
                return report

    def _tick(self, quiet_s: float = math.inf) -> None:
        if not self.hung and (hung := self._pulse.tick(self.pid, quiet_s)):
            self.hung = hung
            self.kill()

    async def _watch(self, inbox: object) -> None:
        """Whoever waits for its reports watches over its jobs; this is for when it has none."""
        while inbox is self._inbox and not self.hung:
            await asyncio.sleep(TICK_S)
            if inbox is self._inbox and not self._busy:
                self._tick()

    async def _death(self) -> str:
        await self._bury()
        return self._unfit or f"the worker for {self.place.device} {self.hung or _how(self._child)}"


def _ignored(job_id: str) -> None:
    """Nobody wants to know."""


def _sent(orders: "Connection[Paint, None]", order: Paint) -> None:
    with contextlib.suppress(OSError):  # it died: whoever takes the order finds out
        orders.send(order)


def _spawn(
    place: Workplace,
    painter: Callable[[Workplace], Painter],
    loop: asyncio.AbstractEventLoop,
    hear: Callable[[Report | None], None],
) -> _Child:
    with contextlib.ExitStack() as undone:
        orders_end, orders = _context.Pipe(duplex=False)
        undone.enter_context(orders)
        with orders_end:
            reports, reports_end = _context.Pipe(duplex=False)
            undone.enter_context(reports)
            with reports_end:
                process = _context.Process(
                    target=work,
                    args=(place, painter, orders_end, reports_end),
                    name=f"inlay {place.device}",
                    daemon=True,
                )
                process.start()
        threading.Thread(target=_listen, args=(reports, loop, hear), daemon=True).start()
        undone.pop_all()
    return _Child(process, orders)


def _listen(
    reports: "Connection[None, Report]",
    loop: asyncio.AbstractEventLoop,
    hear: Callable[[Report | None], None],
) -> None:
    """Hand reports to the loop, None at the end. A thread of its own: a worker that hangs in the middle of a report must not
    stop the loop.
    """
    try:
        with reports:
            while True:
                try:
                    report = reports.recv()
                except (EOFError, OSError):
                    report = None
                loop.call_soon_threadsafe(hear, report)
                if report is None:
                    return
    except RuntimeError:  # the loop is closed
        return


def _how(child: _Child | None) -> str:
    exit_code = child.process.exitcode if child else None
    if exit_code is None or exit_code >= 0:
        return f"ended with exit code {exit_code}"
    name = signal.Signals(-exit_code).name
    hint = ", most often because the machine ran out of memory" if name == "SIGKILL" else ""
    return f"was killed by {name}{hint}"
