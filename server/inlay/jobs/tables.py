"""The journal's tables, and how to reach them: SQLite in WAL mode, so that readers never wait for the writer."""

import logging
import sqlite3
import time
from collections.abc import Callable
from pathlib import Path

from inlay.errors import Unavailable, Unsupported
from inlay.jobs import history, reviews
from inlay.jobs.older import LANES, PROFILES, bring_up, execute

_log = logging.getLogger(__name__)

VERSION = 6
"""2: profiles stand beside recipes and events instead of in each, and the file gives room back. 3: recipes in parts. 4: jobs have
a lane, a parent, a batch and a device, and times are measured by device. 5: what was made can be looked through. 6: reviews."""

UNFETCHED_PINNED_DAYS = 14
"""So long the results of an ended job stay although nobody fetched them."""

CHECKPOINT_PAGES = 8_000
"""32 MB. Previews fill pages quickly, and a checkpoint keeps the event loop waiting for the disk (about 20 ms)."""

_TABLES = """
CREATE TABLE jobs (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    job_id TEXT NOT NULL UNIQUE,
    recipe TEXT NOT NULL,
    recipe_sha256 TEXT NOT NULL,
    label TEXT NOT NULL,
    state TEXT NOT NULL,
    submitted_unix_ms INTEGER NOT NULL,
    ended_unix_ms INTEGER,
    last_seq INTEGER NOT NULL DEFAULT 0,
    variations_done INTEGER NOT NULL DEFAULT 0,
    attempts INTEGER NOT NULL DEFAULT 0,
    deaths INTEGER NOT NULL DEFAULT 0,
    old_since_ms INTEGER
);
CREATE INDEX jobs_by_state ON jobs (state);
CREATE TABLE events (
    number INTEGER NOT NULL REFERENCES jobs ON DELETE CASCADE,
    seq INTEGER NOT NULL,
    time_unix_ms INTEGER NOT NULL,
    kind TEXT NOT NULL,
    facts TEXT NOT NULL,
    picture BLOB,
    variation INTEGER,
    PRIMARY KEY (number, seq)
);
CREATE UNIQUE INDEX variation_once ON events (number, variation) WHERE kind = 'variation';
CREATE INDEX previews ON events (number) WHERE kind = 'preview';
CREATE TABLE inputs (
    number INTEGER NOT NULL REFERENCES jobs ON DELETE CASCADE,
    sha256 TEXT NOT NULL,
    PRIMARY KEY (number, sha256)
);
CREATE TABLE results (
    number INTEGER NOT NULL REFERENCES jobs ON DELETE CASCADE,
    sha256 TEXT NOT NULL,
    fetched INTEGER NOT NULL,
    PRIMARY KEY (number, sha256)
);
CREATE INDEX results_by_name ON results (sha256);
CREATE TABLE ratings (
    number INTEGER NOT NULL REFERENCES jobs ON DELETE CASCADE,
    variation INTEGER NOT NULL,
    rating TEXT NOT NULL,
    time_unix_ms INTEGER NOT NULL,
    PRIMARY KEY (number, variation)
);
"""

_PINNED = """
SELECT sha256 FROM inputs JOIN jobs USING (number) WHERE state IN ('queued', 'running')
UNION
SELECT sha256 FROM results JOIN jobs USING (number) WHERE state IN ('queued', 'running')
UNION
SELECT sha256 FROM results JOIN jobs USING (number)
WHERE ended_unix_ms > (CAST(strftime('%s', 'now') AS INTEGER) - :days * 86400) * 1000
AND EXISTS (SELECT 1 FROM results AS due WHERE due.number = jobs.number AND NOT due.fetched)
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
    found: int = connection.execute("PRAGMA user_version").fetchone()[0]
    if found > VERSION:
        raise Unsupported(f"the journal {path} was written by a newer Inlay (version {found}, known is {VERSION})")
    if found == 0 and connection.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]:
        raise Unsupported(
            f"{path} is no journal of Inlay but another program's database; move it away, or use another folder"
        )
    connection.execute("PRAGMA auto_vacuum = INCREMENTAL")  # of a new file; an older one obeys at its next VACUUM
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA foreign_keys = ON")
    connection.execute(f"PRAGMA wal_autocheckpoint = {CHECKPOINT_PAGES}")
    if found == 0:
        _at_once(connection, lambda: _make(connection))
    elif found < VERSION:
        _at_once(connection, lambda: bring_up(connection, found))
        try:
            connection.execute("VACUUM")
        except sqlite3.Error:  # a disk that is full for a second copy: the file stays as large as it is
            _log.warning("the journal %s could not be made smaller", path, exc_info=True)
    connection.execute("PRAGMA busy_timeout = 0")  # whoever writes waits outside the event loop (inlay.jobs.standstill)


def _make(connection: sqlite3.Connection) -> None:
    execute(connection, f"{_TABLES}{PROFILES}{LANES};{history.TABLE}")
    reviews.make_tables(connection)


def _at_once(connection: sqlite3.Connection, change: Callable[[], None]) -> None:
    """Bring the tables to VERSION, wholly or not at all."""
    connection.execute("BEGIN IMMEDIATE")
    change()
    connection.execute(f"PRAGMA user_version = {VERSION}")
    connection.execute("COMMIT")


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
