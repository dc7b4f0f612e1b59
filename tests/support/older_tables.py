"""The journal's tables, taken back to what they were."""

import sqlite3


def without_people(connection: sqlite3.Connection) -> None:
    """Takes back what version 7 has beside version 6."""
    connection.executescript(
        "DROP TABLE audit; DROP TABLE grants; DROP INDEX jobs_by_person; "
        "ALTER TABLE jobs DROP COLUMN person; ALTER TABLE jobs DROP COLUMN project; "
        "ALTER TABLE reviews DROP COLUMN person; ALTER TABLE reviews DROP COLUMN project; PRAGMA user_version = 6"
    )
