"""The same cases through every door: gRPC, Connect binary, Connect JSON and gRPC-Web are one service."""

import hashlib
import random
import re
import time
import uuid

import grpc
import numpy as np
import pytest

from inlay.blobs import MAX_CHUNK_BYTES
from inlay.client import Client
from inlay.recipe import Recipe
from inlay.v1 import inlay_pb2, job_pb2, raster_pb2, recipe_pb2
from inlay.wire.codec import to_message
from inlay.wire.contract import SERVICE
from rpc.doors import Refused, call, stream
from rpc.process import RunningServer

pytestmark = pytest.mark.slow

HANDLER_LIMIT_S = 0.050
"""How soon a cancellation has to reach the handler."""

ATTEMPTS = 8
"""Other processes may hold the two processors of a test machine for a moment; the fastest of so many counts."""


def test_a_unary_call_is_answered(door):
    info = call(door, "GetServerInfo", inlay_pb2.GetServerInfoRequest())
    assert (info.protocol, list(info.devices), info.max_chunk_bytes) == (1, ["cpu"], MAX_CHUNK_BYTES)
    assert "sRGB-elle-V2-srgbtrc.icc" in info.profiles


def test_every_door_lists_the_same_models(door, client):
    models = call(door, "ListModels", inlay_pb2.ListModelsRequest()).models
    assert [model.id for model in models] == [engine.name for engine in client.models()]
    assert "erase" in models[0].verbs


def test_a_plan_names_the_window_to_capture(door):
    request = inlay_pb2.PlanEditRequest(
        document=raster_pb2.Size(width=4000, height=3000),
        region=raster_pb2.Rect(x=1000, y=900, width=100, height=80),
        verb="erase",
        context_px=50,
    )
    plan = call(door, "PlanEdit", request)
    assert (plan.window.x, plan.window.y, plan.window.width, plan.window.height) == (950, 850, 200, 180)
    assert plan.scale == 1.0
    assert not plan.HasField("estimate_s")


def test_a_stream_arrives_message_by_message(door):
    arrivals = []
    for message in stream(door, "ProbeStream", inlay_pb2.ProbeStreamRequest(count=4, interval_ms=100)):
        arrivals.append((message.index, time.monotonic()))
    assert [index for index, _ in arrivals] == [1, 2, 3, 4]
    assert arrivals[-1][1] - arrivals[0][1] > 0.2, "the messages were held back and came together"


def test_an_error_names_code_field_value_and_limit(door, client, recipe, pixels, selection, job_id):
    client.upload(pixels)
    client.upload(selection)
    client.submit(job_id, recipe)
    with pytest.raises(Refused) as refused:
        call(door, "PollJob", inlay_pb2.PollJobRequest(job_id=job_id, wait_ms=30_001))
    assert refused.value.code == "INVALID_ARGUMENT"
    assert refused.value.message == "wait_ms is 30001; it must be 0 .. 30000"
    assert refused.value.facts.type == "InvalidInput"
    assert refused.value.facts.field == "wait_ms"
    details = dict(refused.value.facts.details)
    assert re.fullmatch("[0-9a-f]{8}", details.pop("request"))
    assert details == {"value": "30001", "limit": "it must be 0 .. 30000"}


def test_an_error_of_a_stream_is_as_complete(door):
    unknown = str(uuid.uuid4())
    with pytest.raises(Refused) as refused:
        list(stream(door, "WatchJob", inlay_pb2.WatchJobRequest(job_id=unknown)))
    assert refused.value.code == "NOT_FOUND"
    assert unknown in refused.value.message
    assert (refused.value.facts.type, refused.value.facts.field) == ("NotFound", "job_id")


def test_an_error_may_speak_any_language(door):
    with pytest.raises(Refused) as refused:
        call(door, "CancelJob", inlay_pb2.CancelJobRequest(job_id="Ärger 修图 100%"))
    assert "Ärger 修图 100%" in refused.value.message


def test_a_chunk_in_the_wrong_place_is_told_where_to_resume(door):
    data = uuid.uuid4().bytes * 100
    name = hashlib.sha256(data).hexdigest()
    call(door, "PutBlob", inlay_pb2.PutBlobRequest(sha256=name, offset=0, total=len(data), data=data[:600]))
    with pytest.raises(Refused) as refused:
        call(door, "PutBlob", inlay_pb2.PutBlobRequest(sha256=name, offset=900, total=len(data), data=data[900:]))
    assert refused.value.code == "OUT_OF_RANGE"
    assert refused.value.facts.expected_offset == 600


