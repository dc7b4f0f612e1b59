"""A backup of a data folder, taken while its server runs: the journal as it is at one moment, every blob that it names, and the
files beside it. A folder that is taken again keeps what it has already, and stays the former backup until the new one is whole.

    DIR/backup.json              what belongs to it; written last
    DIR/journal-*.sqlite         one file, of which `inlay report` reads, too
    DIR/blobs/ab/abcd...         named by their SHA-256, as in the data folder
    DIR/files/...                token, certificate, models.toml and whatever else lies there, by their SHA-256

The journal comes first and the blobs after it, so that nothing it names came later; while they are copied, hard links keep
them from being evicted. Models are not in it: they are large, and are got or put in place again.
"""

import contextlib
import hashlib
import json
import os
import re
import secrets
import shutil
import sqlite3
import tempfile
import time
from collections.abc import Generator, Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import NamedTuple

from inlay.errors import InvalidInput, NotFound, Unavailable
from inlay.jobs.rescue import copy_journal
from inlay.jobs.schema import VERSION
from inlay.lock import try_hold

JOURNAL, BLOBS, FILES, MANIFEST = "journal.sqlite", "blobs", "files", "backup.json"
_MARK = "inlay-backup"
"""An empty file that says that the folder is one of ours, before there is a manifest."""

_LOCK, _LINKS = "backup.lock", "backing-up"

_LEFT_OUT = (
    re.compile(r"server\.(json|lock)(\.new)?|backup\.lock"),  # of the running process
    re.compile(r"journal[.-].*|.*-(wal|shm)|.*\.(part|new|mended)"),  # the journal is copied by itself
    re.compile(r"blobs|models|backing-up|before-restore-.*"),
)
_SQLITE = b"SQLite format 3\0"
_NAME = re.compile(r"[0-9a-f]{64}")


class Backup(NamedTuple):
    """What a backup has."""

    jobs: int
    blobs: int
    copied: int
    """Blobs that were not there from a former backup of the same folder."""
    missing: tuple[str, ...]
    """Blobs that the journal names and that are not in the data folder any more, or not whole: evicted ones of ended jobs."""


@dataclass(frozen=True)
class Manifest:
    """`backup.json`: what a whole backup consists of."""

    made_unix_ms: int
    schema: int
    """The version of the journal's schema."""
    jobs: int
    journal: str
    """The file's name."""
    journal_sha256: str
    files: Mapping[str, str]
    """SHA-256 by the path in the data folder, with slashes."""

    @classmethod
    def read(cls, folder: Path) -> "Manifest":
        """Raises NotFound where there is no whole backup in `folder`."""
        try:
            return cls(**json.loads((folder / MANIFEST).read_text("utf-8")))
        except FileNotFoundError:
            why = (
                "the backup in it was not finished; take it again"
                if (folder / _MARK).exists()
                else "none was made there"
            )
            raise NotFound("backup", str(folder), hint=why, field="source") from None
        except (OSError, ValueError, TypeError) as error:
            raise Unavailable(f"{folder / MANIFEST} cannot be read ({error})", field="source") from error


def back_up(data_dir: Path, target: Path) -> Backup:
    """Copy the data folder `data_dir`, whose server may run, to the folder `target`: a new or empty one, or a former backup.

    Raises InvalidInput where `target` holds something else or lies in the data folder, NotFound where there is no journal,
    Unavailable where another backup runs or something cannot be read or written: a former backup is then whole as before.
    """
    journal = data_dir / JOURNAL
    if not journal.is_file():
        raise NotFound("journal", str(journal), hint="no server ever used this data folder", field="data_dir")
    _check_target(target, data_dir)
    lock = try_hold(data_dir / _LOCK)
    if lock is None:
        raise Unavailable(f"another backup of {data_dir} runs; let it end", field="data_dir")
    before = os.umask(0o077)  # prompts, pixels and tokens are nobody else's business
    try:
        with lock:
            target.mkdir(parents=True, exist_ok=True)
            (target / _MARK).touch()
            with _linked(data_dir) as links:
                return _copy(data_dir, target, links)
    except (OSError, sqlite3.Error) as error:
        raise Unavailable(f"{data_dir} cannot be backed up to {target} ({error})", field="target") from error
    finally:
        os.umask(before)


def _check_target(target: Path, data_dir: Path) -> None:
    place = target.resolve()
    if place == data_dir.resolve() or data_dir.resolve() in place.parents:
        raise InvalidInput(
            "target", target, "it lies in the data folder; name a folder elsewhere, best on another disk"
        )
    if target.exists() and not target.is_dir():
        raise InvalidInput("target", target, "it is a file; name a folder")
    if target.is_dir() and any(target.iterdir()) and not (target / _MARK).exists():
        raise InvalidInput("target", target, "it holds other files; name a new folder, or one of a former backup")


