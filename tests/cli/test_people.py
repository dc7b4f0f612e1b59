"""`inlay people`: from a name to a token that works, and to one that works no more."""

import json
from pathlib import Path

import pytest

from cli.conftest import Run, Serving
from inlay.client import Client
from inlay.errors import Unauthenticated


def test_a_desk_without_people_lists_none(inlay: Run, tmp_path: Path) -> None:
    assert inlay("people", "list", "--data", tmp_path, "--json").json == []
    assert not list(tmp_path.iterdir())


def test_what_a_list_tells_of_a_person_and_never_the_token(inlay: Run, tmp_path: Path) -> None:
    added = inlay("people", "add", "Anna", "--role", "lead", "--project", "autumn", "--expires", 90, "--data", tmp_path)
    assert added.code == 0
    token = added.out.splitlines()[-1]
    assert token.startswith("inlay_")
    told = inlay("people", "list", "--data", tmp_path)
    assert told.out.startswith("Anna  lead  in autumn\n")
    assert f"{token[6:14]}  made " in told.out
    assert "never used" in told.out
    listed = inlay("people", "list", "--data", tmp_path, "--json")
    assert token[15:] not in told.out + listed.out
    assert (listed.json[0]["name"], listed.json[0]["role"], listed.json[0]["projects"]) == ("Anna", "lead", ["autumn"])


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("add", "owner"), "the server's own token"),
        (("add", "anna", "--role", "boss"), "boss"),
        (("rotate", "nobody"), "nobody"),
        (("revoke", "nobody"), "nobody"),
        (("change", "nobody", "--role", "lead"), "nobody"),
        (("change", "nobody"), "--role"),
        (("rotate", "nobody", "--overlap", "soon"), "7d, 12h, 30m"),
    ],
)
def test_what_cannot_be_is_said(inlay: Run, tmp_path: Path, arguments: tuple[str, ...], says: str) -> None:
    said = inlay("people", *arguments, "--data", tmp_path)
    assert said.code in (2, 5)
    assert says in said.err


@pytest.mark.slow
def test_a_token_opens_a_running_server_until_it_is_revoked_and_the_commands_take_it(
    inlay: Run, server: Serving, photo: Path, mask: Path, tmp_path: Path
) -> None:
    at = ("--data", server.data, "--json")
    first = inlay("people", "add", "Anna", *at).json["token"]
    file = tmp_path / "token"
    file.write_text(first)
    there = ("--server", server.address, "--token-file", file)
    edited = inlay("edit", photo, "--mask", mask, "--verb", "erase", "--out", tmp_path / "out.png", "--json", *there)
    assert edited.code == 0, edited.err
    listed = inlay("jobs", "list", "--json", *there).json
    assert {job["person"] for job in listed if job["job_id"] == edited.json["job_id"]} == {"Anna"}

    second = inlay("people", "rotate", "anna", "--overlap", "1h", *at).json["token"]
    for token in (first, second):
        with Client(server.address, token=token) as client:
            assert client.info().protocol == 1
    told = inlay("people", "list", *at).json
    anna = next(one for one in told if one["name"] == "Anna")
    assert len(anna["tokens"]) == 2
    assert all(token["used_unix_ms"] for token in anna["tokens"])
    assert first not in json.dumps(told)

    inlay("people", "revoke", "anna", *at)
    for token in (first, second):
        with Client(server.address, token=token) as client, pytest.raises(Unauthenticated, match="was revoked"):
            client.info()
    refused = inlay("jobs", "list", *there)
    assert (refused.code, "was revoked" in refused.err) == (3, True)
    with Client(server.address, token=server.card.token) as owner:
        assert owner.info().protocol == 1
