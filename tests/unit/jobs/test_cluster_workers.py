"""A painter on another machine as the server sees it, and what it fetches, without Ray: the messages alone."""

import asyncio
import hashlib
import queue
import subprocess
import sys
import threading
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from inlay.blobs import BlobStore
from inlay.errors import BlobMissing, Cancelled, NotStarted, WorkerDied
from inlay.events import Done, Happening, Loading
from inlay.jobs.event_codec import encode
from inlay.jobs.workers.base import Paint, Proof
from inlay.jobs.workers.child import Proved, Proves, Taken, Told
from inlay.jobs.workers.cluster.messages import End, Give, Hears, Lacks, Stop, ToBridge
from inlay.jobs.workers.cluster.painter import ClusterPainter, FetchingStore
from inlay.jobs.workers.cluster.worker import ClusterWorker
from inlay.node import Node
from support.acting import PaintsWith
from support.job_room import jobs_in, run, small_recipe, submitted

PAINT = Paint("job", "{}", 0)
PAINTS: Any = PaintsWith("support.painters:paint")


class Bridge:
    """Notes what is sent to it."""

    def __init__(self) -> None:
        self.sent: list[ToBridge] = []
        self.worker = ClusterWorker(7, "cuda:anna/0", self.sent.append)

    def tells(self, happening: Happening, order: int) -> None:
        self.worker.heard(Hears(7, order, Told("job", encode(happening))))

    async def takes(self, order: int) -> None:
        taking = asyncio.ensure_future(self.worker.take(PAINT))
        await asyncio.sleep(0)
        assert self.sent[-1] == Give(7, order, PAINT)
        self.worker.heard(Hears(7, order, Taken("job")))
        await taking


def test_what_is_told_of_an_earlier_attempt_is_not_listened_to() -> None:
    async def story() -> None:
        bridge = Bridge()
        await bridge.takes(1)
        await bridge.takes(2)
        bridge.tells(Done(1.0), order=1)
        bridge.tells(Loading("pixels"), order=2)
        bridge.tells(Done(2.0), order=2)
        assert [one async for one in bridge.worker.happenings("job")] == [Loading("pixels"), Done(2.0)]

    run(story())


@pytest.mark.parametrize("alone", [True, False], ids=["its painter died", "its node was lost"])
def test_a_job_is_to_blame_where_its_painter_died_alone_and_never_where_the_node_did(alone: bool) -> None:
    async def story() -> None:
        bridge = Bridge()
        await bridge.takes(1)
        bridge.worker.left("was lost with its node", alone)
        with pytest.raises(WorkerDied, match="cuda:anna/0 was lost with its node"):
            await anext(bridge.worker.happenings("job"))
        assert bridge.worker.was_told_to_end is not alone
        assert not bridge.worker.lanes, "it would be given jobs"
        with pytest.raises(NotStarted):
            await bridge.worker.take(PAINT)

    run(story())


def test_what_a_painter_told_before_it_died_is_heard_first() -> None:
    async def story() -> None:
        bridge = Bridge()
        await bridge.takes(1)
        bridge.tells(Done(1.0), order=1)
        bridge.worker.left("was lost with its node", alone=False)
        assert [one async for one in bridge.worker.happenings("job")] == [Done(1.0)]

    run(story())


def test_a_painter_that_answers_no_more_is_ended() -> None:
    async def story() -> None:
        bridge = Bridge()
        bridge.worker = ClusterWorker(7, "cuda:anna/0", bridge.sent.append, silent_s=0.1)
        bridge.worker.beat()
        waiting = asyncio.ensure_future(anext(bridge.worker.happenings("job")))
        while End(7) not in bridge.sent:
            await asyncio.sleep(0.05)
        bridge.worker.left("ended", alone=True)
        with pytest.raises(WorkerDied, match="hung"):
            await waiting

    run(story())


def test_a_cancel_goes_to_the_painter() -> None:
    bridge = Bridge()
    bridge.worker.cancel("job")
    assert bridge.sent == [Stop(7, "job")]


