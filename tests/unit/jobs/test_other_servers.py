"""Jobs that another server paints: beside what the devices do, paid once whatever dies, and none with --no-remote."""

import asyncio
import contextlib
import os
import signal

import pytest

from inlay.blobs import BlobStore
from inlay.engines.models.remote_entry import Remote
from inlay.engines.registry import Registry
from inlay.engines.remote.comfy_graph_file import stored
from inlay.errors import Unsupported
from inlay.events import Done, Failed, JobCancelled, VariationDone
from inlay.jobs.journal import Journal
from inlay.jobs.queue import Jobs, WorkerSettings
from inlay.jobs.workers.ledger import ledgers_beside, sweep
from support import comfy_graphs
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
        remote = Remote(server.address, multiple=32, mask="white")
        given = comfy_graphs.written(comfy_graphs.INVERT, tmp_path / "graph.json")
        path, digest, files, _ = stored(str(given), tmp_path / "graphs" / "kept.json", remote)
        run(story(server, Room(tmp_path, "comfyui", remote, path, digest, files=files)))
