"""How to reach the journal's tables (inlay.jobs.schema): SQLite in WAL mode, so that readers never wait for the writer."""

import contextlib
import logging
import os
import sqlite3
import time
from pathlib import Path

from inlay.errors import Unavailable
from inlay.jobs import reviews
from inlay.jobs.schema import VERSION, climb, copy_of, version_of

_log = logging.getLogger(__name__)

UNFETCHED_PINNED_DAYS = 14
"""So long the results of an ended job stay although nobody fetched them."""

CHECKPOINT_PAGES = 8_000
"""32 MB: a checkpoint keeps the event loop waiting for the disk (about 20 ms)."""

_PINNED = """
SELECT sha256 FROM inputs JOIN jobs USING (number) WHERE state IN ('queued', 'running')
UNION
SELECT sha256 FROM results JOIN jobs USING (number) WHERE state IN ('queued', 'running')
UNION
SELECT sha256 FROM results JOIN jobs USING (number)
WHERE ended_unix_ms > (CAST(strftime('%s', 'now') AS INTEGER) - :days * 86400) * 1000
AND number IN (SELECT number FROM results WHERE NOT fetched)
UNION
SELECT sha256 FROM inputs WHERE number IN (OPEN)
UNION
SELECT sha256 FROM results WHERE number IN (OPEN)
""".replace("OPEN", reviews.OPEN_JOBS)


def connect(path: Path) -> sqlite3.Connection:
    """Open the journal at `path`, made if it is not there.

    Raises Unsupported for one of a newer Inlay or of another program, Unavailable for one that cannot be opened.
    """
    connection = None
    try:
        connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        _prepare(connection, path)
    except BaseException as error:
        if connection:
            connection.close()
        if isinstance(error, sqlite3.Error):
            raise Unavailable(
                f"the journal {path} cannot be opened ({error}); {_cure(error)}", field="data_dir"
            ) from error
        raise
    return connection


def _prepare(connection: sqlite3.Connection, path: Path) -> None:
    connection.row_factory = sqlite3.Row
    found = version_of(connection, path)
    connection.execute("PRAGMA auto_vacuum = INCREMENTAL")  # of a new file; an older one obeys at its next VACUUM
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA foreign_keys = ON")
    connection.execute(f"PRAGMA wal_autocheckpoint = {CHECKPOINT_PAGES}")
    if 0 < found < VERSION:
        _keep_a_copy(connection, path, found)
    if found < VERSION:
        climb(connection, found)
    if found == 1:  # profiles stood in each of its recipes, and it gives no room back by itself
        try:
            connection.execute("VACUUM")
        except sqlite3.Error:  # a disk that is full for a second copy: the file stays as large as it is
            _log.warning("the journal %s could not be made smaller", path, exc_info=True)
    connection.execute("PRAGMA busy_timeout = 0")  # whoever writes waits outside the event loop (inlay.jobs.standstill)


def _keep_a_copy(connection: sqlite3.Connection, path: Path, version: int) -> None:
    """The journal as it was, for the Inlay that wrote it, should somebody have to go back; without it nothing is changed."""
    copy = copy_of(path, version)
    partial = copy.with_name(f"{copy.name}.part")
    try:
        partial.unlink(missing_ok=True)
        os.close(os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))  # prompts are nobody else's business
        connection.execute("VACUUM INTO ?", (str(partial),))
        os.replace(partial, copy)
    except (sqlite3.Error, OSError) as error:
        with contextlib.suppress(OSError):
            partial.unlink(missing_ok=True)
        megabytes = -(-path.stat().st_size // 10**6)
        raise Unavailable(
            f"the journal {path} is of version {version} and is brought to {VERSION} only once a copy of it is kept, which cannot "
            f"be written to {copy} ({error}); it needs {megabytes} MB there: make room, or let this user write there, and start "
            "again. Nothing was changed",
            field="data_dir",
        ) from error
    _log.warning("the journal is brought from version %d to %d; as it was, it is kept as %s", version, VERSION, copy)


def _cure(error: sqlite3.Error) -> str:
    """What a person can do about a journal that cannot be opened."""
    match getattr(error, "sqlite_errorcode", 0) & 0xFF:
        case sqlite3.SQLITE_CORRUPT | sqlite3.SQLITE_NOTADB:
            return "it is damaged: move it and its -wal and -shm files away and start again, the results stay in blobs/"
        case sqlite3.SQLITE_BUSY | sqlite3.SQLITE_LOCKED:
            return "another process has it locked: close that, a database browser or a backup for one, and start again"
        case sqlite3.SQLITE_FULL:
            return "the disk is full: make room and start again"
        case _:
            return "it must be a file that this user may write, in a folder that this user may write"


def pinned(path: Path) -> frozenset[str]:
    """The blobs that unfinished jobs need, that ended ones have for a client to fetch, and that open reviews show.

    Opens the journal at `path` for itself, so that any thread and any process can ask.
    """
    connection = sqlite3.connect(f"{path.absolute().as_uri()}?mode=rw", uri=True)
    facts = {"days": UNFETCHED_PINNED_DAYS, "now": time.time_ns() // 1_000_000}
    try:
        return frozenset(row[0] for row in connection.execute(_PINNED, facts))
    finally:
        connection.close()
