"""`inlay batch` at a server that is full: it says why it waits, and goes on by itself once there is room."""

import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from cli.conftest import Run
from cli.test_batch import CELLS, masters, plan_in
from inlay.client import Client
from inlay.events import Done, Step
from inlay.job import Lane, Ticket
from rpc.process import running_server
from support.edits import MemoryBlobs, recipe_for
from support.job_room import new_id
from support.scraping import scrape

pytestmark = pytest.mark.slow


def test_a_plan_waits_where_the_server_is_full_and_is_painted_whole_once_it_is_not(
    inlay: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PYTHONPATH", str(Path(__file__).parents[1]))
    masters(tmp_path)
    data, told = tmp_path / "data", tmp_path / "told"
    data.mkdir()
    (data / "limits.toml").write_text("waiting = 1\n")
    with (
        running_server(data, painter="support.painters:edit_unless_told_to_wait", metrics="127.0.0.1:0") as server,
        Client(server.address) as client,
    ):

        def submit(prompt: str) -> str:
            blobs, job_id = MemoryBlobs(), new_id()
            recipe = recipe_for(blobs, seed=1, count=1).altered(prompt=prompt)
            for data in blobs.held.values():
                client.upload(data)
            client.submit(job_id, recipe, Ticket(lane=Lane.FINAL))
            return job_id

        def until(job_id: str, fits: Callable[[object], bool]) -> None:
            assert any(fits(event.happening) for event in client.watch(job_id))

        until(submit(""), lambda one: isinstance(one, Done))  # how long one takes is known from now on
        until(submit(f"wait {told}"), lambda one: isinstance(one, Step))
        waiting = submit("")

        def make_room() -> None:
            while not scrape(server.bound["metrics_port"])("inlay_calls_refused_total", reason="over_limit"):
                pass
            told.touch()

        threading.Thread(target=make_room, daemon=True).start()
        said = inlay("batch", plan_in(tmp_path, "full"), "--server", server.address, "--json")

        assert (said.code, said.json["painted"], said.json["done"]) == (0, CELLS, CELLS), said.err
        until(waiting, lambda one: isinstance(one, Done))
