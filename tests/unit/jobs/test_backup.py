"""A backup of a data folder and what comes back from it: whole or not at all, whatever is killed, evicted or damaged meanwhile."""

import contextlib
import dataclasses
import hashlib
import json
import os
import signal
import sqlite3
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from inlay.blobs import BlobStore
from inlay.errors import InvalidInput, NotFound, Unavailable, Unsupported
from inlay.events import Done
from inlay.jobs import backup as backup_module
from inlay.jobs import rescue
from inlay.jobs.backup import back_up
from inlay.jobs.journal import Journal
from inlay.jobs.restore import restore
from inlay.lock import hold
from support.job_room import new_id, small_recipe


class Desk:
    """A data folder with a token, settings and credentials, and jobs in it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir()
        self.journal = Journal(folder / "journal.sqlite")
        self.blobs = BlobStore(folder / "blobs", pinned=self.journal.pinned)
        (folder / "token").write_text("secret")
        (folder / "credentials").mkdir()
        (folder / "credentials" / "key.pem").write_text("a key")
        (folder / "models").mkdir()
        (folder / "models" / "large.safetensors").write_bytes(b"weights")

    def submit(self, seed: int, pixels: bytes = b"") -> str:
        """A job with a picture of its own."""
        recipe = small_recipe(self.blobs, seed=seed)
        own = self.blobs.add(pixels or os.urandom(256))
        source = recipe.canvas.source
        job_id = new_id()
        self.journal.submit(job_id, recipe.altered(source=dataclasses.replace(source, blob=own)))
        return job_id


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path / "data")


def jobs_in(folder: Path) -> dict[str, str]:
    with contextlib.closing(sqlite3.connect(folder / "journal.sqlite")) as connection:
        return dict(connection.execute("SELECT job_id, state FROM jobs"))


def named_in(folder: Path) -> set[str]:
    with contextlib.closing(sqlite3.connect(folder / "journal.sqlite")) as connection:
        return {name for (name,) in connection.execute("SELECT sha256 FROM inputs UNION SELECT sha256 FROM results")}


def assert_whole(folder: Path) -> None:
    """Everything that the journal names is there, byte for byte."""
    for name in named_in(folder):
        assert hashlib.sha256((folder / "blobs" / name[:2] / name).read_bytes()).hexdigest() == name


def everything(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_what_is_backed_up_comes_back_into_an_empty_folder(desk: Desk, tmp_path: Path) -> None:
    ids = {desk.submit(seed) for seed in range(5)}
    ended = desk.submit(9)
    desk.journal.append(ended, Done(1.0))
    made = back_up(desk.folder, tmp_path / "backup")
    assert (made.jobs, made.copied, made.missing) == (6, made.blobs, ())
    done = restore(tmp_path / "backup", tmp_path / "new")
    assert (done.jobs, done.waiting, done.blobs, done.missing, done.moved) == (6, 5, made.blobs, (), None)
    assert jobs_in(tmp_path / "new") == {**dict.fromkeys(ids, "queued"), ended: "done"}
    assert_whole(tmp_path / "new")
    assert (tmp_path / "new" / "token").read_text() == "secret"
    assert (tmp_path / "new" / "credentials" / "key.pem").read_text() == "a key"
    assert not (tmp_path / "new" / "models").exists()
    assert not (tmp_path / "new" / "server.lock").read_bytes()
    secret = [tmp_path / "backup", *(tmp_path / "backup").glob("*.*"), *(tmp_path / "backup" / "files").glob("*")]
    secret += [tmp_path / "new", *(tmp_path / "new" / name for name in ("journal.sqlite", "token"))]
    assert {stat.S_IMODE(path.stat().st_mode) & 0o077 for path in secret} == {0}, "prompts and tokens are nobody else's"
    assert not (desk.folder / "backing-up").exists()


def test_only_what_is_new_is_copied_the_next_time_and_what_nobody_needs_any_more_goes(
    desk: Desk, tmp_path: Path
) -> None:
    first, target = desk.submit(1), tmp_path / "backup"
    back_up(desk.folder, target)
    desk.submit(2)
    (desk.folder / "token").write_text("another")
    assert back_up(desk.folder, target).copied == 1
    assert restore(target, tmp_path / "new").jobs == 2
    assert (tmp_path / "new" / "token").read_text() == "another"
    lonely = named_in(desk.folder)
    with contextlib.closing(sqlite3.connect(desk.folder / "journal.sqlite")) as connection:
        connection.execute("PRAGMA foreign_keys = ON")
        connection.execute("DELETE FROM jobs WHERE job_id = ?", (first,))
        connection.commit()
    lonely -= named_in(desk.folder)
    assert len(lonely) == 1
    back_up(desk.folder, target)
    assert {path.name for path in (target / "blobs").glob("??/*")} == named_in(desk.folder)
    assert len(list(target.glob("journal-*"))) == len(list((target / "files").glob("*"))) - 1 == 1


def test_pixels_that_are_evicted_while_they_are_backed_up_are_in_the_backup(
    desk: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The job ends and its pixels go between the journal's copy and theirs."""
    job_id = desk.submit(1)
    taken, copy_journal = list[str](), rescue.copy_journal

    def copied(journal: Path, target: Path) -> int:
        jobs = copy_journal(journal, target)
        desk.journal.append(job_id, Done(1.0))
        small = BlobStore(desk.folder / "blobs", quota_bytes=0)
        taken.extend(small.evict(desk.journal.pinned()))
        return jobs

    monkeypatch.setattr(backup_module, "copy_journal", copied)
    made = back_up(desk.folder, tmp_path / "backup")
    assert len(taken) == 3
    assert made.missing == ()
    assert restore(tmp_path / "backup", tmp_path / "new").waiting == 1
    assert_whole(tmp_path / "new")


