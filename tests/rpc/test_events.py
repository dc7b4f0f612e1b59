"""Watching and polling tell the same story, once, whatever happens to the line and to the server."""

import contextlib
import signal
import sys
import time
import uuid
from pathlib import Path

import numpy as np
import pytest

from inlay.client import Client
from inlay.errors import Cancelled, InvalidInput, NotFound, Unavailable
from inlay.events import LAST, Done, Event, JobCancelled, Preview, Queued, VariationDone
from inlay.job import JobState, Rating, Ticket
from inlay.recipe import Recipe
from inlay.rpc.service import MAX_WATCHERS
from inlay.v1 import inlay_pb2
from rpc.doors import ConnectBinary, GrpcDoor, GrpcWeb, Refused, call, stream
from rpc.process import RunningServer, running_server


def polled(client: Client, job_id: str) -> list[Event]:
    events: list[Event] = []
    while not (events and isinstance(events[-1].happening, LAST)):
        events += client.poll(job_id, events[-1].seq if events else 0, wait_s=5)
    return events


@pytest.fixture
def uploaded(client: Client, recipe: Recipe, pixels: bytes, selection: bytes) -> Recipe:
    client.upload(pixels)
    client.upload(selection)
    return recipe


def lasting(events: list[Event]) -> list[Event]:
    """A preview or a place in the line that a newer one superseded is gone for whoever comes later."""
    return [event for event in events if not isinstance(event.happening, Preview | Queued)]


def test_polling_and_watching_give_the_same_events(client, uploaded, job_id):
    client.submit(job_id, uploaded)
    live = polled(client, job_id)
    assert lasting(list(client.watch(job_id))) == lasting(live)
    assert list(client.watch(job_id)) == polled(client, job_id)


def test_events_after_a_number_leave_the_others_out(client, uploaded, job_id):
    client.submit(job_id, uploaded)
    events = list(client.watch(job_id))
    everything = list(client.watch(job_id))
    for seen in (0, events[2].seq, events[-2].seq):
        rest = [event for event in everything if event.seq > seen]
        assert list(client.watch(job_id, after_seq=seen)) == rest
        assert client.poll(job_id, after_seq=seen) == rest
    assert client.poll(job_id, after_seq=events[-1].seq, wait_s=20) == []


def test_an_event_survives_the_wire_whole(client, uploaded, job_id):
    client.submit(job_id, uploaded)
    found = [event.happening for event in client.watch(job_id)]
    (first, second) = [happening.variation for happening in found if isinstance(happening, VariationDone)]
    assert (first.seed, second.seed) == (4_294_967_295, 0), "seeds go round at 2^32"
    assert first.report.ring_delta_e_before == 1.5
    assert first.report.ring_delta_e_after is None
    assert first.report.notes == ("a note",)
    assert first.report.details == {"seconds": {"invert": 0.1}, "unmeasured": None}
    assert first.receipt["engine"] == "inverter"
    preview = next(happening for happening in found if isinstance(happening, Preview))
    assert (preview.size, preview.bounds) == ((12, 8), uploaded.canvas.window)
    assert isinstance(found[-1], Done)


@pytest.mark.slow
def test_a_restart_loses_no_event_for_watcher_and_poller(tmp_path, recipe, pixels, selection, job_id):
    with running_server(tmp_path / "data") as server, Client(server.address) as client:
        client.upload(pixels)
        client.upload(selection)
        client.submit(job_id, recipe.altered(count=3))
        seen: list[Event] = []
        for event in client.watch(job_id):
            if not seen:
                server.restart(signal.SIGKILL)
            seen.append(event)
        assert isinstance(seen[-1].happening, Done)
        numbers = [event.seq for event in seen]
        assert numbers == sorted(set(numbers)), "an event came twice, or out of order"
        again = polled(client, job_id)
        assert lasting(again) == lasting(seen)
        server.restart()
        assert list(client.watch(job_id)) == again
        assert polled(client, job_id) == again
        painted = [event.happening.variation for event in again if isinstance(event.happening, VariationDone)]
        assert [variation.index for variation in painted] == [0, 1, 2]


@pytest.mark.slow
def test_a_server_that_stops_leaves_its_watchers_to_the_next_one(tmp_path, recipe, pixels, selection, job_id):
    with running_server(tmp_path / "data") as server, Client(server.address) as client:
        client.upload(pixels)
        client.upload(selection)
        client.submit(job_id, recipe)
        seen = []
        for event in client.watch(job_id):
            if not seen:
                server.restart(signal.SIGTERM)
            seen.append(event)
        assert isinstance(seen[-1].happening, Done)


@pytest.mark.slow
def test_patience_ends(tmp_path, recipe, pixels, selection, job_id):
    with running_server(tmp_path / "data") as server, Client(server.address, patience_s=0.5) as client:
        client.upload(pixels)
        client.upload(selection)
        client.submit(job_id, recipe.altered(prompt="slow"))
        watching = client.watch(job_id)
        next(watching)
        server.stop(signal.SIGKILL)
        with pytest.raises(Unavailable, match="inlay serve"):
            list(watching)