def test_cancelling_a_stream_reaches_the_handler_at_once(door, server: RunningServer):
    delays = []
    for _ in range(ATTEMPTS):
        seen = len(server.notes("ProbeStream", "cancelled"))
        opened = door.open("ProbeStream", inlay_pb2.ProbeStreamRequest(count=100, interval_ms=1000))
        next(opened.messages())
        start = time.monotonic()
        opened.cancel()
        delays.append(server.await_note("ProbeStream", "cancelled", seen + 1) - start)
    assert min(delays) < HANDLER_LIMIT_S


def test_cancelling_a_unary_call_reaches_the_handler_at_once(door, server: RunningServer, client: Client, waiting_job):
    delays = []
    for _ in range(ATTEMPTS):
        began, seen = len(server.notes("PollJob", "began")), len(server.notes("PollJob", "cancelled"))
        request = inlay_pb2.PollJobRequest(job_id=waiting_job, after_seq=10**6, wait_ms=30_000)
        opened = door.open("PollJob", request)
        server.await_note("PollJob", "began", began + 1)
        start = time.monotonic()
        opened.cancel()
        delays.append(server.await_note("PollJob", "cancelled", seen + 1) - start)
    assert min(delays) < HANDLER_LIMIT_S


def test_a_deadline_ends_a_stream_and_its_handler(door, server: RunningServer):
    seen = len(server.notes("ProbeStream", "cancelled"))
    request = inlay_pb2.ProbeStreamRequest(count=100, interval_ms=500)
    with pytest.raises(Refused) as refused:
        list(stream(door, "ProbeStream", request, timeout_ms=700))
    assert refused.value.code == "DEADLINE_EXCEEDED"
    server.await_note("ProbeStream", "cancelled", seen + 1)


def test_a_poll_answers_before_its_deadline(door, waiting_job):
    request = inlay_pb2.PollJobRequest(job_id=waiting_job, after_seq=10**6, wait_ms=30_000)
    answer = call(door, "PollJob", request, timeout_ms=1_000)
    assert not answer.events
    assert answer.state == job_pb2.JOB_STATE_RUNNING


@pytest.mark.slow
def test_64_mib_go_up_and_come_down_unchanged(door):
    data = np.random.default_rng(uuid.uuid4().int % 2**32).bytes(64 * 2**20)
    name = hashlib.sha256(data).hexdigest()
    for offset in range(0, len(data), MAX_CHUNK_BYTES):
        chunk = data[offset : offset + MAX_CHUNK_BYTES]
        request = inlay_pb2.PutBlobRequest(sha256=name, offset=offset, total=len(data), data=chunk)
        answer = call(door, "PutBlob", request)
        assert answer.received == offset + len(chunk)
    assert answer.complete
    chunks = list(stream(door, "GetBlob", inlay_pb2.GetBlobRequest(sha256=name)))
    assert [chunk.total for chunk in chunks] == [len(data)] + [0] * (len(chunks) - 1)
    assert hashlib.sha256(b"".join(chunk.data for chunk in chunks)).hexdigest() == name


def test_a_blob_can_be_had_from_the_middle(door, client: Client):
    data = bytes(range(256)) * 20_000
    name = client.upload(data).sha256
    (chunk, *rest) = stream(door, "GetBlob", inlay_pb2.GetBlobRequest(sha256=name, offset=5_000_000))
    assert (chunk.total, chunk.offset, chunk.data + b"".join(more.data for more in rest)) == (
        len(data),
        5_000_000,
        data[5_000_000:],
    )


def test_a_blob_can_be_read_part_by_part_without_a_stream(door, client: Client):
    data = random.Random(6).randbytes(5_000_001)
    name = client.upload(data).sha256
    parts = [
        call(door, "ReadBlob", inlay_pb2.ReadBlobRequest(sha256=name, offset=at)) for at in range(0, 5_000_001, 2**21)
    ]
    assert [part.total for part in parts] == [len(data)] * 3
    assert b"".join(part.data for part in parts) == data
    middle = call(door, "ReadBlob", inlay_pb2.ReadBlobRequest(sha256=name, offset=1_000, length=17))
    assert middle.data == data[1_000:1_017]
    assert call(door, "ReadBlob", inlay_pb2.ReadBlobRequest(sha256=name, offset=len(data))).data == b""


@pytest.mark.parametrize(("offset", "length", "field"), [(4, 0, "offset"), (0, 2**21 + 1, "length")])
def test_a_part_that_no_blob_has_is_a_typed_error(door, client: Client, offset: int, length: int, field: str):
    request = inlay_pb2.ReadBlobRequest(sha256=client.upload(b"abc").sha256, offset=offset, length=length)
    with pytest.raises(Refused) as refused:
        call(door, "ReadBlob", request)
    assert refused.value.code == "INVALID_ARGUMENT"
    assert refused.value.facts.field == field


