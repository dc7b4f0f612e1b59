"""How `people.sqlite` is laid out, and reached: each version is brought to the present one as it is opened."""

import sqlite3
from pathlib import Path

_TABLES = """
CREATE TABLE people (
    key TEXT PRIMARY KEY,
    name TEXT NOT NULL,
    role TEXT NOT NULL,
    projects TEXT NOT NULL,
    added_unix_ms INTEGER NOT NULL,
    revoked_unix_ms INTEGER
);
CREATE TABLE tokens (
    id TEXT PRIMARY KEY,
    key TEXT NOT NULL REFERENCES people,
    sha256 TEXT NOT NULL,
    made_unix_ms INTEGER NOT NULL,
    expires_unix_ms INTEGER,
    used_unix_ms INTEGER,
    revoked_unix_ms INTEGER
);
CREATE INDEX tokens_by_person ON tokens (key);
"""
"""key: a name as it is compared. projects: in their order, a line each."""

_GROUPS = "ALTER TABLE people ADD COLUMN from_groups INTEGER NOT NULL DEFAULT 0;"
"""Whether a person is here only for their tokens, and who they are is what their groups say."""

_STEPS = (_TABLES, _GROUPS)


def connect(path: Path) -> sqlite3.Connection:
    """A connection without transactions of its own (autocommit) to the people in `path`, which is there."""
    connection = sqlite3.connect(f"{path.absolute().as_uri()}?mode=rw", uri=True, isolation_level=None)
    try:
        connection.row_factory = sqlite3.Row
        if _version(connection) < len(_STEPS):
            connection.execute("PRAGMA journal_mode = WAL")
            connection.execute("BEGIN IMMEDIATE")
            for step in _STEPS[_version(connection) :]:
                for statement in step.split(";"):
                    connection.execute(statement)
            connection.execute(f"PRAGMA user_version = {len(_STEPS)}")
            connection.execute("COMMIT")
        connection.execute("PRAGMA synchronous = FULL")
    except BaseException:
        connection.close()
        raise
    return connection


def _version(connection: sqlite3.Connection) -> int:
    return connection.execute("PRAGMA user_version").fetchone()[0]