_KILLED = """
import os, signal, sys
from pathlib import Path
from inlay.jobs import backup
left, what = int(sys.argv[3]), sys.argv[4]
def counted(function):
    def call(*given, **named):
        global left
        left -= 1
        if left < 0:
            os.kill(os.getpid(), signal.SIGKILL)
        return function(*given, **named)
    return call
if what == "take":
    backup.take = counted(backup.take)
elif what == "journal":
    backup.copy_journal = counted(backup.copy_journal)
elif what == "replace":
    os.replace = counted(os.replace)
else:
    backup._drop_the_rest = counted(backup._drop_the_rest)
backup.back_up(Path(sys.argv[1]), Path(sys.argv[2]))
"""


def killed_backup(desk: Desk, target: Path, what: str, after: int = 0) -> None:
    command = [sys.executable, "-c", _KILLED, str(desk.folder), str(target), str(after), what]
    assert subprocess.run(command, check=False, timeout=120).returncode == -signal.SIGKILL


@pytest.mark.parametrize(("what", "after"), [("journal", 0), ("take", 0), ("take", 2), ("replace", 3)])
def test_a_backup_that_is_killed_leaves_the_former_one_as_it_was(
    desk: Desk, tmp_path: Path, what: str, after: int
) -> None:
    first, target = desk.submit(1), tmp_path / "backup"
    back_up(desk.folder, target)
    for seed in range(2, 6):
        desk.submit(seed)
    (desk.folder / "token").write_text("another")
    killed_backup(desk, target, what, after)
    restore(target, tmp_path / "new")
    assert jobs_in(tmp_path / "new") == {first: "queued"}
    assert_whole(tmp_path / "new")
    assert (tmp_path / "new" / "token").read_text() == "secret"
    assert back_up(desk.folder, target).jobs == 5
    assert restore(target, tmp_path / "newer").missing == ()
    assert not [path for path in target.rglob("*") if path.name.endswith(".part")]
    assert not (desk.folder / "backing-up").exists()


def test_one_that_is_killed_once_it_is_whole_counts(desk: Desk, tmp_path: Path) -> None:
    desk.submit(1)
    back_up(desk.folder, tmp_path / "backup")
    desk.submit(2)
    killed_backup(desk, tmp_path / "backup", "the rest")
    assert restore(tmp_path / "backup", tmp_path / "new").jobs == 2
    assert_whole(tmp_path / "new")


def test_a_first_backup_that_was_killed_is_none_and_is_said_to_be_unfinished(desk: Desk, tmp_path: Path) -> None:
    desk.submit(1)
    killed_backup(desk, tmp_path / "backup", "take")
    with pytest.raises(NotFound, match="was not finished; take it again"):
        restore(tmp_path / "backup", tmp_path / "new")
    assert back_up(desk.folder, tmp_path / "backup").jobs == 1


@pytest.mark.parametrize("part", ["journal", "a file"])
def test_a_damaged_backup_is_refused_before_it_counts(desk: Desk, tmp_path: Path, part: str) -> None:
    desk.submit(1)
    target = tmp_path / "backup"
    back_up(desk.folder, target)
    place = next(target.glob("journal-*") if part == "journal" else (target / "files").glob("*"))
    place.write_bytes(place.read_bytes()[:-1] + b"?")
    with pytest.raises(Unavailable, match="damaged"):
        restore(target, tmp_path / "new")
    assert not (tmp_path / "new" / "journal.sqlite").exists()


def test_a_damaged_picture_is_named_and_does_not_come_back_as_another(desk: Desk, tmp_path: Path) -> None:
    desk.submit(1)
    target = tmp_path / "backup"
    back_up(desk.folder, target)
    place = next((target / "blobs").glob("??/*"))
    place.unlink()  # it may be a second name for the data folder's own
    place.write_bytes(b"other pixels")
    assert restore(target, tmp_path / "new").missing == (place.name,)
    assert not (tmp_path / "new" / "blobs" / place.parent.name / place.name).exists()


def test_a_picture_that_is_damaged_in_the_data_folder_is_not_kept_as_if_it_were_whole(
    desk: Desk, tmp_path: Path
) -> None:
    desk.submit(1)
    place = next(path for path in (desk.folder / "blobs").glob("??/*") if len(path.name) == 64)
    place.write_bytes(b"rotten")
    assert back_up(desk.folder, tmp_path / "backup").missing == (place.name,)


