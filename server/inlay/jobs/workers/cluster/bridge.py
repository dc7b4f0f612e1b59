"""Between the server and Ray: the process that places painters, hands them their jobs, moves the bytes and tells who is gone.

It lives as long as its parent. It ends where Ray's head does, and is started again. Ray ends whoever misses the head for long;
whoever finds a new head before that asks it for ever about a cluster that is not there any more: that is looked for here.
"""

import asyncio
import contextlib
import itertools
import logging
import os
import signal
import threading
from collections.abc import Callable
from functools import partial
from multiprocessing.connection import Connection
from typing import Any, NamedTuple, NoReturn

import ray
from ray._raylet import GcsClient  # pyright: ignore[reportAttributeAccessIssue, reportUnknownVariableType]
from ray.exceptions import ActorDiedError, RayError, RayTaskError

import inlay
from inlay.blobs import RECENT_S, BlobStore
from inlay.errors import BlobMissing
from inlay.events import Happening, VariationDone
from inlay.jobs.event_codec import VARIATION, decode, encode
from inlay.jobs.tables import pinned
from inlay.jobs.workers.base import Workplace
from inlay.jobs.workers.child import Painter, Told, end_of
from inlay.jobs.workers.cluster.messages import (
    Beat,
    End,
    FromBridge,
    Give,
    Hears,
    Hello,
    Joined,
    Lacks,
    Leaving,
    Left,
    More,
    Numbered,
    Pause,
    Refused,
    Stop,
    ToBridge,
)
from inlay.jobs.workers.cluster.painter import CALLS, PIECE_BYTES, ClusterPainter
from inlay.spool import finish as finish_log

NEEDS: tuple[dict[str, Any], ...] = ({"num_gpus": 1}, {"num_gpus": 0, "resources": {"inlay_painter": 1}})
"""What a painter is placed on: a card, or one of what a node without cards offers. One of each always waits for a place, so that
whoever joins has a painter at once."""

WAIT_S = 1.0
"""So long a painter may have nothing to tell."""

AGAIN_S = 5.0
"""So long after a painter could not be placed, another one is tried."""

SETTLED_S = 0.5
"""So long after a painter died its node is looked at: where power fails, the node may be the second to go."""

LOOK_S = 5.0
"""A node that does not answer in this time is taken for gone; so often it is looked whether the head is still the same."""

_log = logging.getLogger(__name__)


class Placed(ClusterPainter):
    """A painter as Ray places it."""

    def node_id(self) -> str:
        """Ray's name for where it is."""
        return ray.get_runtime_context().get_node_id()


class Address(NamedTuple):
    """Where a node's own process listens."""

    node_id: str
    host: str
    port: int


