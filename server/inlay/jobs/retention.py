"""What the journal forgets, and how its file gets smaller. Functions on the journal's connection; the caller holds the transaction.

Clocks jump: a job is forgotten only if two clean-ups, a day apart, both found it old. One that ran while the clock was wrong
does no harm, and the next takes back what it noted.
"""

import sqlite3

from inlay.jobs import history, reviews

DAY_MS = 86_400_000

KEEP_ENDED_DAYS = 90
"""Ended jobs are forgotten after this, with their events and ratings, unless they have results that nobody fetched,
or an open review shows them."""

SHRINK_PAGES = 500
"""So many at a time: a few milliseconds."""


def forget_old(connection: sqlite3.Connection, now_ms: int) -> None:
    """Forget what was old a day ago and still is; note what is old now."""
    facts = {"now": now_ms, "old": now_ms - KEEP_ENDED_DAYS * DAY_MS, "noted": now_ms - DAY_MS}
    connection.execute(
        "UPDATE jobs SET old_since_ms = NULL "
        "WHERE old_since_ms IS NOT NULL AND (ended_unix_ms >= :old OR old_since_ms > :now)",
        facts,
    )
    connection.execute(
        "DELETE FROM jobs WHERE old_since_ms <= :noted AND NOT EXISTS "
        "(SELECT 1 FROM results WHERE results.number = jobs.number AND NOT fetched) "
        f"AND number NOT IN ({reviews.OPEN_JOBS})",
        facts,
    )
    connection.execute("UPDATE jobs SET old_since_ms = :now WHERE old_since_ms IS NULL AND ended_unix_ms < :old", facts)
    history.forget_thumbnails(connection)
    connection.execute("DELETE FROM profiles WHERE sha256 NOT IN (SELECT sha256 FROM profile_uses)")


def shrink(connection: sqlite3.Connection) -> bool:
    """Give some unused pages back to the disk; whether there are more. In no transaction."""
    connection.execute(f"PRAGMA incremental_vacuum({SHRINK_PAGES})").fetchall()  # a page for every row that is fetched
    return connection.execute("PRAGMA freelist_count").fetchone()[0] > 0
