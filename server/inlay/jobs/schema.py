"""The journal's schema: a ladder on which each step brings the tables one version up, and a new journal climbs all of it.

A step is never changed once it is in a release: what it makes is what the next one finds. It uses no table of today's by its
name in another module, and no SQL of another module either.
"""

import json
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

from inlay.errors import Unsupported
from inlay.jobs.profiles import Profiles
from inlay.recipe import DRAFT, Recipe

_FIRST = """
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
    deaths INTEGER NOT NULL DEFAULT 0
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
"""Its timings are not made any more: step 4 begins them anew."""

_PROFILES = """
ALTER TABLE jobs ADD COLUMN old_since_ms INTEGER;
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

_LANES = """
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
CREATE INDEX timings_by_engine ON timings (engine, verb, tier, device, time_unix_ms);
"""

_HISTORY = """
CREATE TABLE history (
    number INTEGER NOT NULL REFERENCES jobs ON DELETE CASCADE,
    variation INTEGER NOT NULL,
    verb TEXT NOT NULL,
    words TEXT NOT NULL,
    model TEXT NOT NULL,
    seed INTEGER NOT NULL,
    seconds REAL,
    thumbnail BLOB,
    PRIMARY KEY (number, variation)
);
CREATE INDEX jobs_by_label ON jobs (label);
"""
"""words: what is searched, case folded. The thumbnail stands last: who looks through the words does not read it."""

_REVIEWS = """
CREATE TABLE reviews (
    review INTEGER PRIMARY KEY AUTOINCREMENT,
    review_id TEXT NOT NULL UNIQUE,
    title TEXT NOT NULL,
    needs_all INTEGER NOT NULL,
    created_unix_ms INTEGER NOT NULL,
    open_until_ms INTEGER NOT NULL DEFAULT 0
);
CREATE TABLE review_events (
    review INTEGER NOT NULL REFERENCES reviews,
    seq INTEGER NOT NULL,
    time_unix_ms INTEGER NOT NULL,
    facts TEXT NOT NULL,
    PRIMARY KEY (review, seq)
);
CREATE TABLE review_links (
    token_sha256 TEXT PRIMARY KEY,
    review INTEGER NOT NULL REFERENCES reviews,
    reviewer INTEGER NOT NULL
);
CREATE TABLE review_jobs (
    review INTEGER NOT NULL REFERENCES reviews,
    number INTEGER NOT NULL REFERENCES jobs ON DELETE CASCADE,
    PRIMARY KEY (review, number)
);
CREATE INDEX review_jobs_by_number ON review_jobs (number);
CREATE TRIGGER review_events_no_UPDATE BEFORE UPDATE ON review_events
    BEGIN SELECT RAISE(ABORT, 'what happened in a review is never changed'); END;
CREATE TRIGGER review_events_no_DELETE BEFORE DELETE ON review_events
    BEGIN SELECT RAISE(ABORT, 'what happened in a review is never changed'); END;
"""
"""open_until_ms: so long somebody's link is good, and its jobs with their pixels stay."""


_PEOPLE = """
ALTER TABLE jobs ADD COLUMN person TEXT NOT NULL DEFAULT 'owner';
ALTER TABLE jobs ADD COLUMN project TEXT NOT NULL DEFAULT '';
CREATE INDEX jobs_by_person ON jobs (person, number);
ALTER TABLE reviews ADD COLUMN person TEXT NOT NULL DEFAULT 'owner';
ALTER TABLE reviews ADD COLUMN project TEXT NOT NULL DEFAULT '';
CREATE TABLE grants (
    sha256 TEXT NOT NULL,
    principal TEXT NOT NULL,
    time_unix_ms INTEGER NOT NULL,
    PRIMARY KEY (sha256, principal)
);
INSERT INTO grants SELECT sha256, 'person:owner', 0 FROM inputs UNION SELECT sha256, 'person:owner', 0 FROM results;
CREATE TABLE audit (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    facts TEXT NOT NULL,
    sha256 TEXT NOT NULL
);
CREATE TRIGGER audit_no_UPDATE BEFORE UPDATE ON audit
    BEGIN SELECT RAISE(ABORT, 'what was noted is never changed'); END;
CREATE TRIGGER audit_no_DELETE BEFORE DELETE ON audit
    BEGIN SELECT RAISE(ABORT, 'what was noted is never changed'); END;
"""
"""grants: who may use a blob by its name. audit: sha256 is that of the line before and of these facts."""


_ENDS = """
CREATE INDEX jobs_by_end ON jobs (ended_unix_ms);
CREATE INDEX results_unfetched ON results (number) WHERE NOT fetched;
"""

_DEVICE_SECONDS = """
ALTER TABLE jobs ADD COLUMN device_seconds REAL NOT NULL DEFAULT 0;
UPDATE jobs SET device_seconds = coalesce(
    (SELECT json_extract(facts, '$.seconds') FROM events WHERE events.number = jobs.number AND kind = 'done'), 0
);
CREATE INDEX jobs_by_use ON jobs (person, ended_unix_ms, device_seconds) WHERE device_seconds > 0;
"""
"""So long devices were at a job, whatever came of it."""