def test_a_backup_on_another_disk_is_copied_not_linked(
    desk: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk.submit(1)
    real = os.link

    def link(source: Path, place: Path) -> None:
        if str(place).startswith(str(tmp_path / "backup")):
            raise OSError(18, "Invalid cross-device link")
        real(source, place)

    monkeypatch.setattr(os, "link", link)
    assert back_up(desk.folder, tmp_path / "backup").missing == ()
    assert {path.stat().st_nlink for path in (tmp_path / "backup" / "blobs").glob("??/*")} == {1}
    restore(tmp_path / "backup", tmp_path / "new")
    assert_whole(tmp_path / "new")


def test_where_links_cannot_be_everything_is_copied(
    desk: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk.submit(1)

    def link(_source: Path, _place: Path) -> None:
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr(os, "link", link)
    assert back_up(desk.folder, tmp_path / "backup").missing == ()
    restore(tmp_path / "backup", tmp_path / "new")
    assert_whole(tmp_path / "new")


def test_a_data_folder_in_use_is_refused_or_moved_aside(desk: Desk, tmp_path: Path) -> None:
    kept = desk.submit(1)
    back_up(desk.folder, tmp_path / "backup")
    name = min(named_in(desk.folder))
    lost = desk.submit(2)
    desk.journal.close()
    (desk.folder / "token").write_text("another")
    rotten = desk.folder / "blobs" / name[:2] / name
    rotten.unlink()
    rotten.write_bytes(b"rotten")
    before = everything(desk.folder)
    with pytest.raises(InvalidInput, match=r"journal.sqlite, token lie there.*--replace"):
        restore(tmp_path / "backup", desk.folder)
    assert {name: data for name, data in everything(desk.folder).items() if name != "server.lock"} == before
    done = restore(tmp_path / "backup", desk.folder, replace=True)
    assert jobs_in(desk.folder) == {kept: "queued"}
    assert done.moved
    assert set(jobs_in(done.moved)) == {kept, lost}
    assert (done.moved / "token").read_text() == "another"
    assert (desk.folder / "token").read_text() == "secret"
    assert_whole(desk.folder)


def test_a_data_folder_with_a_running_server_is_refused(desk: Desk, tmp_path: Path) -> None:
    desk.submit(1)
    back_up(desk.folder, tmp_path / "backup")
    with hold(desk.folder / "server.lock"), pytest.raises(Unavailable, match="runs; stop it"):
        restore(tmp_path / "backup", desk.folder, replace=True)


def test_what_another_program_wrote_is_never_a_target(desk: Desk, tmp_path: Path) -> None:
    desk.submit(1)
    (tmp_path / "photos").mkdir()
    (tmp_path / "photos" / "a.jpg").write_bytes(b"mine")
    (tmp_path / "file").write_bytes(b"mine")
    for place, why in (("photos", "other files"), ("file", "is a file"), ("data/backup", "another disk")):
        with pytest.raises(InvalidInput, match=why):
            back_up(desk.folder, tmp_path / place)
    assert everything(tmp_path / "photos") == {"a.jpg": b"mine"}
    with pytest.raises(NotFound, match="no server ever used"):
        back_up(tmp_path / "nothing", tmp_path / "backup")
    with hold(desk.folder / "backup.lock"), pytest.raises(Unavailable, match="another backup"):
        back_up(desk.folder, tmp_path / "backup")


def test_a_backup_of_a_newer_inlay_is_left_alone_and_so_is_one_that_leads_elsewhere(desk: Desk, tmp_path: Path) -> None:
    desk.submit(1)
    target = tmp_path / "backup"
    back_up(desk.folder, target)
    said = json.loads((target / "backup.json").read_text())
    (target / "backup.json").write_text(json.dumps(said | {"schema": 900}))
    with pytest.raises(Unsupported, match="newer Inlay"):
        restore(target, tmp_path / "new")
    token = said["files"].pop("token")
    (target / "backup.json").write_text(json.dumps(said | {"files": {"../outside": token}}))
    with pytest.raises(Unavailable, match="damaged"):
        restore(target, tmp_path / "new")
    assert not (tmp_path / "outside").exists()


def test_a_second_database_in_the_data_folder_is_kept_as_it_is_at_one_moment(desk: Desk, tmp_path: Path) -> None:
    desk.submit(1)
    with contextlib.closing(sqlite3.connect(desk.folder / "other.sqlite")) as connection:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("CREATE TABLE people (name)")
        connection.execute("INSERT INTO people VALUES ('Anna')")
        connection.commit()
        back_up(desk.folder, tmp_path / "backup")
    restore(tmp_path / "backup", tmp_path / "new")
    with contextlib.closing(sqlite3.connect(tmp_path / "new" / "other.sqlite")) as connection:
        assert connection.execute("SELECT name FROM people").fetchall() == [("Anna",)]
