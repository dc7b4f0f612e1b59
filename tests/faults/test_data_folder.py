"""A data folder that is deleted, moved away or replaced under a running server: nothing is accepted into nowhere."""

import asyncio
import contextlib
import os
import shutil
import signal
from collections.abc import Coroutine, Iterator
from pathlib import Path
from typing import Any

import grpc
import pytest
from grpc_health.v1 import health_pb2, health_pb2_grpc

from inlay.client import Client
from inlay.errors import Hindered, Unavailable
from inlay.events import Done, Step
from inlay.job import JobState
from inlay.jobs.queue import Jobs
from rpc.process import running_server
from support.edits import MemoryBlobs, recipe_for
from support.job_room import all_events, jobs_in, new_id, small_recipe, submitted, until

pytestmark = pytest.mark.slow


SERVING, NOT_SERVING = health_pb2.HealthCheckResponse.SERVING, health_pb2.HealthCheckResponse.NOT_SERVING
PARTS = {"everything": ".", "the journal": "journal.sqlite", "the pixels": "blobs"}


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("inlay.jobs.queue.PATIENCE_S", 0.1)
    monkeypatch.setattr("inlay.jobs.housekeeping.LOOK_S", 0.05)


def run(scenario: Coroutine[Any, Any, None]) -> None:
    async def limited() -> None:
        async with asyncio.timeout(120):
            await scenario

    asyncio.run(limited())


@contextlib.contextmanager
def away(path: Path) -> Iterator[None]:
    """Moved, as by somebody who tidies up, or by a disk that is unmounted; at the end it is back."""
    elsewhere = path.with_name(path.name + "-elsewhere")
    path.rename(elsewhere)
    yield
    assert not path.exists(), "nothing is made in its place"
    elsewhere.rename(path)


async def noticed(jobs: Jobs) -> None:
    while "deleted, moved or replaced" not in jobs.standstill:
        await jobs.standstill_changed(jobs.standstill)


async def goes_on(jobs: Jobs) -> None:
    while why := jobs.standstill:
        await jobs.standstill_changed(why)


@pytest.mark.parametrize("part", PARTS)
def test_a_data_folder_that_was_away_is_noticed_and_its_jobs_go_on_when_it_is_back(tmp_path: Path, part: str) -> None:
    data, told = tmp_path / "data", tmp_path / "told"
    data.mkdir()

    async def scenario() -> None:
        async with jobs_in(data, "paint_when_told") as jobs:
            job, recipe = await submitted(jobs, prompt=str(told)), small_recipe(jobs.blobs, seed=2, prompt=str(told))
            await until(jobs, job.job_id, Step)
            with away(data / PARTS[part]):
                await noticed(jobs)
                with pytest.raises(Hindered, match="Put it back and work goes on"):
                    await jobs.submit(new_id(), recipe)
                told.touch()
                pid = jobs._workers[0].pid
                assert pid
                os.kill(pid, signal.SIGKILL)  # neither may the next worker make a folder
                await asyncio.sleep(0)
            await goes_on(jobs)
            other = await jobs.submit(new_id(), recipe)
            for job_id in (job.job_id, other.job_id):
                assert isinstance((await all_events(jobs, job_id))[-1].happening, Done)
            assert [job.state for job in jobs.list()] == [JobState.DONE] * 2

    run(scenario())


@pytest.mark.parametrize("part", PARTS)
def test_what_replaces_a_data_folder_gets_nothing_and_a_restart_is_named_as_the_way_out(
    tmp_path: Path, part: str
) -> None:
    data = tmp_path / "data"
    data.mkdir()

    async def scenario() -> None:
        async with jobs_in(data, "paint") as jobs:
            recipe, path = small_recipe(jobs.blobs), data / PARTS[part]
            await all_events(jobs, (await submitted(jobs)).job_id)
            if path.is_dir():
                shutil.copytree(path, tmp_path / "copy")
                shutil.rmtree(path)
            else:
                shutil.copy(path, tmp_path / "copy")
                path.unlink()
            (tmp_path / "copy").rename(path)
            await noticed(jobs)
            before = {file: file.read_bytes() for file in path.rglob("*") if file.is_file()}
            with pytest.raises(Hindered, match="stop the server and start it again"):
                await jobs.submit(new_id(), recipe)
            if part != "the journal":
                with pytest.raises(Hindered):
                    jobs.blobs.put_chunk("a" * 64, 0, 10, b"pixels")
                with pytest.raises(Hindered):
                    jobs.blobs.add(b"a result")
                with pytest.raises(Hindered):
                    jobs.blobs.received(recipe.canvas.source.blob)
            assert before == {file: file.read_bytes() for file in path.rglob("*") if file.is_file()}

    run(scenario())


def test_health_says_that_the_data_folder_is_gone_although_nobody_asks_for_anything(tmp_path: Path) -> None:
    data = tmp_path / "data"
    with running_server(data) as server, Client(server.address, patience_s=0) as client:
        health = health_pb2_grpc.HealthStub(grpc.insecure_channel(server.address))
        told = health.Watch(health_pb2.HealthCheckRequest(), timeout=120)
        assert next(told).status == SERVING
        with away(data):
            assert next(told).status == NOT_SERVING
            with pytest.raises(Unavailable, match="deleted, moved or replaced"):
                client.upload(b"pixels")
        assert next(told).status == SERVING
        blobs, job_id = MemoryBlobs(), new_id()
        recipe = recipe_for(blobs, seed=1, count=1)
        for pixels in blobs.held.values():
            client.upload(pixels)
        client.submit(job_id, recipe)
        assert isinstance(list(client.watch(job_id))[-1].happening, Done)
