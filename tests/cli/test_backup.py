"""`inlay backup`: a copy of the journal while its server runs."""

import contextlib
import sqlite3
from pathlib import Path

import pytest

from cli.conftest import Run, Serving


@pytest.mark.slow
def test_the_journal_is_copied_from_under_a_running_server(inlay: Run, server: Serving, tmp_path: Path) -> None:
    target = tmp_path / "copy.sqlite"
    said = inlay("backup", target, "--data", server.data, "--json")
    assert said.code == 0
    with contextlib.closing(sqlite3.connect(target)) as copy:
        (jobs,) = copy.execute("SELECT count(*) FROM jobs").fetchone()
    assert said.json == {"file": str(target), "jobs": jobs}

    again = inlay("backup", target, "--data", server.data)
    assert again.code == 2
    assert "exists" in again.err


def test_a_folder_without_a_journal_is_named(inlay: Run, tmp_path: Path) -> None:
    said = inlay("backup", tmp_path / "copy.sqlite", "--data", tmp_path / "nothing")
    assert said.code != 0
    assert str(tmp_path / "nothing") in said.err
    assert not (tmp_path / "copy.sqlite").exists()
