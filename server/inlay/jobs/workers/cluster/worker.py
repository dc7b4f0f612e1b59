"""One painter of the cluster, as the server sees it: a worker from when it joined until it is gone, never longer."""

import asyncio
import itertools
import math
from collections.abc import AsyncGenerator, Callable

from inlay.errors import NotStarted, WorkerDied
from inlay.events import Happening
from inlay.job import Lane
from inlay.jobs.workers import hearing
from inlay.jobs.workers.base import EVERY_LANE, Memory, Paint, Proof, endless
from inlay.jobs.workers.child import Holds, LetGo, Proved, Proves, Taken, Told
from inlay.jobs.workers.cluster.messages import End, Give, Hears, Pause, Stop, ToBridge
from inlay.jobs.workers.pulse import TICK_S, Pulse

SILENT_S = 120.0
"""A painter that does not answer for so long is ended. Longer than on this machine, where its processor time tells that it works;
where a whole node falls silent, Ray sees it sooner."""


class ClusterWorker:
    """`inlay.jobs.workers.base.Worker`: painter `number` of the bridge that `send` reaches. All methods belong to one loop."""

    def __init__(self, number: int, device: str, send: Callable[[ToBridge], None], silent_s: float = SILENT_S) -> None:
        self.number = number
        self.device = device
        self.lanes: frozenset[Lane] = EVERY_LANE
        self.held: tuple[str, ...] = ()
        self.memory = Memory()
        self.hung = ""
        self.was_told_to_end = False
        self.proof = Proof()
        self.turned: Callable[[], None] = lambda: None
        self._send = send
        self._pulse = Pulse(silent_s)
        self._pulse.prepares()
        self._watching: asyncio.Task[None] | None = None
        self._busy = False
        self._orders = itertools.count(1)
        self._order = 0
        self._gone = ""
        """How it went; empty while it is there."""
        self._inbox: asyncio.Queue[Taken | Holds | Told | LetGo | None] = asyncio.Queue()

    async def start(self) -> None:
        """It has been started; from now on it is watched over."""
        if self._watching is None:
            self._watching = asyncio.create_task(self._watch())

    async def take(self, order: Paint) -> None:
        self._order, self._busy = next(self._orders), True
        self._send(Give(self.number, self._order, order))
        try:
            while await self._report(order.job_id) != Taken(order.job_id):
                pass
        except WorkerDied as death:
            raise NotStarted(f"{death.message} before it had the job") from None

    laid = ""

    def when_it_ends(self, tell: Callable[[str], None]) -> None:
        """It never has the next job before it."""

    def lay(self, order: Paint) -> None:
        """Whoever takes it gives it."""

    def happenings(self, job_id: str, quiet_s: Callable[[], float] = endless) -> AsyncGenerator[Happening]:
        return hearing.happenings(self._report, job_id, quiet_s)

    def cancel(self, job_id: str) -> None:
        self._send(Stop(self.number, job_id))

    def pause(self, job_id: str) -> None:
        self._send(Pause(self.number, job_id))

    def kill(self) -> None:
        self._send(End(self.number))

    async def stop(self) -> None:
        if self._watching:
            self._watching.cancel()
        self.kill()

    def heard(self, hears: Hears) -> None:
        """It told something; what it tells of an order before the present one is not listened to."""
        if isinstance(hears.report, Proves):
            self._pulse.proves()
        elif isinstance(hears.report, Proved):
            self._pulse.ready()
            why = f"{self.device} cannot be painted on: {hears.report.why}" if hears.report.why else ""
            self.proof = Proof(not why, why)
            self.turned()
        elif hears.order == self._order:
            self._inbox.put_nowait(hears.report)
            if isinstance(hears.report, Taken):
                self._pulse.ready()
            elif isinstance(hears.report, Holds):
                self._busy = False

    def beat(self) -> None:
        """It answers."""
        self._pulse.beat()

    def drain(self) -> None:
        """It is to take no more jobs."""
        self.lanes = frozenset()

    def left(self, why: str, alone: bool) -> None:
        """It is gone. alone: and not with its node, so that the job which it had may be to blame."""
        self._gone, self.was_told_to_end = why, not alone
        self.drain()
        self._inbox.put_nowait(None)

    async def _report(self, job_id: str, quiet_s: float = math.inf) -> Taken | Told | LetGo:
        """The next report about this job; a painter that hangs is ended. Raises WorkerDied."""
        while True:
            if self._gone and self._inbox.empty():
                raise WorkerDied(self._death())
            try:
                async with asyncio.timeout(TICK_S):
                    report = await self._inbox.get()
            except TimeoutError:
                self._tick(quiet_s)
                continue
            if report is None:
                raise WorkerDied(self._death())
            if isinstance(report, Holds):
                self.held, self.memory = report.models, report.memory
            elif report.job_id == job_id:
                self._pulse.told()
                return report

    def _tick(self, quiet_s: float = math.inf) -> None:
        if not self.hung and (hung := self._pulse.tick(None, quiet_s)):
            self.hung = hung
            self.kill()

    async def _watch(self) -> None:
        """Whoever waits for its reports watches over its jobs; this is for when it has none."""
        while not (self._gone or self.hung):
            await asyncio.sleep(TICK_S)
            if not self._busy:
                self._tick()

    def _death(self) -> str:
        return f"the worker for {self.device} {self.hung or self._gone}"
