"""`inlay backup` and `inlay restore`: a data folder kept while its server runs, and brought back."""

from pathlib import Path

import pytest

from cli.conftest import Run, Serving
from inlay.client import Client


@pytest.mark.slow
def test_a_running_server_is_backed_up_and_comes_back_in_another_folder(
    inlay: Run, server: Serving, client: Client, tmp_path: Path
) -> None:
    client.upload(b"pixels that no job names are not in it")
    target, new = tmp_path / "backup", tmp_path / "new"
    said = inlay("backup", target, "--data", server.data, "--json")
    assert said.code == 0
    assert said.json["missing"] == []
    assert said.json["jobs"] == len(client.jobs(limit=1000))
    again = inlay("backup", target, "--data", server.data)
    assert (again.code, again.out.split(";")[0].rsplit(", ")[-1].strip()) == (0, "0 of them new")
    back = inlay("restore", target, "--data", new, "--json")
    assert (back.json["jobs"], back.json["missing"], back.json["moved"]) == (said.json["jobs"], [], None)
    assert (new / "token").read_bytes() == (server.data / "token").read_bytes()
    refused = inlay("restore", target, "--data", server.data, "--replace")
    assert refused.code == 3
    assert "runs; stop it" in refused.err
    report = inlay("report", next(target.glob("journal-*.sqlite")), "--json")
    assert report.code == 0


def test_what_cannot_be_backed_up_is_said_with_its_name(inlay: Run, tmp_path: Path) -> None:
    said = inlay("backup", tmp_path / "backup", "--data", tmp_path / "nothing")
    assert said.code == 5
    assert str(tmp_path / "nothing") in said.err
    assert not (tmp_path / "backup").exists()
    (tmp_path / "empty").mkdir()
    assert inlay("restore", tmp_path / "empty", "--data", tmp_path / "new").code == 5