def test_submitting_again_is_the_same_job(client, uploaded, job_id):
    first = client.submit(job_id, uploaded)
    assert first.recipe.sampling.resolved
    assert first.recipe.altered(resolved=None) == uploaded, "a recipe keeps its identity on the wire"
    assert client.submit(job_id, uploaded).submitted_unix_ms == first.submitted_unix_ms
    list(client.watch(job_id))


def test_cancelling_ends_the_events(client, uploaded, job_id):
    client.submit(job_id, uploaded.altered(prompt="slow"))
    watching = client.watch(job_id)
    next(watching)
    assert client.cancel(job_id).state is JobState.CANCELLED
    assert isinstance(list(watching)[-1].happening, JobCancelled)


def test_a_fetched_job_is_not_offered_again(client, uploaded, job_id):
    client.submit(job_id, uploaded, Ticket(job_id))
    events = list(client.watch(job_id))
    assert [job.job_id for job in client.jobs(label=job_id, unfetched_only=True)] == [job_id]
    for event in events:
        if isinstance(event.happening, VariationDone):
            for name in event.happening.variation.result.blobs:
                client.fetch(name)
    assert client.jobs(label=job_id, unfetched_only=True) == []
    assert client.jobs(label=job_id)[0].fetched
    client.rate(job_id, 1, Rating.REJECTED)
    with pytest.raises(NotFound):
        client.rate(job_id, 2, Rating.KEPT)


def test_a_job_nobody_knows_is_not_found(client):
    for ask in (client.cancel, client.poll, lambda name: list(client.watch(name))):
        with pytest.raises(NotFound) as missing:
            ask(str(uuid.uuid4()))
        assert missing.value.kind == "job"
    with pytest.raises(InvalidInput, match="UUID"):
        client.poll("../../etc/passwd")


def test_closing_the_client_ends_what_waits(server: RunningServer, uploaded, job_id):
    with Client(server.address) as other:
        other.submit(job_id, uploaded.altered(prompt="slow"))
        watching = other.watch(job_id)
        next(watching)
    with pytest.raises((Cancelled, ValueError)):
        list(watching)
    with Client(server.address) as another:
        another.cancel(job_id)


@pytest.mark.parametrize("method", ["GetBlob", "ReadBlob"])
def test_results_count_as_fetched_only_by_whom_they_reached(client, server, uploaded, job_id, method):
    client.submit(job_id, uploaded)
    found = [event.happening for event in client.watch(job_id)]
    blobs = {name for done in found if isinstance(done, VariationDone) for name in done.variation.result.blobs}
    door = server.door(GrpcDoor)

    def read(name, offset):
        if method == "GetBlob":
            list(stream(door, "GetBlob", inlay_pb2.GetBlobRequest(sha256=name, offset=offset)))
        else:
            call(door, "ReadBlob", inlay_pb2.ReadBlobRequest(sha256=name, offset=offset))

    for name in blobs:
        size = (
            len(client.fetch(uploaded.where.mask.blob))
            if name == uploaded.where.mask.blob
            else uploaded.canvas.source.byte_length
        )
        read(name, size)
    assert job_id in [job.job_id for job in client.jobs(unfetched_only=True)]
    for name in blobs:
        read(name, 100)
    assert job_id not in [job.job_id for job in client.jobs(unfetched_only=True)]


def test_a_job_has_a_bounded_number_of_watchers(client, server, uploaded, job_id):
    client.submit(job_id, uploaded.altered(prompt="slow"))
    door = server.door(GrpcDoor)
    watching = [stream(door, "WatchJob", inlay_pb2.WatchJobRequest(job_id=job_id)) for _ in range(MAX_WATCHERS)]
    for events in watching:
        next(events)
    with pytest.raises(Refused, match="RESOURCE_EXHAUSTED"):
        next(stream(door, "WatchJob", inlay_pb2.WatchJobRequest(job_id=job_id)))
    client.cancel(job_id)
    for events in watching:
        list(events)
    assert list(stream(door, "WatchJob", inlay_pb2.WatchJobRequest(job_id=job_id)))


@pytest.mark.slow
@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="reads /proc")
@pytest.mark.parametrize("kind", [ConnectBinary, GrpcWeb])
def test_a_reader_that_leaves_in_the_middle_leaves_no_file_open(client, server, kind):
    name = client.upload(np.random.default_rng(5).bytes(30_000_000)).sha256
    calls = [server.door(kind).open("GetBlob", inlay_pb2.GetBlobRequest(sha256=name)) for _ in range(10)]
    for opened in calls:
        opened.connection.sock.recv(1)
    for opened in calls:
        opened.cancel()
    deadline = time.monotonic() + 20
    while open_files(server, name):
        assert time.monotonic() < deadline, "they wait for the garbage collector"
        time.sleep(0.02)


def open_files(server, name):
    links = []
    for link in Path(f"/proc/{server.process.pid}/fd").iterdir():
        with contextlib.suppress(FileNotFoundError):
            links.append(str(link.readlink()))
    return [link for link in links if link.endswith(name)]