def _begin(connection: sqlite3.Connection) -> None:
    _execute(connection, _FIRST)


def _put_profiles_away(connection: sqlite3.Connection) -> None:
    """Profiles stand beside recipes and events instead of in each; jobs that are old are noted."""
    _execute(connection, _PROFILES)
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
    """Recipes in parts, and results of more kinds than patches."""
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


def _add_lanes(connection: sqlite3.Connection) -> None:
    """Jobs have a lane, a parent, a batch and a device, and times are measured by device."""
    _execute(connection, _LANES)


def _note_history(connection: sqlite3.Connection) -> None:
    """What was made can be looked through; of what it showed before there is no picture."""
    _execute(connection, _HISTORY)
    for number, recipe, facts in connection.execute(
        "SELECT number, recipe, facts FROM jobs JOIN events USING (number) WHERE kind = 'variation' ORDER BY number, seq"
    ).fetchall():
        plain, variation = json.loads(recipe), json.loads(facts)["variation"]
        words, model = plain["words"], str(variation["receipt"].get("engine", ""))
        searched = " ".join((words.get("prompt", ""), words.get("target_color", ""), model)).casefold()
        connection.execute(
            "INSERT INTO history (number, variation, verb, words, model, seed, seconds) VALUES (?, ?, ?, ?, ?, ?, ?)",
            (number, variation["index"], plain["verb"], searched, model, variation["seed"], variation.get("seconds")),
        )


def _add_reviews(connection: sqlite3.Connection) -> None:
    """What happened in a review is only ever added: the tables themselves refuse to change or to forget a row of it."""
    _execute(connection, _REVIEWS)


def _know_people(connection: sqlite3.Connection) -> None:
    """Jobs and reviews are somebody's, blobs are given to people, what they do is noted; what was there is the owner's."""
    _execute(connection, _PEOPLE)


def _find_ends(connection: sqlite3.Connection) -> None:
    """What is old, and what nobody fetched, is found without reading every job."""
    _execute(connection, _ENDS)


def _count_seconds(connection: sqlite3.Connection) -> None:
    """What jobs took counts, those that were cancelled or failed too; of those that were, what is known."""
    _execute(connection, _DEVICE_SECONDS)


STEPS: tuple[Callable[[sqlite3.Connection], None], ...] = (
    _begin,
    _put_profiles_away,
    _part_recipes,
    _add_lanes,
    _note_history,
    _add_reviews,
    _know_people,
    _find_ends,
    _count_seconds,
)
"""To change the schema, add a function here, and a journal of the version before to tests/support/journals."""

VERSION = len(STEPS)


def version_of(connection: sqlite3.Connection, path: Path) -> int:
    """The version of the journal at `path`, 0 for an empty file.

    Raises Unsupported for one of a newer Inlay or of another program.
    """
    found: int = connection.execute("PRAGMA user_version").fetchone()[0]
    if found > VERSION:
        copy = copy_of(path, VERSION)
        way_back = f", or put {copy} in its place: what it was before" if copy.exists() else ""
        raise Unsupported(
            f"the journal {path} was written by a newer Inlay (version {found}, known is {VERSION}); install that one again"
            f"{way_back}. A journal is never taken back to an older version"
        )
    if found == 0 and connection.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]:
        raise Unsupported(
            f"{path} is no journal of Inlay but another program's database; move it away, or use another folder"
        )
    return found


def copy_of(path: Path, version: int) -> Path:
    """Where the journal at `path` is kept as it was when it still had that version."""
    return path.with_name(f"{path.stem}.v{version}{path.suffix}")


def climb(connection: sqlite3.Connection, found: int) -> None:
    """From version `found` to the present one, wholly or not at all. connection: without transactions of its own (autocommit)."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        for step in STEPS[found:]:
            step(connection)
        connection.execute(f"PRAGMA user_version = {VERSION}")
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:  # a full disk may have ended it already
            connection.execute("ROLLBACK")
        raise


_PARTS = {
    "canvas": ("document", "window", "source"),
    "where": ("region", "mask", "grow_px", "feather_px"),
    "words": ("prompt", "negative_prompt", "target_color"),
    "sampling": ("seed", "count", "tier", "strength", "model"),
}


def _parted(flat: dict[str, Any]) -> dict[str, Any]:
    """A recipe in parts from one whose fields all stood side by side."""
    parts: dict[str, Any] = {part: {name: flat[name] for name in names} for part, names in _PARTS.items()}
    draft = flat.get("structure")
    return {"verb": flat["verb"], **parts, "inputs": [{"role": DRAFT, "raster": draft}] if draft else []}


def _text(plain: dict[str, Any]) -> str:
    return json.dumps(plain, sort_keys=True, separators=(",", ":"))


def _execute(connection: sqlite3.Connection, statements: str) -> None:
    """Each of `statements`, within the caller's transaction, which executescript would end."""
    statement = ""
    for line in statements.splitlines(keepends=True):
        statement += line
        if sqlite3.complete_statement(statement):
            connection.execute(statement)
            statement = ""
