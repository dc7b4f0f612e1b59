"""The painters of a Ray cluster, as the server hires them: whoever joins works, whoever leaves finishes what it has."""

import asyncio
import contextlib
import logging
import multiprocessing
import os
import queue
import threading
from collections.abc import Callable
from multiprocessing.connection import Connection
from multiprocessing.context import SpawnProcess

from inlay.jobs.workers.base import Staff, Workplace
from inlay.jobs.workers.child import Painter, studio
from inlay.jobs.workers.cluster.messages import Beat, FromBridge, Hears, Joined, Leaving, Left, Refused, ToBridge
from inlay.jobs.workers.cluster.worker import ClusterWorker
from inlay.jobs.workers.pulse import TICK_S, Pulse
from inlay.node import RAY_VARIABLES, versions

SILENT_S = 60.0
"""A bridge that neither beats nor computes for so long is killed; ten times as long before its first beat."""

STOP_S = 5.0
"""A bridge ends itself when its pipe closes; one that does not within this time is killed."""

FIRST_PAUSE_S, LONGEST_PAUSE_S = 1.0, 10.0
"""Between one try to reach the cluster and the next."""

SOMEWHERE = ":somewhere"
"""A device of a kind that nobody knows yet: what recipes are resolved for before anything has joined. They are painted by whoever
does, be that cards or processors."""

_context = multiprocessing.get_context("spawn")

_log = logging.getLogger(__name__)


class ClusterCrew:
    """`inlay.jobs.workers.base.Crew` of the Ray cluster at `address` (HOST:PORT of its head).

    paints: what paints in a painter; called there with its `Workplace`. Raises Unavailable where Ray is not installed.
    """

    def __init__(self, address: str, paints: Callable[[Workplace], Painter] = studio) -> None:
        versions()
        self.address = address
        self._paints = paints
        self._workers: dict[int, ClusterWorker] = {}
        self._known: tuple[str, ...] = (SOMEWHERE,)
        self._refused = ""

    @property
    def expected(self) -> tuple[str, ...]:
        """Nothing while somebody is there."""
        return () if self._workers else self._known

    async def run(self, place: Workplace, staff: Staff) -> None:
        pause_s = FIRST_PAUSE_S
        while True:
            self._hinder(staff, "it does not answer yet")
            if await self._attend(place, staff):
                pause_s = FIRST_PAUSE_S
            _log.warning("the connection to the Ray cluster at %s ended; it is tried again", self.address)
            self._hinder(staff, "it does not answer; see that its head runs (`ray start --head`), and its token")
            await asyncio.sleep(pause_s)
            pause_s = min(2 * pause_s, LONGEST_PAUSE_S)

    async def _attend(self, place: Workplace, staff: Staff) -> bool:
        """The life of one bridge; whether it ever reached the cluster."""
        inbox: asyncio.Queue[FromBridge | None] = asyncio.Queue()
        process, send = await asyncio.to_thread(
            _spawn, self.address, place, self._paints, asyncio.get_running_loop(), inbox.put_nowait
        )
        pulse, reached = Pulse(SILENT_S), False
        try:
            while True:
                try:
                    async with asyncio.timeout(TICK_S):
                        report = await inbox.get()
                except TimeoutError:
                    if hung := pulse.tick(process.pid, float("inf")):
                        _log.warning("the bridge to the cluster is %s, and is ended", hung)
                        process.kill()
                    continue
                if report is None:
                    return reached
                if not reached:
                    reached = True
                    self._hinder(staff, "no machine has joined it; `inlay join` there brings one")
                pulse.beat()
                self._hear(report, send, staff)
        finally:
            for worker in self._workers.values():
                worker.left("was lost with the connection to the cluster", alone=False)
            self._workers.clear()
            staff.stir()
            send(None)
            await asyncio.shield(asyncio.to_thread(_bury, process))

    def _hear(self, report: FromBridge, send: Callable[[ToBridge], None], staff: Staff) -> None:
        if isinstance(report, Joined):
            worker = self._workers[report.painter] = ClusterWorker(report.painter, report.device, send)
            self._known = tuple(worker.device for worker in self._workers.values())
            _log.info("%s has joined", report.device)
            self._refused = ""
            staff.hinders("")
            staff.hire(worker)
            return
        if isinstance(report, Refused):
            if report.why != self._refused:
                _log.warning("%s", report.why)
            self._refused = report.why
            if not self._workers:
                self._hinder(staff, report.why)
            return
        worker = self._workers.get(report.painter)
        if worker is None:
            return
        match report:
            case Beat():
                worker.beat()
            case Hears():
                worker.heard(report)
            case Leaving():
                _log.info("%s is leaving", worker.device)
                worker.drain()
                staff.stir()
            case Left(why=why, alone=alone):
                _log.info("%s %s", worker.device, why)
                del self._workers[report.painter]
                worker.left(why, alone)
                staff.stir()
                if not self._workers:
                    self._hinder(staff, "every machine has left it; `inlay join` there brings one back")

    def _hinder(self, staff: Staff, why: str) -> None:
        staff.hinders(f"nobody paints on the cluster at {self.address}: {why}")


def _spawn(
    address: str,
    place: Workplace,
    paints: Callable[[Workplace], Painter],
    loop: asyncio.AbstractEventLoop,
    hear: Callable[[FromBridge | None], None],
) -> tuple[SpawnProcess, Callable[[ToBridge | None], None]]:
    """The process, and how it is told something; None: that it shall end."""
    with contextlib.ExitStack() as undone:
        orders_end, orders = _context.Pipe(duplex=False)
        undone.enter_context(orders)
        with orders_end:
            reports, reports_end = _context.Pipe(duplex=False)
            undone.enter_context(reports)
            with reports_end:
                process = _context.Process(
                    target=_bridge,
                    args=(address, place, paints, orders_end, reports_end),
                    name="inlay bridge",
                    daemon=True,
                )
                process.start()
        outbox: queue.SimpleQueue[ToBridge | None] = queue.SimpleQueue()
        threading.Thread(target=_listen, args=(reports, loop, hear), daemon=True).start()
        threading.Thread(target=_talk, args=(orders, outbox), daemon=True).start()
        undone.pop_all()
    return process, outbox.put


def _bridge(
    address: str,
    place: Workplace,
    paints: Callable[[Workplace], Painter],
    orders: "Connection[None, ToBridge]",
    reports: "Connection[FromBridge, None]",
) -> None:
    """In the new process, and there alone, Ray is imported."""
    os.environ.update(RAY_VARIABLES)
    from inlay.jobs.workers.cluster.bridge import bridge

    bridge(address, place, paints, orders, reports)


def _listen(
    reports: "Connection[None, FromBridge]",
    loop: asyncio.AbstractEventLoop,
    hear: Callable[[FromBridge | None], None],
) -> None:
    """Hand reports to the loop, None at the end."""
    with contextlib.suppress(RuntimeError), reports:  # the loop is closed
        while True:
            try:
                report = reports.recv()
            except (EOFError, OSError):
                report = None
            loop.call_soon_threadsafe(hear, report)
            if report is None:
                return


def _talk(orders: "Connection[ToBridge, None]", outbox: "queue.SimpleQueue[ToBridge | None]") -> None:
    """Send what is put into the outbox, up to None. A thread of its own: a bridge that hangs does not empty the pipe."""
    with orders, contextlib.suppress(OSError):  # it ended: whoever waits for its reports finds out
        while (order := outbox.get()) is not None:
            orders.send(order)


def _bury(process: SpawnProcess) -> None:
    process.join(STOP_S)
    if process.is_alive():
        process.kill()
        process.join()
