"""Jobs that another server paints: beside what the devices do, paid once whatever dies, and none with --no-remote."""

import asyncio
import contextlib
import os
import signal
from types import SimpleNamespace

import numpy as np
import pytest

from inlay.blobs import BlobStore
from inlay.engines.models.remote_entry import Remote
from inlay.engines.registry import Registry
from inlay.engines.remote.pictures import png_of
from inlay.errors import Unsupported
from inlay.events import Done, Failed, JobCancelled, Loading, Queued, VariationDone
from inlay.job import Job, JobState
from inlay.jobs.journal import Journal
from inlay.jobs.queue import Jobs, WorkerSettings
from inlay.jobs.workers import child
from inlay.jobs.workers.base import Paint
from inlay.jobs.workers.ledger import ledgers_beside, sweep
from support import comfy_graphs, comfy_rooms
from support.comfy_rooms import posted, uploaded
from support.comfy_server import comfy_server
from support.image_servers import Manners, disc, image_server, soon
from support.job_room import all_events, new_id, run
from support.remote_edits import CENTER, RADIUS, WINDOW, Room

pytestmark = pytest.mark.slow

DISC = disc(*CENTER, RADIUS, WINDOW.size)


def room_for(server, folder) -> Room:
    remote = Remote(server.address, mask="both", seed_field="seed", sends_pixels_to="Imitation Inc.")
    return Room(folder, "images_api", remote)


@contextlib.asynccontextmanager
async def jobs_of(room: Room, remote: int = 1):
    journal = Journal(room.folder / "journal.sqlite")
    blobs = BlobStore(room.folder / "blobs", pinned=journal.pinned)
    registry = Registry(room.catalog)
    registry.sends_nothing = not remote
    jobs = Jobs(journal, blobs, registry, WorkerSettings(("cpu",), remote=remote, cancel_grace_s=3))
    await jobs.start()
    try:
        yield jobs
    finally:
        await jobs.stop()


async def arrived(server, count: int = 1) -> None:
    await asyncio.to_thread(soon, lambda: len(server.received) >= count)


def last(events):
    return events[-1].happening


def test_a_job_that_waits_for_another_server_keeps_no_device_from_its_work(tmp_path):
    async def story(server, room):
        async with jobs_of(room) as jobs:
            away = await jobs.submit(new_id(), room.recipe())
            await arrived(server)
            here = await jobs.submit(new_id(), room.recipe("erase", model="classic", prompt=""))
            assert isinstance(last(await all_events(jobs, here.job_id)), Done)
            assert not jobs.state(away.job_id).ended
            await jobs.cancel(away.job_id)
            assert isinstance(last(await all_events(jobs, away.job_id)), JobCancelled)

    with image_server("openai", Manners(transport="never")) as server:
        run(story(server, room_for(server, tmp_path)))


def test_the_other_server_is_asked_in_a_worker_and_the_result_is_a_patch(tmp_path):
    async def story(server, room):
        async with jobs_of(room) as jobs:
            job = await jobs.submit(new_id(), room.recipe(count=2))
            events = await all_events(jobs, job.job_id)
            assert isinstance(last(events), Done)
            made = [one.happening.variation for one in events if isinstance(one.happening, VariationDone)]
            assert [one.seed for one in made] == [7, 8]
            assert made[0].receipt["sent_to"] == "Imitation Inc."
            assert jobs.journal.job(job.job_id).device == "remote:0"
            assert len(server.received) == 2
            while jobs.queue_length:
                await asyncio.sleep(0.01)
            assert not jobs.journal.usage.today(job.person), "no card of this studio was at it"

    with image_server("openai", Manners(DISC)) as server:
        run(story(server, room_for(server, tmp_path)))


@pytest.mark.parametrize("who", ["worker", "server"])
def test_a_call_that_was_under_way_when_somebody_died_is_told_and_not_made_again(who, tmp_path):
    async def story(server, room):
        async with jobs_of(room) as jobs:
            job = await jobs.submit(new_id(), room.recipe())
            await arrived(server)
            if who == "worker":
                (pid,) = [worker.pid for worker in jobs._workers if worker.device == "remote:0"]
                os.kill(pid, signal.SIGKILL)
                end = last(await all_events(jobs, job.job_id))
        if who == "server":
            async with jobs_of(room) as jobs:
                end = last(await all_events(jobs, job.job_id))
        assert isinstance(end, Failed)
        assert "may have been billed" in end.message
        assert len(server.received) == 1

    with image_server("openai", Manners(transport="never")) as server:
        run(story(server, room_for(server, tmp_path)))


def test_without_remote_nothing_can_be_sent(tmp_path):
    async def story(server, room):
        async with jobs_of(room, remote=0) as jobs:
            assert "away" not in [engine.name for engine in jobs.registry.available()]
            with pytest.raises(Unsupported, match="--no-remote"):
                await jobs.submit(new_id(), room.recipe())
            assert [worker.device for worker in jobs._workers] == ["cpu"]
        assert not server.received

    with image_server("openai", Manners(DISC)) as server:
        run(story(server, room_for(server, tmp_path)))


