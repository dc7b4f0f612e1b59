"""A server that is told to stop begins nothing more, finishes the variation that it paints, keeps what waits, and says so."""

import contextlib
import signal
import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from cli.conftest import wait_for
from inlay.client import Client
from inlay.events import Done, Queued, Step, VariationDone
from rpc.process import RunningServer, running_server
from support.edits import MemoryBlobs
from support.job_room import new_id, small_recipe
from support.scraping import ask

pytestmark = pytest.mark.slow


@pytest.fixture
def serve(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., RunningServer]]:
    monkeypatch.setenv("PYTHONPATH", str(Path(__file__).parents[1]))
    with contextlib.ExitStack() as servers:

        def start(drain_s: float = 0.0) -> RunningServer:
            starting = running_server(tmp_path / "data", painter="support.painters:operate", drain_s=drain_s)
            return servers.enter_context(starting)

        yield start


STOPS = "the server is being stopped; what waits goes on when it is back\n"


def submit(client: Client, prompt: str, count: int = 1) -> str:
    blobs, job_id = MemoryBlobs(), new_id()
    recipe = small_recipe(blobs, prompt=prompt, count=count)  # pyright: ignore[reportArgumentType]
    for data in blobs.held.values():
        client.upload(data)
    client.submit(job_id, recipe)
    return job_id


def painted(client: Client, prompt: str, count: int = 1) -> str:
    """A job that is being painted."""
    job_id = submit(client, prompt, count)
    for event in client.watch(job_id):
        if isinstance(event.happening, Step):
            break
    return job_id


def told_to_stop(server: RunningServer) -> None:
    """SIGTERM, and the server says that it was heard."""
    server.process.send_signal(signal.SIGTERM)
    wait_for(lambda: ask(server.http_port, "/healthz") == (503, STOPS))


def variations(client: Client, job_id: str) -> list[int]:
    events = [event.happening for event in client.watch(job_id)]
    assert isinstance(events[-1], Done), events[-1]
    return [event.variation.index for event in events if isinstance(event, VariationDone)]


def in_journal(data: Path, job_id: str) -> tuple[str, int]:
    """The state of a job of a server that is not there, and how many variations it has."""
    with sqlite3.connect(data / "journal.sqlite") as journal:
        row = "SELECT state, (SELECT count(*) FROM results WHERE results.number = jobs.number) > 0 FROM jobs WHERE job_id = ?"
        return journal.execute(row, (job_id,)).fetchone()


def test_the_variation_that_is_painted_is_finished_and_the_rest_goes_on_at_the_next_start(
    serve: Callable[..., RunningServer], tmp_path: Path
) -> None:
    server, told = serve(drain_s=600), tmp_path / "told"
    with Client(server.address) as client:
        running = painted(client, f"wait {told}", count=2)
        waiting = submit(client, "paint")
        told_to_stop(server)
        assert server.process.poll() is None
        later = submit(client, "paint")
        for job_id in (waiting, later):
            why = next(
                event.happening.why
                for event in client.watch(job_id)
                if isinstance(event.happening, Queued) and event.happening.why
            )
            assert "being stopped" in why
        told.touch()
        assert server.process.wait(120) == 0
    assert [in_journal(server.data_dir, job_id) for job_id in (running, waiting, later)] == [
        ("running", 1),
        ("queued", 0),
        ("queued", 0),
    ]
    server = serve()
    with Client(server.address) as client:
        assert variations(client, running) == [0, 1]
        assert variations(client, waiting) == variations(client, later) == [0]
        attempts = {job.job_id: (job.attempts, job.deaths) for job in client.jobs()}
    assert attempts == {running: (2, 0), waiting: (1, 0), later: (1, 0)}


@pytest.mark.parametrize("why", ["told again", "out of patience"])
def test_it_does_not_wait_once_it_is_told_again_or_out_of_patience(
    why: str, serve: Callable[..., RunningServer], tmp_path: Path
) -> None:
    server, told = serve(drain_s=600 if why == "told again" else 0.5), tmp_path / "told"
    with Client(server.address) as client:
        running = painted(client, f"wait {told}")
        if why == "told again":
            told_to_stop(server)
        server.process.send_signal(signal.SIGTERM)
        assert server.process.wait(120) == 0
    assert in_journal(server.data_dir, running) == ("running", 0)
    told.touch()
    server = serve()
    with Client(server.address) as client:
        assert variations(client, running) == [0]
