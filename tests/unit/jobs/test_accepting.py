"""What becomes a job: recipes within every limit, whose pixels are here; the same one twice is one."""

import asyncio
import dataclasses
import threading
from pathlib import Path

import pytest

from inlay.engines.registry import Registry
from inlay.errors import BlobMissing, InvalidInput, JobConflict, NotFound
from inlay.events import Done
from inlay.job import JobState
from inlay.recipe import Recipe
from inlay.region import Size
from support.job_room import all_events, jobs_in, new_id, run, small_recipe, submitted

pytestmark = pytest.mark.slow


def test_submitting_again_is_the_same_job_even_once_its_pixels_are_gone(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with jobs_in(tmp_path, "paint") as jobs:
            job_id, recipe = new_id(), small_recipe(jobs.blobs)
            await jobs.submit(job_id, recipe)
            await all_events(jobs, job_id)
            (jobs.blobs.folder / recipe.canvas.source.blob[:2] / recipe.canvas.source.blob).unlink()
            again = await jobs.submit(job_id, recipe)
            assert again.state is JobState.DONE
            assert len(jobs.list()) == 1
            with pytest.raises(JobConflict):
                await jobs.submit(job_id, recipe.altered(seed=1))

    run(scenario())


PART_OF = {"source": "canvas", "mask": "where"}
"""The part of a recipe in which each of its rasters stands."""


@pytest.mark.parametrize("field", ["source", "mask"])
def test_a_job_whose_blobs_have_not_arrived_is_not_accepted(tmp_path: Path, field: str) -> None:
    async def scenario() -> None:
        async with jobs_in(tmp_path, "paint") as jobs:
            recipe = small_recipe(jobs.blobs)
            part = PART_OF[field]
            held = getattr(getattr(recipe, part), field)
            absent = dataclasses.replace(held, blob="0" * 64)
            with pytest.raises(BlobMissing) as refused:
                await jobs.submit(new_id(), recipe.altered(**{field: absent}))
            assert refused.value.field == f"{part}.{field}.blob"
            short = dataclasses.replace(held, blob=jobs.blobs.add(b"short"))
            with pytest.raises(InvalidInput, match=f"{part}.{field}.blob is 5 bytes long; its raster takes"):
                await jobs.submit(new_id(), recipe.altered(**{field: short}))
            assert jobs.list() == []

    run(scenario())


@pytest.mark.parametrize("field", ["source", "mask"])
def test_pixels_that_went_bad_on_the_disk_are_asked_for_again_before_the_job_is_accepted(
    tmp_path: Path, field: str
) -> None:
    async def scenario() -> None:
        async with jobs_in(tmp_path, "paint") as jobs:
            recipe = small_recipe(jobs.blobs)
            name = getattr(getattr(recipe, PART_OF[field]), field).blob
            path = jobs.blobs.folder / name[:2] / name
            path.write_bytes(bytes(path.stat().st_size))
            with pytest.raises(BlobMissing) as refused:
                await jobs.submit(new_id(), recipe)
            assert refused.value.field == f"{PART_OF[field]}.{field}.blob"
            assert jobs.list() == []
            assert not jobs.blobs.received(name).present
            job = await jobs.submit(new_id(), small_recipe(jobs.blobs))  # puts them again
            assert isinstance((await all_events(jobs, job.job_id))[-1].happening, Done)

    run(scenario())


def test_an_accepted_recipe_says_what_will_paint_it_and_is_still_the_same_job(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with jobs_in(tmp_path, "paint") as jobs:
            recipe, job_id = small_recipe(jobs.blobs), new_id()
            job = await jobs.submit(job_id, recipe)
            resolved = job.recipe.sampling.resolved
            assert resolved
            assert (resolved.model, resolved.working) == ("classic", Size(8, 8))
            for again in (recipe, job.recipe):
                assert (await jobs.submit(job_id, again)).submitted_unix_ms == job.submitted_unix_ms
            repeated = await jobs.submit(new_id(), job.recipe)
            assert repeated.recipe == job.recipe
            gone = dataclasses.replace(resolved, model="gone")
            with pytest.raises(NotFound, match="gone"):
                await jobs.submit(new_id(), recipe.altered(resolved=gone))
            with pytest.raises(JobConflict):
                await jobs.submit(job_id, recipe.altered(seed=1))

    run(scenario())


def test_nobody_waits_while_a_recipe_is_checked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    checking, checked = threading.Event(), threading.Event()

    def check(recipe: Recipe, registry: Registry) -> None:
        checking.set()
        assert checked.wait(60)

    async def scenario() -> None:
        async with jobs_in(tmp_path, "paint") as jobs:
            monkeypatch.setattr("inlay.jobs.admission.check", check)
            submitting = asyncio.create_task(submitted(jobs))
            while not checking.is_set():
                await asyncio.sleep(0.001)
            assert jobs.list() == []
            checked.set()
            await all_events(jobs, (await submitting).job_id)

    run(scenario())


def test_a_recipe_outside_its_limits_is_not_accepted(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with jobs_in(tmp_path, "paint") as jobs:
            with pytest.raises(InvalidInput, match="count is 0"):
                await submitted(jobs, count=0)
            with pytest.raises(InvalidInput, match="job_id"):
                await jobs.submit("not a uuid", small_recipe(jobs.blobs))
            assert jobs.list() == []

    run(scenario())
