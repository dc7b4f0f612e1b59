"""Who is let into the cluster: a machine that has what the server has, and the sentence that says what another lacks."""

from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from inlay.blobs import BlobStore
from inlay.engines.models.catalog import Catalog, ModelEntry
from inlay.engines.registry import Registry
from inlay.errors import InvalidInput, Unsupported
from inlay.jobs.journal import Journal
from inlay.jobs.queue import Jobs
from inlay.node import versions
from inlay.rpc.service import Service
from inlay.v1 import cluster_pb2
from support.job_room import run

ADDRESS = "10.0.0.5:6379"
CALLER: Any = SimpleNamespace(caller="a test", language="")


@pytest.fixture
def jobs(tmp_path: Path) -> Iterator[Jobs]:
    catalog = Catalog(tmp_path / "models.toml")
    catalog.add(ModelEntry("mine", "sdxl", "/models/mine.safetensors", "file", "a" * 64))
    journal = Journal(tmp_path / "journal.sqlite")
    yield Jobs(journal, BlobStore(tmp_path / "blobs"), Registry(catalog))
    journal.close()


def asked(**changes: str) -> cluster_pb2.JoinClusterRequest:
    ours = versions()
    facts = {"name": "anna", "version": ours.inlay, "python": ours.python, "ray": ours.ray} | changes
    sha256 = facts.pop("mine", "a" * 64)
    models = [cluster_pb2.NodeModel(id="mine", sha256=sha256)] if sha256 else []
    return cluster_pb2.JoinClusterRequest(models=models, **facts)


def answered(jobs: Jobs, cluster: str = ADDRESS, **changes: str) -> cluster_pb2.JoinClusterResponse:
    answers: list[cluster_pb2.JoinClusterResponse] = []

    async def ask() -> None:
        service = Service(jobs, jobs.blobs, name="here", profiles=(), cluster=cluster)
        answers.append(await service.join_cluster(asked(**changes), CALLER))

    run(ask())
    return answers[0]


def test_who_has_everything_gets_the_address_and_rays_token(jobs: Jobs, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RAY_AUTH_MODE", "token")
    monkeypatch.setenv("RAY_AUTH_TOKEN", "secret")
    assert answered(jobs) == cluster_pb2.JoinClusterResponse(address=ADDRESS, token="secret")


def test_the_token_may_lie_in_a_file_and_without_one_there_is_none(
    jobs: Jobs, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.delenv("RAY_AUTH_TOKEN", raising=False)
    monkeypatch.delenv("RAY_AUTH_MODE", raising=False)
    assert answered(jobs).token == ""
    (tmp_path / "token").write_text("from a file\n")
    monkeypatch.setenv("RAY_AUTH_MODE", "token")
    monkeypatch.setenv("RAY_AUTH_TOKEN_PATH", str(tmp_path / "token"))
    assert answered(jobs).token == "from a file"


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"version": "0.0.1"}, "inlay is 0.0.1 there and"),
        ({"python": "2.7"}, "python is 2.7 there and"),
        ({"ray": "1.0.0"}, "ray is 1.0.0 there and"),
        ({"mine": ""}, "mine are not there"),
        ({"mine": "b" * 64}, "mine have other files there"),
    ],
    ids=["inlay", "python", "ray", "a missing model", "another model"],
)
def test_who_has_something_else_is_told_what(jobs: Jobs, changes: dict[str, str], why: str) -> None:
    with pytest.raises(Unsupported, match=why):
        answered(jobs, **changes)


def test_a_machine_needs_a_name(jobs: Jobs) -> None:
    with pytest.raises(InvalidInput, match="name"):
        answered(jobs, name="")


def test_a_server_without_a_cluster_lets_nobody_in(jobs: Jobs) -> None:
    with pytest.raises(Unsupported, match="--cluster"):
        answered(jobs, cluster="")
