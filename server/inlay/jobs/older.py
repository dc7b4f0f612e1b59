"""Journals of older versions, brought up to the present one; every accepted job goes on."""

import json
import sqlite3
from typing import Any

from inlay.events import VariationDone
from inlay.jobs import history, reviews
from inlay.jobs.event_codec import VARIATION, Encoded, decode
from inlay.jobs.profiles import Profiles
from inlay.recipe import DRAFT, Recipe

PROFILES = """
CREATE TABLE profiles (
    sha256 TEXT PRIMARY KEY,
    icc BLOB NOT NULL
);
CREATE TABLE profile_uses (
    number INTEGER NOT NULL REFERENCES jobs ON DELETE CASCADE,
    sha256 TEXT NOT NULL REFERENCES profiles,
    PRIMARY KEY (number, sha256)
);
"""

LANES = """
ALTER TABLE jobs ADD COLUMN lane TEXT NOT NULL DEFAULT 'final';
ALTER TABLE jobs ADD COLUMN parent TEXT NOT NULL DEFAULT '';
ALTER TABLE jobs ADD COLUMN batch TEXT NOT NULL DEFAULT '';
ALTER TABLE jobs ADD COLUMN device TEXT NOT NULL DEFAULT '';
CREATE INDEX jobs_by_batch ON jobs (batch) WHERE batch <> '';
DROP TABLE IF EXISTS timings;
CREATE TABLE timings (
    engine TEXT NOT NULL,
    verb TEXT NOT NULL,
    tier TEXT NOT NULL,
    device TEXT NOT NULL DEFAULT '',
    time_unix_ms INTEGER NOT NULL,
    seconds_per_megapixel REAL NOT NULL
);
CREATE INDEX timings_by_engine ON timings (engine, verb, tier, device, time_unix_ms)
"""

_PARTS = {
    "canvas": ("document", "window", "source"),
    "where": ("region", "mask", "grow_px", "feather_px"),
    "words": ("prompt", "negative_prompt", "target_color"),
    "sampling": ("seed", "count", "tier", "strength", "model"),
}


def bring_up(connection: sqlite3.Connection, found: int) -> None:
    """From version `found` to the present one. In the caller's transaction."""
    if found == 1:
        _put_profiles_away(connection)
    if found < 3:
        _part_recipes(connection)
    if found < 4:
        execute(connection, LANES)
    if found < 5:
        _note_history(connection)
    reviews.make_tables(connection)


def execute(connection: sqlite3.Connection, statements: str) -> None:
    """Each of `statements`, which end with semicolons."""
    for statement in statements.split(";"):
        connection.execute(statement)


def _put_profiles_away(connection: sqlite3.Connection) -> None:
    execute(connection, f"{PROFILES}; ALTER TABLE jobs ADD COLUMN old_since_ms INTEGER")
    profiles = Profiles(connection)
    for (number,) in connection.execute("SELECT number FROM jobs").fetchall():
        (recipe,) = connection.execute("SELECT recipe FROM jobs WHERE number = ?", (number,)).fetchone()
        kept = profiles.put_away(recipe)
        connection.execute("UPDATE jobs SET recipe = ? WHERE number = ?", (kept, number))
        profiles.note_uses(number, kept)
    for number, seq in connection.execute("SELECT number, seq FROM events WHERE kind = 'variation'").fetchall():
        event = "WHERE number = ? AND seq = ?"
        (facts,) = connection.execute(f"SELECT facts FROM events {event}", (number, seq)).fetchone()
        kept = profiles.put_away(facts)
        connection.execute(f"UPDATE events SET facts = ? {event}", (kept, number, seq))
        profiles.note_uses(number, kept)


def _part_recipes(connection: sqlite3.Connection) -> None:
    profiles = Profiles(connection)
    for number, recipe in connection.execute("SELECT number, recipe FROM jobs").fetchall():
        parted = _text(_parted(json.loads(recipe)))
        sha256 = Recipe.parse(parted, profiles.read).sha256
        connection.execute("UPDATE jobs SET recipe = ?, recipe_sha256 = ? WHERE number = ?", (parted, sha256, number))
    for number, seq, facts in connection.execute(
        "SELECT number, seq, facts FROM events WHERE kind = 'variation'"
    ).fetchall():
        old = json.loads(facts)
        new = {"variation": old | {"result": {"Patch": old.pop("patch")}}}
        connection.execute("UPDATE events SET facts = ? WHERE number = ? AND seq = ?", (_text(new), number, seq))


def _note_history(connection: sqlite3.Connection) -> None:
    """What was made before there was a history; of what it showed there is no picture."""
    execute(connection, history.TABLE)
    for number, recipe, facts in connection.execute(
        "SELECT number, recipe, facts FROM jobs JOIN events USING (number) WHERE kind = 'variation' ORDER BY number, seq"
    ).fetchall():
        done = decode(Encoded(VARIATION, facts, None), lambda _: b"")
        assert isinstance(done, VariationDone)
        history.note(connection, number, recipe, done.variation, b"")


def _parted(flat: dict[str, Any]) -> dict[str, Any]:
    """A recipe in parts from one whose fields all stood side by side."""
    parts: dict[str, Any] = {part: {name: flat[name] for name in names} for part, names in _PARTS.items()}
    draft = flat.get("structure")
    return {"verb": flat["verb"], **parts, "inputs": [{"role": DRAFT, "raster": draft}] if draft else []}


def _text(plain: dict[str, Any]) -> str:
    return json.dumps(plain, sort_keys=True, separators=(",", ":"))