def test_an_empty_blob_is_a_blob(door):
    name = hashlib.sha256(b"").hexdigest()
    call(door, "PutBlob", inlay_pb2.PutBlobRequest(sha256=name))
    (chunk,) = stream(door, "GetBlob", inlay_pb2.GetBlobRequest(sha256=name))
    assert (chunk.total, chunk.data) == (0, b"")
    part = call(door, "ReadBlob", inlay_pb2.ReadBlobRequest(sha256=name))
    assert (part.total, part.data) == (0, b"")


def test_an_edit_goes_all_the_way(door, client: Client, recipe: Recipe, pixels: bytes, selection: bytes, job_id: str):
    for data in (pixels, selection):
        client.upload(data)
    submitted = call(
        door,
        "SubmitEdit",
        inlay_pb2.SubmitEditRequest(job_id=job_id, recipe=to_message(recipe, recipe_pb2.Recipe), label="me"),
    )
    assert submitted.job.state in (job_pb2.JOB_STATE_QUEUED, job_pb2.JOB_STATE_RUNNING)
    events = [answer.event for answer in stream(door, "WatchJob", inlay_pb2.WatchJobRequest(job_id=job_id))]
    kinds = [event.WhichOneof("happening") for event in events]
    assert kinds[0] == "queued"
    assert kinds[-1] == "done"
    assert kinds.count("variation") == 2
    assert [event.seq for event in events] == sorted({event.seq for event in events})
    for event in events:
        if event.WhichOneof("happening") == "variation":
            patch = event.variation.variation.patch.pixels
            chunks = stream(door, "GetBlob", inlay_pb2.GetBlobRequest(sha256=patch.blob))
            assert len(b"".join(chunk.data for chunk in chunks)) == len(pixels)
    call(door, "RateVariation", inlay_pb2.RateVariationRequest(job_id=job_id, variation=1, rating=job_pb2.RATING_KEPT))
    (listed, *_) = call(door, "ListJobs", inlay_pb2.ListJobsRequest(label="me", limit=1)).jobs
    assert (listed.job_id, listed.state, listed.variations_done) == (job_id, job_pb2.JOB_STATE_DONE, 2)


def test_a_body_that_is_no_message_is_a_typed_error(server: RunningServer):
    with (
        grpc.insecure_channel(server.address, [("grpc.enable_http_proxy", 0)]) as channel,
        pytest.raises(grpc.RpcError) as refused,
    ):
        channel.unary_unary(f"/{SERVICE}/PlanEdit")(b"\xff\xff\xff")
    assert refused.value.code() is grpc.StatusCode.INVALID_ARGUMENT


@pytest.fixture
def waiting_job(client: Client, recipe: Recipe, pixels: bytes, selection: bytes, job_id: str):
    """A job that runs for long."""
    for data in (pixels, selection):
        client.upload(data)
    client.submit(job_id, recipe.altered(prompt="slow"))
    for event in client.watch(job_id):
        if event.seq >= 2:
            break
    yield job_id
    client.cancel(job_id)


def test_a_probe_reads_the_regions_colour(door, client):
    samples = np.full((6, 8, 4), (20, 120, 220, 255), np.uint8)
    names = [client.upload(data).sha256 for data in (samples.tobytes(), b"\xff" * 48)]
    size = {"width": 8, "height": 6, "sample_type": raster_pb2.SAMPLE_TYPE_U8, "white_level": 255}
    request = inlay_pb2.ProbeRegionRequest(
        source=raster_pb2.Raster(
            **size, order=raster_pb2.CHANNEL_ORDER_BGRA, profile="sRGB-elle-V2-srgbtrc.icc", blob=names[0]
        ),
        mask=raster_pb2.Raster(**size, order=raster_pb2.CHANNEL_ORDER_Y, blob=names[1]),
        target_color="#dc7814",
    )
    found = call(door, "ProbeRegion", request)
    assert (found.hex, found.pixels) == ("#dc7814", 48)
    assert list(found.document_mean) == pytest.approx([20, 120, 220, 255])
    assert found.delta_e < 0.01
    assert found.color == "#DC7814"
    assert [line.replace("\u00a0", " ") for line in found.lines] == [
        "R 220 ±0  G 120 ±0  B 20 ±0",
        "L* 61.2 ±0.0  a* 35.7 ±0.0  b* 64.5 ±0.0",
        "ΔE 0.0 from #dc7814",
    ]
