"""The Python client's blobs and errors against a real server."""

import hashlib
import os
import signal
import threading
import time

import pytest

from inlay.client import Client
from inlay.errors import (
    BlobCorrupt,
    BlobMissing,
    BlobOffset,
    InlayError,
    InvalidInput,
    JobConflict,
    NotFound,
    QuotaExceeded,
    Unavailable,
    Unsupported,
    WorkerDied,
)
from inlay.recipe import Verb
from inlay.region import Rect, Size
from inlay.v1 import inlay_pb2
from inlay.wire.faults import error_from, fault_of
from rpc.process import running_server


def test_an_upload_sends_only_what_is_missing(client):
    data = os.urandom(3 * 2**20 + 17)
    told = []
    upload = client.upload(data, lambda done, total: told.append((done, total)))
    assert upload == (hashlib.sha256(data).hexdigest(), len(data))
    assert told[0] == (0, len(data))
    assert told[-1] == (len(data), len(data))
    assert client.upload(data).sent == 0
    assert client.fetch(upload.sha256) == data


def test_an_upload_goes_on_where_another_one_stopped(client):
    data = os.urandom(2 * 2**20 + 5)
    name = hashlib.sha256(data).hexdigest()
    client._line.call(
        "PutBlob", inlay_pb2.PutBlobRequest(sha256=name, offset=0, total=len(data), data=data[: 2**20]), 10
    )
    assert client.upload(data).sent == len(data) - 2**20
    assert client.fetch(name) == data


def test_two_uploads_of_the_same_bytes_do_not_disturb_each_other(server):
    data = os.urandom(16 * 2**20)
    failures = []

    def send():
        with Client(server.address) as client:
            try:
                client.upload(data)
            except InlayError as error:
                failures.append(error)

    threads = [threading.Thread(target=send) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failures
    with Client(server.address) as client:
        assert client.fetch(hashlib.sha256(data).hexdigest()) == data


@pytest.mark.slow
@pytest.mark.parametrize("direction", ["up", "down"])
def test_transfers_survive_the_death_of_the_server(tmp_path, direction):
    data = os.urandom(48 * 2**20)
    with running_server(tmp_path / "data") as server, Client(server.address) as client:
        name = client.upload(data).sha256 if direction == "down" else hashlib.sha256(data).hexdigest()
        client.info()
        restarted = threading.Event()

        def restart(done: int, total: int) -> None:
            if done > total // 4 and not restarted.is_set():
                restarted.set()
                server.restart(signal.SIGKILL)

        if direction == "up":
            assert client.upload(data, restart).sent < 1.5 * len(data), "it began anew instead of going on"
        assert client.fetch(name, restart if direction == "down" else None) == data
        assert restarted.is_set()


def test_a_blob_that_is_not_there_is_missing(client):
    with pytest.raises(BlobMissing) as missing:
        client.fetch("0" * 64)
    assert missing.value.sha256 == "0" * 64


def test_errors_come_back_as_the_types_they_were():
    raised = [
        InvalidInput("recipe.seed", -1, "it must be 0 .. 5"),
        Unsupported("nothing can", field="verb"),
        NotFound("model", "x", field="model", hint="ready are: y"),
        BlobMissing("ab", field="source.blob"),
        BlobCorrupt("nothing was stored"),
        BlobOffset("ab", 5, 7),
        QuotaExceeded("full"),
        JobConflict("id"),
        WorkerDied("twice"),
    ]
    for error in raised:
        fault = fault_of(error)
        back = error_from(fault.message, fault.facts)
        assert type(back) is type(error)
        assert (back.message, back.field, str(back)) == (error.message, error.field, str(error))
        assert {name: str(value) for name, value in vars(back).items()} == {
            name: str(value) for name, value in vars(error).items()
        }
    assert error_from("?", inlay_pb2.ErrorFacts(type="NotYetInvented")).message == "?"
    assert type(error_from("?", inlay_pb2.ErrorFacts(type="annotations"))) is InlayError


def test_an_unforeseen_failure_is_internal_and_shows_nothing_of_the_server(caplog):
    fault = fault_of(KeyError("/home/somebody/secret"))
    assert fault.code == "INTERNAL"
    assert "secret" not in fault.message
    assert "secret" in caplog.text


def test_a_plan_says_what_the_server_would(client):
    plan = client.plan(Size(4000, 3000), Rect(100, 100, 64, 64), Verb.ERASE, count=2)
    assert plan.window.contains(Rect(100, 100, 64, 64))
    assert (plan.model, plan.scale) == ("classic", 1.0)
    with pytest.raises(InvalidInput) as wrong:
        client.plan(Size(100, 100), Rect(50, 50, 64, 64), Verb.ERASE)
    assert wrong.value.field == "region"
    with pytest.raises(NotFound):
        client.plan(Size(100, 100), Rect(0, 0, 64, 64), Verb.ERASE, model="no-such-model")


def test_no_server_is_said_at_once_with_the_cure():
    with Client("127.0.0.1:1") as client:
        start = time.monotonic()
        for ask in (client.info, client.models, lambda: client.upload(b"x"), lambda: list(client.watch("x"))):
            with pytest.raises(Unavailable, match="inlay serve") as gone:
                ask()
            assert "127.0.0.1:1" in gone.value.message
        assert time.monotonic() - start < 30, "it waited for a server that never was there"


def test_another_service_is_told_from_an_inlay_server(server):
    with Client(f"127.0.0.1:{server.http_port}") as client, pytest.raises(Unavailable):
        client.info()


def test_an_address_that_is_none_is_refused():
    for address in ("", "http://127.0.0.1:50051", "host:port", "host:0"):
        with pytest.raises(InvalidInput):
            Client(address)


def test_a_stream_can_be_probed(client):
    assert list(client.probe_stream(3, 10)) == [1, 2, 3]
