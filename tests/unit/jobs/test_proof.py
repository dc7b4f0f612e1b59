"""What proves that a device paints where a job came first, and that a proof ends with its process."""

import asyncio
from pathlib import Path

import pytest

from inlay.blobs import BlobStore
from inlay.errors import WorkerDied
from inlay.jobs.workers.base import Paint, Proof, Workplace
from inlay.jobs.workers.child import Desk, Proved, Taken, Told, work_through
from inlay.jobs.workers.local import LocalWorker
from support.acting import PaintsWith
from support.job_room import run, small_recipe


class EnoughError(Exception):
    """The job's end was told."""


@pytest.mark.parametrize(("painter", "end"), [("paint", "done"), ("paint_where_it_can", "failed")])
def test_a_job_that_came_first_is_the_proof_if_it_succeeds(
    painter: str, end: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BROKEN", str(tmp_path))
    monkeypatch.setenv("DEVICE", "cpu")
    (tmp_path / "broken cpu").touch()
    blobs, desk, sent = BlobStore(tmp_path / "blobs"), Desk(), list[object]()

    def send(report: object) -> None:
        sent.append(report)
        if isinstance(report, Told) and report.encoded.kind == end:
            raise EnoughError

    desk.put(Paint("first", small_recipe(blobs).canonical(), 0))
    place = Workplace("cpu", blobs.folder, 2**30, tmp_path / "journal.sqlite")
    with pytest.raises(EnoughError):
        work_through(desk, place, PaintsWith(f"support.painters:{painter}"), blobs, tmp_path / "ledgers", send)
    assert sent[0] == Taken("first"), "it was not kept waiting"
    assert [one for one in sent if isinstance(one, Proved)] == [Proved()] * (end == "done")


def test_a_device_whose_worker_died_is_not_ready_before_another_has_painted(tmp_path: Path) -> None:
    blobs = BlobStore(tmp_path / "blobs")
    recipe = small_recipe(blobs, prompt=str(tmp_path / "one")).canonical()
    (tmp_path / "one.hold").touch()

    async def scenario() -> None:
        place = Workplace("cpu", blobs.folder, 2**30, tmp_path / "journal.sqlite")
        worker = LocalWorker(place, painter=PaintsWith("support.painters:begin_visibly"))
        try:
            await worker.start()
            while not worker.proof.painted:
                await asyncio.sleep(0.01)
            await worker.take(Paint("first", recipe, 0))
            assert worker.proof == Proof(painted=True)
            worker.kill()
            with pytest.raises(WorkerDied):
                async for _ in worker.happenings("first"):
                    pass
            assert worker.proof == Proof()
        finally:
            await worker.stop()

    run(scenario())
