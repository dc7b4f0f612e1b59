"""What people ask for in words is in the audit log where the studio wants it there, and nowhere else otherwise."""

import contextlib
import sqlite3
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from cli.conftest import Run, Serving
from inlay.blobs import BlobStore
from inlay.client import Client
from inlay.recipe import MAX_PROMPT_CHARACTERS
from inlay.v1 import inlay_pb2, recipe_pb2
from inlay.wire.codec import to_message
from rpc.doors import ConnectJson, GrpcDoor, Refused, call
from support.job_room import small_recipe

pytestmark = pytest.mark.slow

SECRET, UNWANTED = "the unreleased bottle", "the rival's logo"
FORGED = "a line\n2026-11-30T10:00:00.000+00:00  ben  CancelJob  OK"
"""Sent as a prompt: `inlay audit` must not show it as a line."""


def ask(serving: Serving, token: str, folder: Path) -> None:
    """Through both doors: what is taken, and what is refused for the length of its words, and for its pixels."""
    recipe = small_recipe(BlobStore(folder))
    with Client(serving.address, token=token) as client:
        client.upload(bytes(range(256)))
        client.upload(bytes(range(64)))

    def submit(door: Any, prompt: str, blob: str = "") -> None:
        message = to_message(recipe.altered(prompt=prompt, negative_prompt=UNWANTED), recipe_pb2.Recipe)
        message.canvas.source.blob = blob or message.canvas.source.blob
        call(door, "SubmitEdit", inlay_pb2.SubmitEditRequest(job_id=str(uuid.uuid4()), recipe=message))

    for door in (GrpcDoor(serving.card.grpc_port, token=token), ConnectJson(serving.card.http_port, token=token)):
        submit(door, SECRET)
        for prompt, blob in ((SECRET + "!" * MAX_PROMPT_CHARACTERS, ""), (FORGED, "0" * 64)):
            with pytest.raises(Refused) as refused:
                submit(door, prompt, blob)
            assert UNWANTED not in refused.value.message


def in_the_journal(data: Path) -> list[str]:
    with contextlib.closing(sqlite3.connect(data / "journal.sqlite")) as connection:
        return [facts for (facts,) in connection.execute("SELECT facts FROM audit")]


def ended(serving: Serving) -> str:
    """The server's log, once it has stopped."""
    serving.process.terminate()
    log, _ = serving.process.communicate(timeout=120)
    return log


def test_prompts_are_noted_only_where_that_was_asked_for(
    start_serving: Callable[..., Serving], inlay: Run, tmp_path: Path
) -> None:
    data = tmp_path / "data"
    token = inlay("people", "add", "anna", "--data", data, "--json").json["token"]

    serving = start_serving(data)
    ask(serving, token, tmp_path / "blobs")
    log = ended(serving)
    discreet = in_the_journal(data)
    assert [SECRET in text or UNWANTED in text for text in (*discreet, log)] == [False] * (len(discreet) + 1)
    noted = inlay("audit", "--data", data, "--json").json
    assert [one["outcome"] for one in noted] == 2 * ["OK", "INVALID_ARGUMENT", "FAILED_PRECONDITION"]
    before = inlay("audit", "--verify", "--data", data, "--json").json
    assert (before["lines"], before["flaw"]) == (6, "")

    serving = start_serving(data, "--audit-prompts")
    ask(serving, token, tmp_path / "blobs")
    log = ended(serving)
    assert (SECRET in log, UNWANTED in log) == (False, False), "the server's log is not the audit log"
    told = inlay("audit", "--data", data, "--json").json[6:]
    too_long = SECRET + "!" * (MAX_PROMPT_CHARACTERS - len(SECRET))
    assert [one["prompt"] for one in told] == 2 * [SECRET, too_long, FORGED]
    assert {one["negative_prompt"] for one in told} == {UNWANTED}
    assert in_the_journal(data)[:6] == discreet
    lines = inlay("audit", "--data", data).out.splitlines()
    assert len(lines) == 12, "each call is one line, whatever was sent"
    after = inlay("audit", "--verify", "--head", before["head"], "--data", data, "--json")
    assert (after.code, after.json["lines"], after.json["flaw"]) == (0, 12, "")
    with contextlib.closing(sqlite3.connect(data / "journal.sqlite")) as connection:
        connection.execute("DROP TRIGGER audit_no_UPDATE")
        connection.execute("UPDATE audit SET facts = replace(facts, ?, 'a bottle') WHERE number = 7", (SECRET,))
        connection.commit()
    assert "line 7 was changed" in inlay("audit", "--verify", "--data", data).out