def test_who_leaves_takes_no_job_and_is_stopped_and_another_takes_what_waits(tmp_path: Path) -> None:
    async def story() -> None:
        sent: list[ToBridge] = []
        async with jobs_in(tmp_path, "paint", devices=()) as jobs:
            leaving = ClusterWorker(1, "cpu:anna/0", sent.append)
            leaving.drain()
            jobs.hire(leaving)
            while jobs.devices:
                await asyncio.sleep(0.01)
            other = ClusterWorker(2, "cpu:bert/0", sent.append)
            jobs.hire(other)
            job = await submitted(jobs)
            while not any(isinstance(one, Give) for one in sent):
                await asyncio.sleep(0.01)
            assert End(1) in sent
            given = next(one for one in sent if isinstance(one, Give))
            assert (given.painter, given.paint.job_id) == (2, job.job_id)
            other.left("was lost with its node", alone=False)
            jobs.stir()
            third = ClusterWorker(3, "cpu:cleo/0", sent.append)
            jobs.hire(third)
            while not any(isinstance(one, Give) and one.painter == 3 for one in sent):
                await asyncio.sleep(0.01)
            assert (await jobs.get(job.job_id)).state.ended is False

    run(story())


def test_jobs_wait_and_say_why_while_nobody_is_there(tmp_path: Path) -> None:
    async def story() -> None:
        async with jobs_in(tmp_path, "paint", devices=()) as jobs:
            jobs.hinders(
                "nobody paints on the cluster at here: no machine has joined it; `inlay join` there brings one"
            )
            assert "inlay join" in jobs.standstill
            jobs.hinders("")
            assert jobs.standstill == ""

    run(story())


PIXELS = bytes(range(256)) * 40
NAME = hashlib.sha256(PIXELS).hexdigest()


def store(folder: Path, asked: list[Lacks], cancelled: threading.Event | None = None) -> FetchingStore:
    def wanted() -> None:
        if cancelled and cancelled.is_set():
            raise Cancelled

    return FetchingStore(folder, 2**30, asked.append, wanted)


def in_thread(blobs: FetchingStore, asked: list[Lacks]) -> "tuple[threading.Thread, list[object]]":
    """Read in a thread until it asks."""
    found: list[object] = []

    def read() -> None:
        try:
            found.append(bytes(blobs.read(NAME)))
        except (BlobMissing, Cancelled) as error:
            found.append(error)

    reading = threading.Thread(target=read)
    reading.start()
    while not asked and reading.is_alive():
        reading.join(0.01)
    return reading, found


def test_pixels_that_a_node_lacks_are_asked_for_and_go_on_where_they_broke_off(tmp_path: Path) -> None:
    BlobStore(tmp_path).put_chunk(NAME, 0, len(PIXELS), PIXELS[:1000])
    asked: list[Lacks] = []
    blobs = store(tmp_path, asked)
    reading, found = in_thread(blobs, asked)
    assert asked == [Lacks(NAME, 1000)]
    assert blobs.take(NAME, 0, len(PIXELS), PIXELS[:500]) == 1000, "it says where to go on"
    assert blobs.take(NAME, 1000, len(PIXELS), PIXELS[1000:5000]) == 5000
    assert blobs.take(NAME, 5000, len(PIXELS), PIXELS[5000:]) == len(PIXELS)
    reading.join(60)
    assert found == [PIXELS]
    assert bytes(blobs.read(NAME)) == PIXELS
    assert len(asked) == 1, "what is there is not asked for"


def test_pixels_that_the_server_does_not_have_either_are_missing(tmp_path: Path) -> None:
    asked: list[Lacks] = []
    blobs = store(tmp_path, asked)
    reading, found = in_thread(blobs, asked)
    blobs.nowhere(NAME)
    reading.join(60)
    assert isinstance(found[0], BlobMissing)


def test_a_job_that_is_taken_back_waits_for_no_pixels(tmp_path: Path) -> None:
    asked: list[Lacks] = []
    cancelled = threading.Event()
    blobs = store(tmp_path, asked, cancelled)
    reading, found = in_thread(blobs, asked)
    cancelled.set()
    reading.join(60)
    assert isinstance(found[0], Cancelled)


def test_a_painter_tells_everything_once_and_again_what_was_not_acknowledged(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    node = Node("anna", str(tmp_path / "node"))
    for name, value in node.environment.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "")
    painter = ClusterPainter(PAINTS)
    other = ClusterPainter(PAINTS)
    assert [one.hello().device for one in (painter, other)] == ["cpu:anna/0", "cpu:anna/1"]
    server = BlobStore(tmp_path / "server")
    recipe = small_recipe(server, count=2)
    lacking = painter.give(5, Paint("job", recipe.canonical(), 0))
    assert {lack.sha256 for lack in lacking} == set(recipe.blobs)
    for sha256, received in lacking:
        painter.take(sha256, received, server.size(sha256), bytes(server.read(sha256)))
    seq, told = 0, []
    while not (told and isinstance(told[-1].report, Told) and told[-1].report.encoded.kind == "done"):
        more = painter.more(seq, 1.0)
        assert painter.more(seq, 0.0).reports[: len(more.reports)] == more.reports
        seq, told = more.seq, [*told, *more.reports]
    assert {one.order for one in told if not isinstance(one.report, Proves | Proved)} == {5}
    assert [one.report.encoded.kind for one in told if isinstance(one.report, Told)].count("variation") == 2
    assert painter.more(seq, 0.0).reports == ()


