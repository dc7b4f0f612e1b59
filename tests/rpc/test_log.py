"""A log for machines: one JSON object a line, each about a job with its id, none with what somebody wrote or must show."""

import base64
import datetime
import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import grpc
import pytest

from inlay.client import Client
from inlay.errors import InvalidInput, Unauthenticated
from inlay.events import Done, Failed
from inlay.job import Ticket
from inlay.v1 import inlay_pb2
from inlay.wire.contract import SERVICE
from rpc.process import RunningServer, running_server
from support.edits import MemoryBlobs
from support.job_room import new_id, small_recipe

pytestmark = pytest.mark.slow

SECRET = "a gilded heron beside the unreleased perfume"
TOKEN, WRONG = "t" * 43, "w" * 43
TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"


@pytest.fixture(scope="module")
def log(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("log") / "log"


@pytest.fixture(scope="module")
def server(log: Path) -> Iterator[RunningServer]:
    os.environ["PYTHONPATH"] = str(Path(__file__).parents[1])
    settings = {"painter": "support.painters:operate", "log": log, "log_form": "json", "token": TOKEN}
    with running_server(log.parent / "data", **settings) as running:
        yield running


@pytest.fixture(scope="module")
def jobs(server: RunningServer) -> dict[str, str]:
    """The ids of jobs that were done, that failed with their prompt in the error, and that were given up, by the name of that."""
    ids: dict[str, str] = {}
    with Client(server.address, token=TOKEN) as client:
        for name in ("paint", "fail", "die"):
            blobs, ids[name] = MemoryBlobs(), new_id()
            recipe = small_recipe(blobs, prompt=f"{name} {SECRET}")  # pyright: ignore[reportArgumentType]
            for data in blobs.held.values():
                client.upload(data)
            client.submit(ids[name], recipe, Ticket(label="heron.psd"))
            assert isinstance(list(client.watch(ids[name]))[-1].happening, Done if name == "paint" else Failed)
        with pytest.raises(InvalidInput):
            client.submit(new_id(), small_recipe(blobs, prompt=SECRET * 1000))  # pyright: ignore[reportArgumentType]
    with Client(server.address, token=WRONG) as stranger, pytest.raises(Unauthenticated):
        stranger.info()
    return ids


def lines(log: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in log.read_text().splitlines()]


def test_every_line_is_an_object_with_its_time_its_level_and_its_event(jobs: dict[str, str], log: Path) -> None:
    for line in lines(log):
        assert datetime.datetime.fromisoformat(line["ts"]).tzinfo
        assert line["level"] in ("info", "warning", "error")
        assert line["event"]
        assert line["message"]


def test_each_job_can_be_followed_by_its_id_from_its_acceptance_to_its_end(jobs: dict[str, str], log: Path) -> None:
    def events(name: str) -> list[str]:
        mine = [line for line in lines(log) if line.get("job") == jobs[name]]
        return [line["event"] for line in mine if line["event"] not in ("log", "job.submitted")]

    assert events("paint") == ["job.accepted", "job.taken", "job.variation", "job.done"]
    assert events("fail") == ["job.accepted", "job.taken", "job.failed"]
    assert events("die") == ["job.accepted", "job.taken", "painter.died", "job.taken", "painter.died", "job.failed"]
    done = next(line for line in lines(log) if line["event"] == "job.done")
    assert done["seconds"] >= 0
    taken = next(line for line in lines(log) if line["event"] == "job.taken")
    assert taken["painter"] == "cpu"


def test_every_line_about_a_job_has_its_id_whichever_process_wrote_it(jobs: dict[str, str], log: Path) -> None:
    for line in lines(log):
        for job_id in jobs.values():
            if job_id in json.dumps(line):
                assert line.get("job") == job_id
    from_the_worker = [
        line for line in lines(log) if line["logger"] == "inlay.jobs.workers.child" and "exception" in line
    ]
    assert [line["job"] for line in from_the_worker] == [jobs["fail"]]
    assert "ValueError" in from_the_worker[0]["exception"]


def test_no_line_has_a_prompt_a_token_or_a_pixel(jobs: dict[str, str], log: Path) -> None:
    text = log.read_text()
    pixels = bytes(range(256))
    for hidden in (
        SECRET, "heron", "perfume", TOKEN, WRONG, pixels[:12].hex(), base64.b64encode(pixels)[:24].decode(), str(pixels[64:80])
    ):  # fmt: skip
        assert hidden not in text
    assert "[...]" in text, "the error that held the prompt was logged, without it"
    assert "words.prompt" in text, "which field was too long is said"


def test_a_calls_trace_is_in_its_lines_and_in_its_jobs(server: RunningServer, jobs: dict[str, str], log: Path) -> None:
    from inlay.v1 import recipe_pb2
    from inlay.wire.codec import to_message

    blobs, job_id = MemoryBlobs(), new_id()
    recipe = small_recipe(blobs, prompt="paint")  # pyright: ignore[reportArgumentType]
    with Client(server.address, token=TOKEN) as client:
        for data in blobs.held.values():
            client.upload(data)
        with grpc.insecure_channel(server.address) as channel:
            request = inlay_pb2.SubmitEditRequest(job_id=job_id, recipe=to_message(recipe, recipe_pb2.Recipe))
            metadata = (("authorization", f"Bearer {TOKEN}"), ("traceparent", f"00-{TRACE}-00f067aa0ba902b7-01"))
            channel.unary_unary(f"/{SERVICE}/SubmitEdit")(request.SerializeToString(), metadata=metadata)
        list(client.watch(job_id))
    mine = [line for line in lines(log) if line.get("job") == job_id and line["event"].startswith("job.")]
    assert {line.get("trace") for line in mine} == {TRACE}
    assert {line["event"] for line in mine} >= {"job.accepted", "job.taken", "job.done"}
    others = [line for line in lines(log) if line.get("job") != job_id]
    assert not any("trace" in line for line in others)