def _copy(data_dir: Path, target: Path, links: Path) -> Backup:
    kept = target / f"journal-{time.strftime('%Y%m%d-%H%M%S')}-{secrets.token_hex(4)}.sqlite"
    jobs = copy_journal(data_dir / JOURNAL, kept)
    names = blobs_named_by(kept)
    copied, missing = 0, list[str]()
    for sha256 in sorted(names):
        place = place_of(target, sha256)
        if place.exists():
            continue
        sources = (links / sha256, place_of(data_dir, sha256))
        if any(take(source, place, sha256, may_link=True) for source in sources):
            copied += 1
        else:
            missing.append(sha256)
    files = {path.relative_to(data_dir).as_posix(): _keep(path, target) for path in _files(data_dir)}
    manifest = Manifest(time.time_ns() // 1_000_000, VERSION, jobs, kept.name, _hash(kept), files)
    for folder in (*(target / BLOBS).glob("??"), target / FILES):
        if folder.is_dir():
            _sync(folder)
    partial = target / f"{MANIFEST}.part"
    partial.write_text(json.dumps(asdict(manifest), indent=1), "utf-8")
    _sync(partial)
    os.replace(partial, target / MANIFEST)
    _sync(target)
    _drop_the_rest(target, manifest, names)
    return Backup(jobs, len(names) - len(missing), copied, tuple(missing))


@contextlib.contextmanager
def _linked(data_dir: Path) -> Generator[Path]:
    """A folder with a second name for every blob, so that none is gone before it is copied; where links cannot be, an empty one."""
    links = data_dir / _LINKS
    shutil.rmtree(links, ignore_errors=True)  # of a backup that was killed
    links.mkdir()
    try:
        with contextlib.suppress(OSError):
            for path in (data_dir / BLOBS).glob("??/*"):
                if _NAME.fullmatch(path.name):
                    with contextlib.suppress(FileNotFoundError):
                        os.link(path, links / path.name)
        yield links
    finally:
        shutil.rmtree(links, ignore_errors=True)


def place_of(folder: Path, sha256: str) -> Path:
    """Where a blob lies in a data folder or a backup."""
    return folder / BLOBS / sha256[:2] / sha256


def blobs_named_by(journal: Path) -> frozenset[str]:
    """What the jobs of a journal that nobody writes were given and brought."""
    address = f"{journal.absolute().as_uri()}?mode=ro&immutable=1"
    with contextlib.closing(sqlite3.connect(address, uri=True)) as connection:
        return frozenset(
            row[0] for row in connection.execute("SELECT sha256 FROM inputs UNION SELECT sha256 FROM results")
        )


def take(source: Path, place: Path, sha256: str, may_link: bool = False) -> bool:
    """Bring the file `source` to `place`, on the disk; False where it is not there or has other bytes than its hash says."""
    if not is_whole(source, sha256):
        return False
    place.parent.mkdir(parents=True, exist_ok=True)
    partial = place.with_name(f"{place.name}.part")
    partial.unlink(missing_ok=True)
    linked = False
    if may_link:
        with contextlib.suppress(OSError):
            os.link(source, partial)
            linked = True
    if not linked:
        shutil.copyfile(source, partial)
        os.utime(partial, ns=(used := source.stat().st_mtime_ns, used))  # what was used last stays longest
        if not is_whole(partial, sha256):  # nor does a copy count that is not what was read
            partial.unlink()
            return False
        _sync(partial)
    os.replace(partial, place)
    return True


def is_whole(path: Path, sha256: str) -> bool:
    """Whether the file is there and has that hash."""
    with contextlib.suppress(FileNotFoundError):
        return _hash(path) == sha256
    return False


def _keep(path: Path, target: Path) -> str:
    """A file beside the journal, by its hash. A database is copied as it is at one moment."""
    with tempfile.TemporaryDirectory(dir=target, prefix="copying-", suffix=".part") as folder:
        copy = Path(folder) / "copy"
        with path.open("rb") as file:
            is_database = file.read(len(_SQLITE)) == _SQLITE
        if is_database:
            address = f"{path.absolute().as_uri()}?mode=rw"
            with (
                contextlib.closing(sqlite3.connect(address, uri=True)) as live,
                contextlib.closing(sqlite3.connect(copy)) as still,
            ):
                live.backup(still)
                still.execute("PRAGMA journal_mode = DELETE")
        else:
            shutil.copyfile(path, copy)
        sha256 = _hash(copy)
        take(copy, target / FILES / sha256, sha256)
        return sha256


def _files(data_dir: Path) -> Iterator[Path]:
    """What lies in a data folder beside journal, blobs and models."""
    for top in sorted(data_dir.iterdir()):
        if any(pattern.fullmatch(top.name) for pattern in _LEFT_OUT):
            continue
        for path in sorted(top.rglob("*")) if top.is_dir() else [top]:
            if path.is_file() and path.name != "lock" and not path.name.endswith(("-wal", "-shm", ".part", ".new")):
                yield path


def _drop_the_rest(target: Path, manifest: Manifest, names: frozenset[str]) -> None:
    """What only former backups had, and what a killed one left."""
    files = frozenset(manifest.files.values())
    gone = [path for path in (target / BLOBS).glob("??/*") if path.name not in names]
    gone += [path for path in (target / FILES).glob("*") if path.name not in files]
    gone += [path for path in target.glob("journal-*") if path.name != manifest.journal]
    for path in gone:
        path.unlink(missing_ok=True)
    for path in target.glob("copying-*.part"):
        shutil.rmtree(path, ignore_errors=True)


def _hash(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _sync(path: Path) -> None:
    if path.is_dir() and os.name != "posix":  # elsewhere folders cannot be synced
        return
    number = os.open(path, os.O_RDONLY if path.is_dir() else os.O_RDWR)
    try:
        os.fsync(number)
    finally:
        os.close(number)
