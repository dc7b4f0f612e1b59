"""Whoever looks after the server learns over both doors that jobs wait, and why, and when they go on."""

import http.client
import threading
from pathlib import Path

import grpc
import pytest
from grpc_health.v1 import health_pb2, health_pb2_grpc

from inlay.client import Client
from inlay.events import Done, Event, Queued
from rpc.process import running_server
from support.edits import MemoryBlobs, recipe_for
from support.job_room import new_id
from support.obstacles import locked

pytestmark = pytest.mark.slow


SERVING, NOT_SERVING = health_pb2.HealthCheckResponse.SERVING, health_pb2.HealthCheckResponse.NOT_SERVING


def healthz(port: int) -> tuple[int, str]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    connection.request("GET", "/healthz")
    response = connection.getresponse()
    return response.status, response.read().decode()


def test_a_server_that_cannot_write_says_so_and_then_that_it_can(tmp_path: Path) -> None:
    with running_server(tmp_path / "data") as server, Client(server.address) as client:
        health = health_pb2_grpc.HealthStub(grpc.insecure_channel(server.address))
        told = health.Watch(health_pb2.HealthCheckRequest(), timeout=120)
        assert next(told).status == SERVING
        assert healthz(server.http_port) == (200, "ok\n")
        blobs, job_id = MemoryBlobs(), new_id()
        recipe = recipe_for(blobs, seed=1, count=1)
        for data in blobs.held.values():
            client.upload(data)
        submitting = threading.Thread(target=client.submit, args=(job_id, recipe))
        with locked(tmp_path / "data" / "journal.sqlite"):
            submitting.start()
            assert next(told).status == NOT_SERVING
            status, why = healthz(server.http_port)
            assert status == 503
            assert "another process has the journal locked" in why
            assert client.info().protocol, "who only asks is answered"
        submitting.join()
        assert next(told).status == SERVING
        assert healthz(server.http_port) == (200, "ok\n")
        events = list(client.watch(job_id))
        assert isinstance(events[-1].happening, Done)


def test_a_client_that_watches_is_told_why_its_job_waits(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONPATH", str(Path(__file__).parents[1]))
    with running_server(tmp_path / "data", painter="support.painters:paint_when_told") as server:
        told, blobs, job_id = tmp_path / "told", MemoryBlobs(), new_id()
        events: list[Event] = []
        with Client(server.address) as client:
            recipe = recipe_for(blobs, seed=1, count=1, prompt=str(told))
            for data in blobs.held.values():
                client.upload(data)
            client.submit(job_id, recipe)
            watching = client.watch(job_id)
            events.append(next(watching))
            with locked(tmp_path / "data" / "journal.sqlite"):
                told.touch()
                while not (isinstance(events[-1].happening, Queued) and events[-1].happening.why):
                    events.append(next(watching))
            events += watching
        assert isinstance(events[-1].happening, Done)
        numbers = [event.seq for event in events if not (isinstance(event.happening, Queued) and event.happening.why)]
        assert numbers == sorted(set(numbers))