def test_a_painter_that_cannot_paint_says_why_before_it_ends(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in Node("anna", str(tmp_path)).environment.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "")
    monkeypatch.setenv("BROKEN", str(tmp_path))
    (tmp_path / "broken cpu:anna/0").parent.mkdir(parents=True)
    (tmp_path / "broken cpu:anna/0").touch()
    did: queue.SimpleQueue[str] = queue.SimpleQueue()
    monkeypatch.setattr("inlay.jobs.workers.cluster.painter.time", SimpleNamespace(sleep=lambda _: did.put("stay")))
    monkeypatch.setattr("inlay.jobs.workers.cluster.painter.os._exit", lambda _: did.put("end"))
    painter = ClusterPainter(PaintsWith("support.painters:paint_where_it_can"))
    assert [did.get(timeout=120) for _ in range(2)] == ["stay", "end"]
    server = Bridge()
    for one in painter.more(0, 0.0).reports:
        server.worker.heard(Hears(7, *one))
    why = "cuda:anna/0 cannot be painted on: RuntimeError: the fan of cpu:anna/0 stands still"
    assert server.worker.proof == Proof(False, why)


def test_a_card_that_cannot_paint_is_tried_less_and_less_often_until_it_can(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each painter is a process of its own: what the one before it met is in the node's folder."""
    for name, value in Node("anna", str(tmp_path)).environment.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "")
    monkeypatch.setenv("BROKEN", str(tmp_path))
    did: queue.SimpleQueue[float | str] = queue.SimpleQueue()
    monkeypatch.setattr("inlay.jobs.workers.cluster.painter.time", SimpleNamespace(sleep=did.put))
    monkeypatch.setattr("inlay.jobs.workers.cluster.painter.os._exit", lambda _: did.put("end"))

    def stays_s(*, broken: bool) -> object:
        card = tmp_path / "broken cpu:anna/0"
        if broken:
            card.parent.mkdir(parents=True, exist_ok=True)
            card.touch()
        else:
            card.unlink(missing_ok=True)
        painter = ClusterPainter(PaintsWith("support.painters:paint_where_it_can"))
        painter._slot.release()  # as the end of its process does
        if broken:
            stayed = did.get(timeout=120)
            assert did.get(timeout=120) == "end"
            return stayed
        seq, told = 0, list[object]()
        while Proved() not in told:
            more = painter.more(seq, 120.0)
            seq, told = more.seq, [*told, *(one.report for one in more.reports)]
        return 0

    tries = [stays_s(broken=True) for _ in range(5)]
    assert tries == [5, 10, 20, 30, 30]
    stays_s(broken=False)
    assert stays_s(broken=True) == 5


def test_a_painter_that_hangs_at_its_proof_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("inlay.jobs.workers.pulse.PROOF_S", 2.0)

    async def story() -> None:
        bridge = Bridge()
        await bridge.worker.start()
        bridge.worker.heard(Hears(7, 0, Proves()))
        async with asyncio.timeout(60):
            while not bridge.sent:
                bridge.worker.beat()
                await asyncio.sleep(0.01)
        assert bridge.sent == [End(7)]
        assert "far longer than a proof takes" in bridge.worker.hung
        await bridge.worker.stop()

    run(story())


def test_a_node_that_leaves_says_so_and_has_no_new_painter(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    node = Node("anna", str(tmp_path))
    for name, value in node.environment.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "")
    painter = ClusterPainter(PAINTS)
    assert not painter.more(0, 0.0).leaving
    node.leaving.touch()
    assert painter.more(0, 0.0).leaving
    with pytest.raises(RuntimeError, match="leaving"):
        ClusterPainter(PAINTS)


def test_a_server_without_a_cluster_never_imports_ray() -> None:
    code = (
        "import sys, inlay.rpc.server, inlay.cli.app, inlay.cli.serve, inlay.jobs.workers.child; "
        "print('ray' in sys.modules, 'inlay.jobs.workers.cluster.crew' in sys.modules)"
    )
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert said.stdout.split() == ["False", "True"]