def bridge(
    address: str,
    place: Workplace,
    paints: Callable[[Workplace], Painter],
    orders: "Connection[None, ToBridge]",
    reports: "Connection[FromBridge, None]",
) -> None:
    """The life of the process. address: of Ray's head. place: where the server's blobs and journal are. paints: what paints in a
    painter."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C in the terminal is for the parent to decide on
    ray.init(address, log_to_driver=False, logging_level=logging.ERROR, configure_logging=False)
    asyncio.run(_Bridge(place, paints, reports).run(orders))


class _Bridge:
    def __init__(
        self, place: Workplace, paints: Callable[[Workplace], Painter], reports: "Connection[FromBridge, None]"
    ) -> None:
        self._blobs = BlobStore(place.blobs, place.quota_bytes, partial(pinned, place.journal), RECENT_S, create=False)
        self._paints = paints
        self._reports = reports
        self._remote: Any = ray.remote(Placed)
        self._numbers = itertools.count(1)
        self._painters: dict[int, _Attended] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    async def run(self, orders: "Connection[None, ToBridge]") -> None:
        threading.Thread(target=self._receive, args=(orders, asyncio.get_running_loop()), daemon=True).start()
        for needs in NEEDS:
            self._begin(self._recruit(needs))
        self._begin(self._look_after_the_head())
        while True:
            self.send(Beat())
            await asyncio.sleep(WAIT_S)

    def send(self, report: FromBridge) -> None:
        """To the server; without one there is nothing to do any more."""
        try:
            self._reports.send(report)
        except OSError:
            os._exit(0)

    def _begin(self, work: Any) -> None:
        task = asyncio.ensure_future(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def _receive(self, orders: "Connection[None, ToBridge]", loop: asyncio.AbstractEventLoop) -> None:
        while True:
            try:
                order = orders.recv()
            except (EOFError, OSError):
                os._exit(0)
            loop.call_soon_threadsafe(self._obey, order)

    def _obey(self, order: ToBridge) -> None:
        painter = self._painters.get(order.painter)
        if painter is None:  # it has left, and the server is about to hear of it
            return
        match order:
            case Give():
                self._begin(painter.give(order))
            case Stop(job_id=job_id):
                self._begin(painter.stop(job_id))
            case Pause(job_id=job_id):
                self._begin(painter.pause(job_id))
            case End():
                painter.end()

    async def _recruit(self, needs: dict[str, Any]) -> None:
        """Always have one more painter than there are places for."""
        while True:
            actor = self._remote.options(num_cpus=0, max_restarts=0, max_concurrency=CALLS, **needs).remote(
                self._paints
            )
            try:
                hello: Hello = await actor.hello.remote()
                where = await _address_of(await actor.node_id.remote())
            except RayError as error:
                _log.warning("a painter could not be placed: %s", _first_line(error))
                self.send(Refused(f"a painter could not be started on a node: {_first_line(error)}"))
                await asyncio.sleep(AGAIN_S)
                continue
            if hello.version != inlay.__version__:
                ray.kill(actor)
                self.send(Refused(f"{hello.device} has Inlay {hello.version}, and the server has {inlay.__version__}"))
                await asyncio.sleep(AGAIN_S)
                continue
            painter = _Attended(next(self._numbers), actor, where, self._blobs, self.send)
            self._painters[painter.number] = painter
            self._begin(self._attend(painter, hello.device))

    async def _look_after_the_head(self) -> None:
        """End the process once another head answers in the place of the one that it is connected to."""
        address = ray.get_runtime_context().gcs_address
        ours = await asyncio.to_thread(_cluster_at, address)
        while True:
            await asyncio.sleep(LOOK_S)
            with contextlib.suppress(Exception):  # it is away: Ray waits for it
                if await asyncio.to_thread(_cluster_at, address) != ours:
                    _log.warning("Ray's head was started anew")
                    finish_log()
                    os._exit(1)

    async def _attend(self, painter: "_Attended", device: str) -> None:
        self.send(Joined(painter.number, device))
        try:
            await painter.listen()
        except RayError as error:
            alone = isinstance(error, ActorDiedError | RayTaskError) and await _lives(painter.where)
            why = f"ended ({_first_line(error)})" if alone else "was lost with its node"
        except Exception as error:
            _log.exception("painter %s cannot be gone on with", device)
            why, alone = f"ended ({error})", True
        del self._painters[painter.number]
        painter.end()
        self.send(Left(painter.number, why, alone))


class _Attended:
    """A painter that is there."""

    def __init__(
        self, number: int, actor: Any, where: Address, blobs: BlobStore, send: Callable[[FromBridge], None]
    ) -> None:
        self.number = number
        self.where = where
        self._actor = actor
        self._blobs = blobs
        self._send = send
        self._order = 0
        self._job_id = ""
        self._void = 0
        """The order that was ended here; whatever is still told of it is not passed on."""
        self._bringing: set[str] = set()
        self._tasks: set[asyncio.Task[None]] = set()

    async def give(self, order: Give) -> None:
        self._order, self._job_id = order.order, order.paint.job_id
        with contextlib.suppress(RayError):  # it is gone: `listen` finds out
            for lack in await self._actor.give.remote(order.order, order.paint):
                self._bring(lack)

    async def stop(self, job_id: str) -> None:
        with contextlib.suppress(RayError):
            await self._actor.stop.remote(job_id)

    async def pause(self, job_id: str) -> None:
        with contextlib.suppress(RayError):
            await self._actor.pause.remote(job_id)

    def end(self) -> None:
        with contextlib.suppress(RayError, ValueError):
            ray.kill(self._actor)

    async def listen(self) -> NoReturn:
        """Pass on what it tells, as long as it lives. Raises RayError."""
        seq, leaving = 0, False
        while True:
            more: More = await self._actor.more.remote(seq, WAIT_S)
            self._send(Beat(self.number))
            if more.leaving and not leaving:
                leaving = True
                self._send(Leaving(self.number))
            for numbered in more.reports:
                await self._hear(numbered)
            seq = more.seq

    async def _hear(self, numbered: Numbered) -> None:
        order, report = numbered
        if isinstance(report, Lacks):
            self._bring(report)
            return
        if order == self._void:
            return
        if isinstance(report, Told) and report.encoded.kind == VARIATION:
            try:
                await self._fetch(decode(report.encoded))
            except (RayError, asyncio.CancelledError):
                raise
            except Exception as error:  # no room for it here, most of all
                self._void = order
                await self.stop(report.job_id)
                report = Told(report.job_id, encode(end_of(error, report.job_id, "the server")))
        self._send(Hears(self.number, order, report))

    async def _fetch(self, happening: Happening) -> None:
        """Have the pixels of a result here before anybody hears of it."""
        assert isinstance(happening, VariationDone)
        for sha256 in dict.fromkeys(happening.variation.result.blobs):
            status = self._blobs.received(sha256)
            offset = status.received
            while not status.present:
                total, piece = await self._actor.piece.remote(sha256, offset)
                status = await asyncio.to_thread(self._blobs.put_chunk, sha256, offset, total, piece)
                offset = status.received
                self._send(Beat(self.number))

    def _bring(self, lack: Lacks) -> None:
        if lack.sha256 not in self._bringing:
            self._bringing.add(lack.sha256)
            task = asyncio.ensure_future(self._brought(lack))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _brought(self, lack: Lacks) -> None:
        """Send a painter what it lacks, from where it has it."""
        sha256, offset = lack
        try:
            total = await asyncio.to_thread(self._blobs.verify, sha256)
            while offset < total:
                piece = await asyncio.to_thread(next, self._blobs.chunks(sha256, offset, PIECE_BYTES), b"")
                offset = await self._actor.take.remote(sha256, offset, total, piece)
                self._send(Beat(self.number))
            if not total:
                await self._actor.take.remote(sha256, 0, 0, b"")
        except BlobMissing:
            with contextlib.suppress(RayError):
                await self._actor.nowhere.remote(sha256)
        except RayTaskError:
            _log.exception("blob %s does not reach painter %d", sha256, self.number)
            self.end()  # no room there, or a broken disk: its job begins anew elsewhere
        except RayError:
            pass  # it is gone: `listen` finds out
        finally:
            self._bringing.discard(sha256)


def _cluster_at(address: str) -> str:
    """The name of the cluster whose head is there now. Raises where none answers."""
    return str(GcsClient(address=address).cluster_id.hex())  # pyright: ignore[reportUnknownMemberType, reportUnknownArgumentType]


async def _address_of(node_id: str) -> Address:
    nodes: list[dict[str, Any]] = await asyncio.to_thread(ray.nodes)
    node = next(node for node in nodes if node["NodeID"] == node_id)
    return Address(node_id, node["NodeManagerAddress"], node["NodeManagerPort"])


async def _lives(where: Address) -> bool:
    """Whether a node is there although its painter is not."""
    await asyncio.sleep(SETTLED_S)
    try:
        async with asyncio.timeout(LOOK_S):
            _, writer = await asyncio.open_connection(where.host, where.port)
            writer.close()
            nodes: list[dict[str, Any]] = await asyncio.to_thread(ray.nodes)
    except (OSError, RayError):
        return False
    return any(node["NodeID"] == where.node_id and node["Alive"] for node in nodes)


def _first_line(error: Exception) -> str:
    return next((line.strip() for line in str(error).splitlines() if line.strip()), type(error).__name__)
