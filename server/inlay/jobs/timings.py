"""What variations took, as the journal keeps it: the estimates are made of it."""

import sqlite3
import statistics

KEPT = 15
"""The moving median is taken over so many: enough to shrug off outliers, few enough to follow a new graphics card."""

_ALIKE = "engine = ? AND verb = ? AND tier = ? AND device = ?"

Key = tuple[str, str, str, str]
"""Engine, verb, tier, device."""


def record(connection: sqlite3.Connection, key: Key, time_unix_ms: int, seconds_per_megapixel: float) -> None:
    """Remember one, and of those alike no more than `KEPT`. To be called in a transaction."""
    connection.execute("INSERT INTO timings VALUES (?, ?, ?, ?, ?, ?)", (*key, time_unix_ms, seconds_per_megapixel))
    connection.execute(
        f"DELETE FROM timings WHERE {_ALIKE} AND rowid NOT IN "
        f"(SELECT rowid FROM timings WHERE {_ALIKE} ORDER BY rowid DESC LIMIT ?)",
        (*key, *key, KEPT),
    )


def median(connection: sqlite3.Connection, key: Key) -> float | None:
    """Seconds per million working pixels; None while nothing was measured."""
    rows = connection.execute(f"SELECT seconds_per_megapixel FROM timings WHERE {_ALIKE}", key)
    return statistics.median(measured) if (measured := [row[0] for row in rows]) else None
