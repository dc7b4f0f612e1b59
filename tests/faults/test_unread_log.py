"""A server whose log goes into a pipe that nobody reads goes on; what was lost is counted once somebody does."""

import contextlib
import os
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from inlay.client import Client
from inlay.events import Done
from rpc.process import RunningServer, running_server
from support.edits import MemoryBlobs
from support.job_room import new_id, small_recipe

pytestmark = pytest.mark.slow

SPOKEN = 3_000


@contextlib.contextmanager
def full_pipe(path: Path) -> Iterator[int]:
    """A pipe by name into which nothing more goes until somebody reads."""
    os.mkfifo(path)
    pipe = os.open(path, os.O_RDWR | os.O_NONBLOCK)
    try:
        with contextlib.suppress(BlockingIOError):
            while True:
                os.write(pipe, b"\n" * 4096)
        yield pipe
    finally:
        os.close(pipe)


def paint(server: RunningServer, lines: int) -> None:
    """Have a job painted whose painter logs so many lines."""
    blobs, job_id = MemoryBlobs(), new_id()
    recipe = small_recipe(blobs, prompt=str(lines))  # pyright: ignore[reportArgumentType]
    with Client(server.address) as client:
        for data in blobs.held.values():
            client.upload(data)
        client.submit(job_id, recipe)
        assert isinstance(list(client.watch(job_id))[-1].happening, Done)


@pytest.mark.parametrize("form", ["text", "json"])
def test_jobs_are_painted_and_the_server_stops_in_order_although_nobody_reads_its_log(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, form: str
) -> None:
    monkeypatch.setenv("PYTHONPATH", str(Path(__file__).parents[1]))
    with full_pipe(tmp_path / "log") as pipe:
        settings = {"painter": "support.painters:talk", "log": tmp_path / "log", "log_form": form}
        with running_server(tmp_path / "data", **settings) as server:
            paint(server, SPOKEN)
            paint(server, 1)
            if form == "text":
                assert server.stop() == 0
                return
            said = ""
            while not re.search(r"\d+ lines of the log were dropped", said) or '"job.done"' not in said:
                with contextlib.suppress(BlockingIOError):
                    said += os.read(pipe, 2**20).decode()
                if "dropped" not in said:
                    paint(server, 1)
