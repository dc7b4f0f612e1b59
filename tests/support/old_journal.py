"""A journal as the first version of Inlay wrote it, for what becomes of it."""

import base64
import hashlib
import json
import sqlite3
from pathlib import Path

from inlay.events import Done, VariationDone
from inlay.plain import to_plain
from inlay.recipe import Recipe

_TABLES = """
CREATE TABLE jobs (
    number INTEGER PRIMARY KEY AUTOINCREMENT, job_id TEXT NOT NULL UNIQUE, recipe TEXT NOT NULL,
    recipe_sha256 TEXT NOT NULL, label TEXT NOT NULL, state TEXT NOT NULL, submitted_unix_ms INTEGER NOT NULL,
    ended_unix_ms INTEGER, last_seq INTEGER NOT NULL DEFAULT 0, variations_done INTEGER NOT NULL DEFAULT 0,
    attempts INTEGER NOT NULL DEFAULT 0, deaths INTEGER NOT NULL DEFAULT 0
);
CREATE INDEX jobs_by_state ON jobs (state);
CREATE TABLE events (
    number INTEGER NOT NULL REFERENCES jobs ON DELETE CASCADE, seq INTEGER NOT NULL, time_unix_ms INTEGER NOT NULL,
    kind TEXT NOT NULL, facts TEXT NOT NULL, picture BLOB, variation INTEGER, PRIMARY KEY (number, seq)
);
CREATE UNIQUE INDEX variation_once ON events (number, variation) WHERE kind = 'variation';
CREATE INDEX previews ON events (number) WHERE kind = 'preview';
CREATE TABLE inputs (
    number INTEGER NOT NULL REFERENCES jobs ON DELETE CASCADE, sha256 TEXT NOT NULL, PRIMARY KEY (number, sha256)
);
CREATE TABLE results (
    number INTEGER NOT NULL REFERENCES jobs ON DELETE CASCADE, sha256 TEXT NOT NULL, fetched INTEGER NOT NULL,
    PRIMARY KEY (number, sha256)
);
CREATE INDEX results_by_name ON results (sha256);
CREATE TABLE ratings (
    number INTEGER NOT NULL REFERENCES jobs ON DELETE CASCADE, variation INTEGER NOT NULL, rating TEXT NOT NULL,
    time_unix_ms INTEGER NOT NULL, PRIMARY KEY (number, variation)
);
CREATE TABLE timings (
    engine TEXT NOT NULL, verb TEXT NOT NULL, tier TEXT NOT NULL, time_unix_ms INTEGER NOT NULL,
    seconds_per_megapixel REAL NOT NULL
);
CREATE INDEX timings_by_engine ON timings (engine, verb, tier, time_unix_ms);
PRAGMA user_version = 1;
PRAGMA journal_mode = WAL;
"""


def flat(recipe: Recipe) -> dict[str, object]:
    """A recipe as it was before it had parts: all fields side by side."""
    plain = recipe.plain()
    fields = {"verb": recipe.verb, **plain["canvas"], **plain["where"], **plain["words"], **plain["sampling"]}
    del fields["resolved"]
    drafts = [one["raster"] for one in plain["inputs"]]
    return {**fields, "structure": drafts[0] if drafts else None}


def old_facts(done: VariationDone) -> dict[str, object]:
    """A variation as it was while nothing but patches came back."""
    facts = to_plain(done.variation)
    return {name: value for name, value in facts.items() if name != "result"} | {"patch": facts["result"]["Patch"]}


def write_old_journal(path: Path, jobs: dict[str, tuple[Recipe, VariationDone]], ended_unix_ms: int) -> None:
    """Jobs by id, each done with one variation, which holds its profile as the recipe does."""
    connection = sqlite3.connect(path)
    connection.executescript(_TABLES)
    for number, (job_id, (recipe, done)) in enumerate(jobs.items(), start=1):
        old = json.dumps(flat(recipe), sort_keys=True, separators=(",", ":"))
        assert base64.b64encode(recipe.canvas.source.icc).decode() == json.loads(old)["source"]["icc"]
        connection.execute(
            "INSERT INTO jobs VALUES (?, ?, ?, ?, '', 'done', ?, ?, 2, 1, 1, 0)",
            (number, job_id, old, hashlib.sha256(old.encode()).hexdigest(), ended_unix_ms, ended_unix_ms),
        )
        for seq, happening in enumerate((done, Done(1.0)), start=1):
            variation = 0 if seq == 1 else None
            kind, facts = ("variation", old_facts(happening)) if seq == 1 else ("done", {"seconds": 1.0})
            row = (number, seq, ended_unix_ms, kind, json.dumps(facts, separators=(",", ":")), None, variation)
            connection.execute("INSERT INTO events VALUES (?, ?, ?, ?, ?, ?, ?)", row)
        connection.executemany("INSERT INTO inputs VALUES (?, ?)", [(number, name) for name in set(recipe.blobs)])
        names = set(done.variation.result.blobs)
        connection.executemany("INSERT INTO results VALUES (?, ?, 1)", [(number, name) for name in names])
    connection.commit()
    connection.close()
