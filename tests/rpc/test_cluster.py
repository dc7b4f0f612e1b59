"""Painters on the machines of a Ray cluster: who joins paints, who leaves finishes first, and whatever is killed, nothing accepted
is lost or done twice. Three machines and a head on loopback, each with processes of its own."""

import sqlite3
import sys
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest
from bench.soak import painting
from bench.soak.cluster import soak_at

from inlay.client import Client
from inlay.events import Done, JobCancelled, Preview, Step, VariationDone
from inlay.job import Ticket
from inlay.recipe import Recipe
from rpc.process import RunningServer, running_server
from support.edits import MemoryBlobs, recipe_for
from support.ray_room import PATIENCE_S, RayRoom, wait_until

pytestmark = [
    pytest.mark.slow,
    pytest.mark.timeout(900),
    pytest.mark.skipif(sys.platform != "linux", reason="Ray joins machines on Linux only"),
]

MACHINES = ("anna", "bert", "carl")


@pytest.fixture(scope="module")
def room() -> Iterator[RayRoom]:
    with (
        RayRoom(token="a token that is long enough for nobody to guess") as room,
        pytest.MonkeyPatch.context() as patch,
    ):
        for name, value in room.environment.items():
            patch.setenv(name, value)
        room.start_head()
        yield room


@pytest.fixture(scope="module")
def gateway(room: RayRoom, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningServer]:
    folder = tmp_path_factory.mktemp("gateway") / "data"
    settings = {"cluster": room.address, "devices": [], "painter": painting.DOTTED}
    with running_server(folder, log=folder.with_suffix(".log"), **settings) as server:
        yield server


@pytest.fixture(scope="module")
def client(room: RayRoom, gateway: RunningServer) -> Iterator[Client]:
    """Of a server on whose cluster the machines have a painter each."""
    for name in MACHINES:
        room.join(name, gateway.address)
    with Client(gateway.address, patience_s=PATIENCE_S) as client:
        wait_until(lambda: len(client.info().devices) == len(MACHINES), "every machine paints")
        yield client


def submitted(client: Client, seed: int, count: int = 1) -> str:
    blobs = MemoryBlobs()
    recipe: Recipe = recipe_for(blobs, seed=seed, count=count)
    for data in blobs.held.values():
        client.upload(data)
    job_id = str(uuid.uuid4())
    client.submit(job_id, recipe, Ticket("cluster"))
    return job_id


def told_once(gateway: RunningServer, question: str) -> int:
    with sqlite3.connect(f"file:{gateway.data_dir / 'journal.sqlite'}?mode=ro", uri=True) as journal:
        return int(journal.execute(question).fetchone()[0] or 0)


def test_whoever_joins_paints_and_previews_arrive(client: Client) -> None:
    assert set(client.info().devices) == {f"cpu:{name}/0" for name in MACHINES}
    happened = [event.happening for event in client.watch(submitted(client, seed=1, count=2))]
    assert isinstance(happened[-1], Done)
    assert [one.variation.index for one in happened if isinstance(one, VariationDone)] == [0, 1]
    assert sum(isinstance(one, Step) for one in happened) > 4
    assert any(isinstance(one, Preview) for one in happened)


def test_a_job_that_is_taken_back_is_let_go_of_at_the_next_step(client: Client, gateway: RunningServer) -> None:
    job_id = submitted(client, seed=2, count=16)
    for event in client.watch(job_id):
        if isinstance(event.happening, Step):
            break
    client.cancel(job_id)
    assert isinstance(list(client.watch(job_id))[-1].happening, JobCancelled)
    others = [submitted(client, seed=30 + number) for number in MACHINES_AND_ONE]
    for other in others:  # nobody goes on with sixteen variations
        assert isinstance(list(client.watch(other))[-1].happening, Done)


MACHINES_AND_ONE = range(len(MACHINES) + 1)


def test_nothing_accepted_is_lost_or_done_twice_and_cancels_and_previews_arrive_whatever_is_killed(
    room: RayRoom, client: Client, gateway: RunningServer, tmp_path: Path
) -> None:
    """Painter, node, head and gateway once each, under twenty clients; what is held against their record is `bench.soak.record`."""
    deaths_before = told_once(gateway, "SELECT sum(deaths) FROM jobs")
    figures, violations = soak_at(room, gateway, tmp_path / "steps", seed=1, jobs=20, kills=4, names=MACHINES)
    assert violations == [], figures
    assert told_once(gateway, "SELECT sum(deaths) FROM jobs") - deaths_before <= 1, "a lost node counted as a death"
    assert told_once(gateway, "SELECT max(attempts) FROM jobs") > 1


def test_a_head_that_is_back_at_once_has_its_cluster_begin_anew(
    room: RayRoom, client: Client, gateway: RunningServer
) -> None:
    """Before anybody misses it: Ray goes on with a cluster that whoever comes from then on is not in."""
    wait_until(lambda: len(client.info().devices) == len(MACHINES), "every machine paints")
    room.kill_head()
    room.start_head()
    room.kill_node("anna")
    wait_until(lambda: "cpu:anna/0" not in client.info().devices, "a machine is missed")
    room.join("anna", gateway.address)
    wait_until(lambda: "cpu:anna/0" in client.info().devices, "who comes is in the cluster")
    wait_until(lambda: len(client.info().devices) == len(MACHINES), "the others are, too")
    assert isinstance(list(client.watch(submitted(client, seed=300)))[-1].happening, Done)


def test_a_machine_that_leaves_finishes_what_it_has(room: RayRoom, client: Client, gateway: RunningServer) -> None:
    wait_until(lambda: len(client.info().devices) == len(MACHINES), "every machine is back")
    jobs = [submitted(client, seed=200 + number, count=3) for number in range(len(MACHINES))]
    for job_id in jobs:
        for event in client.watch(job_id):
            if isinstance(event.happening, Step):
                break
    leaving = room.leave("anna")
    for job_id in jobs:
        assert isinstance(list(client.watch(job_id))[-1].happening, Done)
    named = ", ".join(f"'{job_id}'" for job_id in jobs)
    assert told_once(gateway, f"SELECT max(attempts) FROM jobs WHERE job_id IN ({named})") == 1, "a job began anew"
    assert leaving.wait(PATIENCE_S) == 0
    wait_until(lambda: set(client.info().devices) == {"cpu:bert/0", "cpu:carl/0"}, "the others are left")
    assert room.processes("anna") == [], "something outlived it"
