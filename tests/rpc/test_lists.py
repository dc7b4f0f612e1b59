"""Lists of jobs come in pages, batch by batch, and no answer is heavier than a message may be."""

import dataclasses
import uuid

import pytest

from inlay.client import Ticket
from inlay.color.profiles import profile_bytes
from inlay.color.raster import Raster, SampleType
from inlay.v1 import inlay_pb2
from rpc.doors import Refused, call, stream

pytestmark = pytest.mark.slow


def test_jobs_are_listed_page_by_page_and_batch_by_batch(door, client, pixels, selection, recipe):
    client.upload(pixels)
    client.upload(selection)
    batch = f"batch {uuid.uuid4()}"
    jobs = [client.submit(str(uuid.uuid4()), recipe.altered(seed=seed), Ticket(batch=batch)) for seed in range(3)]
    client.submit(str(uuid.uuid4()), recipe, Ticket(batch=f"{batch} (another)"))

    def page(after: str) -> inlay_pb2.ListJobsResponse:
        return call(door, "ListJobs", inlay_pb2.ListJobsRequest(batch=batch, limit=2, after=after))

    first = page("")
    second = page(first.next)
    for job in (*jobs, *client.jobs(batch=f"{batch} (another)")):
        client.cancel(job.job_id)
    assert [job.job_id for job in (*first.jobs, *second.jobs)] == [job.job_id for job in reversed(jobs)]
    assert (len(first.jobs), bool(first.next), len(second.jobs), second.next) == (2, True, 1, "")
    assert {job.batch for job in first.jobs} == {batch}
    with pytest.raises(Refused) as refused:
        page(str(uuid.uuid4()))
    assert (refused.value.code, refused.value.facts.field) == ("NOT_FOUND", "after")


def test_a_long_profile_is_told_once_and_not_with_every_result(door, client, pixels, selection, recipe):
    client.upload(pixels)
    client.upload(selection)
    source = dataclasses.replace(recipe.canvas.source, icc=long_profile(1_500_000))
    batch = f"batch {uuid.uuid4()}"
    jobs = [
        client.submit(str(uuid.uuid4()), recipe.altered(source=source, seed=seed), Ticket(batch=batch))
        for seed in range(4)
    ]
    *_, done, _ = stream(door, "WatchJob", inlay_pb2.WatchJobRequest(job_id=jobs[0].job_id))
    assert not done.event.variation.variation.patch.pixels.icc
    (memory, _) = client.memories(jobs[0].job_id)
    assert memory.recipe.canvas.source.icc == memory.patch.pixels.icc == source.icc

    listed = call(door, "ListJobs", inlay_pb2.ListJobsRequest(batch=batch))
    assert len(listed.jobs) == 2, "an answer has 4 MiB at most"
    assert listed.jobs[0].recipe.canvas.source.icc == source.icc
    rest = call(door, "ListJobs", inlay_pb2.ListJobsRequest(batch=batch, after=listed.next))
    assert [job.job_id for job in (*listed.jobs, *rest.jobs)] == [job.job_id for job in reversed(jobs)]
    assert len(client.jobs(batch=batch)) == 4
    for job in jobs:
        client.cancel(job.job_id)


def long_profile(length: int) -> bytes:
    """A valid profile with so many bytes: sRGB's, and a tag that nobody reads."""
    short = profile_bytes(Raster(1, 1, "RGB", SampleType.U8, 255, "sRGB IEC61966-2.1", "0" * 64))
    return length.to_bytes(4, "big") + short[4:] + bytes(length - len(short))
