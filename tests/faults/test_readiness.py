"""A device is ready once it has painted; one that cannot says why wherever somebody looks, tries again, and fails nobody's job."""

import http.client
import json
import os
import signal
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import grpc
import pytest
from grpc_health.v1 import health_pb2, health_pb2_grpc

from inlay.client import Client
from inlay.client.local import find
from inlay.events import Done, Event, Loading, Queued
from inlay.forms.catalogue import catalogues
from inlay.service.examine import Site, examine
from rpc.process import RunningServer, running_server
from support.edits import MemoryBlobs, recipe_for
from support.job_room import new_id
from support.scraping import scrape

pytestmark = pytest.mark.slow

SERVING, NOT_SERVING = health_pb2.HealthCheckResponse.SERVING, health_pb2.HealthCheckResponse.NOT_SERVING
BROKEN = {"painter": "support.painters:paint_where_it_can", "metrics": "127.0.0.1:0"}


def eventually(state: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 120
    while not state():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.05)


def readyz(server: RunningServer) -> tuple[int, dict[str, Any]]:
    connection = http.client.HTTPConnection("127.0.0.1", server.http_port, timeout=30)
    connection.request("GET", "/readyz")
    response = connection.getresponse()
    return response.status, json.loads(response.read())


def why(server: RunningServer, device: str) -> str:
    return next(one["why"] for one in readyz(server)[1]["devices"] if one["device"] == device)


def ready(server: RunningServer) -> set[str]:
    return {one["device"] for one in readyz(server)[1]["devices"] if one["ready"]}


def serves(server: RunningServer, name: str) -> bool:
    with grpc.insecure_channel(server.address) as channel:
        asked = health_pb2.HealthCheckRequest(service=name)
        return health_pb2_grpc.HealthStub(channel).Check(asked, timeout=30).status == SERVING


def up(server: RunningServer) -> dict[tuple[str, ...], float]:
    return scrape(server.bound["metrics_port"]).by("inlay_painter_up", "device")


def submitted(client: Client) -> str:
    blobs, job_id = MemoryBlobs(), new_id()
    recipe = recipe_for(blobs, seed=1, count=1)
    for data in blobs.held.values():
        client.upload(data)
    client.submit(job_id, recipe)
    return job_id


@pytest.fixture
def broken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder where what is broken is written down."""
    monkeypatch.setenv("PYTHONPATH", str(Path(__file__).parents[1]))
    monkeypatch.setenv("BROKEN", str(tmp_path))
    return tmp_path


def test_the_real_painter_paints_before_anybody_asks_and_after_it_was_killed_again(tmp_path: Path) -> None:
    with running_server(tmp_path / "data", painter="", metrics="127.0.0.1:0", remote=0) as server:
        assert serves(server, ""), "jobs are taken before"
        eventually(lambda: readyz(server)[0] == 200)
        assert ready(server) == {"cpu"}
        assert up(server) == {("cpu",): 1}
        eventually(lambda: serves(server, "painter/cpu"))
        children = Path(f"/proc/{server.process.pid}/task/{server.process.pid}/children").read_text().split()
        workers = [int(pid) for pid in children if b"spawn_main" in Path(f"/proc/{pid}/cmdline").read_bytes()]
        for pid in workers:
            os.kill(pid, signal.SIGKILL)
        with Client(server.address) as client:
            assert isinstance(list(client.watch(submitted(client)))[-1].happening, Done)
        eventually(lambda: ready(server) == {"cpu"})


def test_a_device_that_cannot_paint_says_so_everywhere_and_its_job_waits_until_it_can(broken: Path) -> None:
    (broken / "broken cpu").touch()
    log = broken / "log"
    with (
        running_server(broken / "data", log=log, log_form="json", **BROKEN) as server,
        Client(server.address) as client,
    ):
        eventually(lambda: why(server, "cpu") != "")
        status, said = readyz(server)
        assert (status, said["ready"]) == (503, False)
        assert why(server, "cpu") == "cpu cannot be painted on: RuntimeError: the fan of cpu stands still"
        eventually(lambda: not serves(server, "painter/cpu") and not serves(server, ""))
        assert up(server) == {}
        job_id = submitted(client)
        watching, events = client.watch(job_id), list[Event]()
        while not (
            events and isinstance(events[-1].happening, Queued) and "the fan of cpu" in events[-1].happening.why
        ):
            events.append(next(watching))
        data = find(broken / "data")
        assert data
        site = Site(broken / "data", (), running=True, door=f"http://127.0.0.1:{data.http_port}")
        found = next(one for one in examine(site) if one.step == "painter")
        assert (found.ok, found.found, found.cure) == (False, "painter_unfit", "mend_painter")
        german = catalogues().speaking("de").translated(str(found.facts["why"]))
        assert german == "auf cpu kann nicht gemalt werden: RuntimeError: the fan of cpu stands still"
        lines = [json.loads(line) for line in log.read_text().splitlines()]
        assert [line["message"] for line in lines if line["event"] == "painter.unready"] == [why(server, "cpu")]
        (broken / "broken cpu").unlink()
        events += watching
        assert isinstance(events[-1].happening, Done)
        assert not [one for one in events if isinstance(one.happening, Loading) and one.happening.what != "nothing"]
        assert (readyz(server)[0], ready(server), up(server)) == (200, {"cpu"}, {("cpu",): 1})
        eventually(lambda: serves(server, "painter/cpu") and serves(server, ""))


def test_jobs_are_painted_by_the_device_that_can_while_another_cannot(broken: Path) -> None:
    (broken / "broken cpu:1").touch()
    with (
        running_server(broken / "data", devices=["cpu:0", "cpu:1"], **BROKEN) as server,
        Client(server.address) as client,
    ):
        eventually(lambda: why(server, "cpu:1") != "" and "cpu:0" in ready(server))
        for job_id in [submitted(client) for _ in range(4)]:
            told = [event.happening for event in client.watch(job_id)]
            assert isinstance(told[-1], Done)
            assert not [one for one in told if isinstance(one, Loading) and one.what != "nothing"], "it began elsewhere"
        assert ready(server) == {"cpu:0"}
        assert up(server) == {("cpu:0",): 1}
        assert serves(server, ""), "jobs go on"
