"""`inlay backup`: a copy of the journal while its server runs."""

from pathlib import Path

import pytest

from cli.conftest import Run, Serving
from inlay.jobs.journal import Journal


@pytest.mark.slow
def test_the_journal_is_copied_from_under_a_running_server(inlay: Run, server: Serving, tmp_path: Path) -> None:
    target = tmp_path / "copy.sqlite"
    said = inlay("backup", target, "--data", server.data, "--json")
    assert said.code == 0
    copy = Journal(target)
    assert said.json == {"file": str(target), "jobs": len(copy.list())}

    again = inlay("backup", target, "--data", server.data)
    assert again.code == 2
    assert "exists" in again.err


def test_a_folder_without_a_journal_is_named(inlay: Run, tmp_path: Path) -> None:
    said = inlay("backup", tmp_path / "copy.sqlite", "--data", tmp_path / "nothing")
    assert said.code != 0
    assert str(tmp_path / "nothing") in said.err
    assert not (tmp_path / "copy.sqlite").exists()