def test_a_worker_for_other_servers_starts_with_its_first_job(tmp_path):
    """Most studios never have one; and the second is no reason to start another while the first is free."""

    def pids(jobs):
        return [worker.pid for worker in jobs._workers if worker.device.startswith("remote")]

    async def story(server, room):
        async with jobs_of(room, remote=2) as jobs:
            here = await jobs.submit(new_id(), room.recipe("erase", model="classic", prompt=""))
            assert isinstance(last(await all_events(jobs, here.job_id)), Done)
            assert pids(jobs) == [None, None]
            away = await jobs.submit(new_id(), room.recipe())
            assert isinstance(last(await all_events(jobs, away.job_id)), Done)
            assert [pid is None for pid in pids(jobs)].count(True) == 1

    with image_server("openai", Manners(DISC)) as server:
        run(story(server, room_for(server, tmp_path)))


def test_a_worker_of_this_machine_never_asks_another_server(tmp_path):
    with image_server("openai", Manners(DISC)) as server:
        room = room_for(server, tmp_path)
        with pytest.raises(Unsupported, match="never on cpu"):
            Registry(room.catalog, "cpu").engine("away")
        assert not server.received


def test_what_was_kept_of_a_job_goes_once_it_is_over(tmp_path):
    async def story(server, room):
        async with jobs_of(room) as jobs:
            job = await jobs.submit(new_id(), room.recipe())
            await all_events(jobs, job.job_id)
            folder = ledgers_beside(jobs.journal.path)
            assert [left.name for left in folder.iterdir()] == [job.job_id]
            sweep(folder, lambda job_id: not jobs.state(job_id).ended)
            assert [left.name for left in folder.iterdir()] == [job.job_id]
            sweep(folder, lambda job_id: jobs.state(job_id).ended)
            assert not [*folder.iterdir()]

    with image_server("openai", Manners(DISC)) as server:
        run(story(server, room_for(server, tmp_path)))


def test_a_job_says_how_many_are_before_it_in_comfyui(tmp_path):
    async def story(server, room):
        theirs = comfy_graphs.slow(steps=100_000)
        theirs["1"] = {**theirs["1"], "inputs": {"image": "theirs.png"}}
        uploaded(server, "theirs.png", png_of(np.full((48, 64, 3), 0.5, np.float32)))
        others = [new_id(), new_id()]
        for other in others:
            posted(server, "/prompt", {"prompt": theirs, "prompt_id": other})
        async with jobs_of(room) as jobs:
            job = await jobs.submit(new_id(), room.recipe())
            await waits_behind(jobs, job, 2)
            posted(server, f"/api/jobs/{others[1]}/cancel", {})
            await waits_behind(jobs, job, 1)
            assert jobs.state(job.job_id) is JobState.QUEUED
            posted(server, f"/api/jobs/{others[0]}/cancel", {})
            events = [one.happening for one in await all_events(jobs, job.job_id)]
            assert isinstance(events[-1], Done)
            assert Queued(1) in events
            assert isinstance(events[events.index(Queued(1)) + 1], Loading)

    with comfy_server() as server:
        run(story(server, comfy_rooms.room_for(server.address, tmp_path)))


async def waits_behind(jobs: Jobs, job: Job, position: int) -> None:
    """Until the worker said so: before that the job was next in Inlay's own line."""

    def told() -> bool:
        return any(one.happening == Queued(position) for one in jobs.journal.events(job.job_id))

    while not told():
        await asyncio.sleep(0.02)


@pytest.mark.parametrize("who", ["worker", "server"])
def test_a_job_in_comfyui_is_found_again_by_whoever_comes_after_and_runs_once(who, tmp_path):
    async def story(server, room):
        async with jobs_of(room) as jobs:
            job = await jobs.submit(new_id(), room.recipe())
            await asyncio.to_thread(soon, lambda: bool(server.ran))
            if who == "worker":
                (pid,) = [worker.pid for worker in jobs._workers if worker.device == "remote:0"]
                os.kill(pid, signal.SIGKILL)
                server.free.set()
                end = last(await all_events(jobs, job.job_id))
        if who == "server":
            server.free.set()
            async with jobs_of(room) as jobs:
                end = last(await all_events(jobs, job.job_id))
        assert isinstance(end, Done)
        assert len(server.ran) == 1

    with comfy_server() as server:
        server.free.clear()
        run(story(server, comfy_rooms.room_for(server.address, tmp_path)))


def test_what_a_job_waits_in_another_servers_line_is_no_time_that_it_takes(tmp_path, monkeypatch):
    """Else the next one would be foreseen to take as long; and it is said now and then, as silence would be taken for death."""
    clock, told = [1000.0], []
    monkeypatch.setattr(child.time, "monotonic", lambda: clock[0])
    room = Room(tmp_path, "images_api", Remote("http://127.0.0.1:9"))

    class Paints:
        def paint(self, recipe, blobs, progress, first):
            for position, seconds in ((2, 90), (2, 10), (1, 100), (0, 5)):
                progress.waits(position)
                clock[0] += seconds
            yield from ()

    order = Paint(new_id(), room.recipe().canonical(), 0)
    desk = SimpleNamespace(cancelled=lambda _: False)
    end = child._paint(order, Paints, "remote:0", room.blobs, desk, None, told.append, lambda: None)
    assert end == Done(5.0)
    assert told == [Queued(2), Queued(2), Queued(1), Loading("")]
