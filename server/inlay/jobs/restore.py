"""A backup brought back into a data folder: blobs, each by its hash, then the files, and last the journal, which makes it count."""

import contextlib
import os
import shutil
import sqlite3
import time
from pathlib import Path
from typing import NamedTuple

from inlay.errors import InvalidInput, Unavailable, Unsupported
from inlay.jobs.backup import FILES, JOURNAL, Manifest, blobs_named_by, is_whole, place_of, take
from inlay.jobs.schema import VERSION
from inlay.lock import try_hold

_SERVER_LOCK = "server.lock"
"""Whoever serves a data folder holds it."""


class Restored(NamedTuple):
    """What came back."""

    jobs: int
    waiting: int
    """Jobs that were not finished: the next server of the data folder paints them."""
    blobs: int
    missing: tuple[str, ...]
    """Blobs that the journal names and that the backup has not, or not whole."""
    moved: Path | None
    """Where that is now which lay there before."""


def restore(source: Path, data_dir: Path, replace: bool = False) -> Restored:
    """Bring the backup in `source` into the data folder `data_dir`, which has no running server.

    replace: move what is there already aside instead of refusing it. Blobs that are there stay: they have the same names.

    Raises NotFound where `source` is no whole backup, Unsupported for one of a newer Inlay, InvalidInput where the data
    folder is not empty, Unavailable where a server has it, where the backup is damaged, or the disk does not do it.
    """
    manifest = Manifest.read(source)
    if manifest.schema > VERSION:
        raise Unsupported(
            f"the backup {source} is of a newer Inlay (journal version {manifest.schema}, known is {VERSION}); "
            "install that one first"
        )
    journal = source / manifest.journal
    inside = all(data_dir in Path(os.path.normpath(data_dir / path)).parents for path in manifest.files)
    if not inside or not is_whole(journal, manifest.journal_sha256):
        raise _damaged(journal)
    before = os.umask(0o077)
    try:
        data_dir.mkdir(parents=True, exist_ok=True)
        lock = try_hold(data_dir / _SERVER_LOCK)
        if lock is None:
            raise Unavailable(
                f"the server of {data_dir} runs; stop it, and start it again afterwards", field="data_dir"
            )
        with lock:
            moved = _clear(data_dir, source, manifest, replace)
            names = blobs_named_by(journal)
            missing = [name for name in sorted(names) if not _bring(source, data_dir, name)]
            for path, sha256 in manifest.files.items():
                if not take(source / FILES / sha256, data_dir / path, sha256):
                    raise _damaged(source / FILES / sha256)
            if not take(journal, data_dir / JOURNAL, manifest.journal_sha256):
                raise _damaged(journal)
            return Restored(manifest.jobs, _waiting(journal), len(names) - len(missing), tuple(missing), moved)
    except (OSError, sqlite3.Error) as error:
        raise Unavailable(f"{source} cannot be restored to {data_dir} ({error})", field="data_dir") from error
    finally:
        os.umask(before)


def _damaged(kept: Path) -> Unavailable:
    return Unavailable(f"the backup is damaged: {kept} is not as it was written; take another backup", field="source")


def _bring(source: Path, data_dir: Path, sha256: str) -> bool:
    place = place_of(data_dir, sha256)
    return is_whole(place, sha256) or take(place_of(source, sha256), place, sha256)


def _clear(data_dir: Path, source: Path, manifest: Manifest, replace: bool) -> Path | None:
    """Where that is now which lay in the way; what is as in the backup lies in nobody's way. Raises InvalidInput."""
    ways = [
        JOURNAL,
        *(path for path, sha256 in manifest.files.items() if not _same(data_dir / path, source / FILES / sha256)),
    ]
    found = [path for path in ways if (data_dir / path).exists()]
    if not found:
        return None
    if not replace:
        raise InvalidInput(
            "data_dir",
            data_dir,
            f"it is in use: {', '.join(found[:3])} {'lies' if len(found) == 1 else 'lie'} there. Name an empty folder, or give "
            "--replace to move them aside",
        )
    aside = data_dir / f"before-restore-{time.strftime('%Y%m%d-%H%M%S')}"
    for path in (*found, f"{JOURNAL}-wal", f"{JOURNAL}-shm"):
        with contextlib.suppress(FileNotFoundError):
            (aside / path).parent.mkdir(parents=True, exist_ok=True)
            shutil.move(data_dir / path, aside / path)
    return aside


def _same(one: Path, other: Path) -> bool:
    with contextlib.suppress(FileNotFoundError):
        return one.read_bytes() == other.read_bytes()
    return False


def _waiting(journal: Path) -> int:
    address = f"{journal.absolute().as_uri()}?mode=ro&immutable=1"
    with contextlib.closing(sqlite3.connect(address, uri=True)) as connection:
        (waiting,) = connection.execute("SELECT count(*) FROM jobs WHERE state IN ('queued', 'running')").fetchone()
        return waiting
