"""How long a server takes to start with a journal of 100,000 jobs: `python -m bench.startup --json FILE`.

The jobs are written as the journal writes them (recipe, events, history with thumbnails, inputs, results), most of them ended. Told
are seconds until both doors are open, of the server alone (Python and its imports are there without any job, too), and the
ratio to an empty data folder in the same run.
"""

import argparse
import dataclasses
import json
import os
import re
import subprocess
import sys
import tempfile
import time
import uuid
from pathlib import Path

from inlay.blobs import BlobStore
from inlay.color.raster import Raster, SampleType
from inlay.events import Done, Loading, Queued, Step, VariationDone
from inlay.jobs import history, retention
from inlay.jobs.event_codec import encode
from inlay.jobs.journal import Journal
from inlay.recipe import Canvas, Recipe, Verb, Where
from inlay.region import Rect, Size
from inlay.variation import Patch, Report, Variation

JOBS = 100_000
WAITING = 200
"""Of the jobs; more than twenty artists leave waiting."""

_TIMED = """
import asyncio, json, sys, time
from pathlib import Path
from inlay.rpc import server
begun = time.perf_counter()
def ready(bound):
    print(json.dumps({"seconds": time.perf_counter() - begun}), flush=True)
    asyncio.get_running_loop().call_later(0.2, asyncio.current_task().cancel)
from inlay.jobs.workers.local import LocalWorker
try:
    asyncio.run(server.serve(server.ServerConfig(Path(sys.argv[1]), grpc_port=0, http_port=0, remote=0, devices=()), ready))
except asyncio.CancelledError:
    pass
"""


def fill(folder: Path, jobs: int = JOBS, waiting: int = WAITING) -> None:
    """A data folder with so many jobs, the last `waiting` of them unfinished."""
    folder.mkdir(parents=True)
    journal, blobs = Journal(folder / "journal.sqlite"), BlobStore(folder / "blobs")
    source = Raster(64, 64, "RGBA", SampleType.U8, 255, "sRGB", blobs.add(bytes(64 * 64 * 4)))
    mask = Raster(64, 64, "Y", SampleType.U8, 255, "", blobs.add(bytes(64 * 64)))
    window = Rect(0, 0, 64, 64)
    common = Recipe(Verb.ERASE, Canvas(Size(64, 64), window, source), Where(window, mask))
    connection = journal._connection  # pyright: ignore[reportPrivateUsage]
    connection.execute("PRAGMA synchronous = OFF")
    thumbnail, now = os.urandom(50_000), time.time_ns() // 1_000_000
    connection.execute("BEGIN")
    for number in range(1, jobs + 1):
        recipe = common.altered(seed=number, prompt=f"a lamp of brass number {number} on the table beside the window")
        ended = number <= jobs - waiting
        text = recipe.canonical()
        connection.execute(
            "INSERT INTO jobs (job_id, recipe, recipe_sha256, label, lane, parent, batch, state, submitted_unix_ms, ended_unix_ms,"
            " last_seq, variations_done) VALUES (?, ?, ?, ?, 'draft', '', '', ?, ?, ?, ?, ?)",
            (str(uuid.uuid4()), text, recipe.sha256, f"picture {number % 500}", "done" if ended else "queued", now,
             now if ended else None, 13 if ended else 1, int(ended)),
        )  # fmt: skip
        names = [recipe.canvas.source.blob, recipe.where.mask.blob]
        connection.executemany("INSERT INTO inputs VALUES (?, ?)", [(number, name) for name in names])
        happenings: list[object] = [Queued(0)]
        if ended:
            pixels = uuid.uuid4().hex * 2
            patch = Patch(window, dataclasses.replace(source, blob=pixels), mask)
            done = VariationDone(Variation(0, number, patch, Report(1.0, 0.5, (), {}), {"engine": "classic"}))
            happenings += [Loading("classic"), *(Step(step, 9, "painting") for step in range(1, 10)), done, Done(1.5)]
            history.note(
                connection, number, text, done.variation, thumbnail if number > jobs - history.KEEP_THUMBNAILS else b""
            )
            connection.executemany("INSERT INTO results VALUES (?, ?, 1)", [(number, pixels)])
        connection.executemany(
            "INSERT INTO events VALUES (?, ?, ?, ?, ?, ?, ?)",
            [
                (number, seq, now, *encode(one), 0 if isinstance(one, VariationDone) else None)  # pyright: ignore
                for seq, one in enumerate(happenings, start=1)
            ],
        )
    connection.execute("COMMIT")
    retention.forget_old(connection, now)
    journal.close()


def started(folder: Path) -> float:
    """Seconds until both doors of a server of `folder` are open."""
    said = subprocess.run([sys.executable, "-c", _TIMED, folder], capture_output=True, text=True, check=True)
    return json.loads(re.findall(r"\{.*\}", said.stdout)[0])["seconds"]


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--json", type=Path, required=True)
    arguments.add_argument("--jobs", type=int, default=JOBS)
    options = arguments.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        fill(folder / "full", options.jobs)
        megabytes = (folder / "full" / "journal.sqlite").stat().st_size / 10**6
        (folder / "empty").mkdir()
        started(folder / "empty")
        empty = min(started(folder / "empty") for _ in range(3))
        first, *again = [started(folder / "full") for _ in range(3)]
    found = {"jobs": options.jobs, "journal_mb": megabytes, "empty_s": empty, "first_s": first, "seconds": min(again)}
    found["ratio"] = found["seconds"] / empty
    options.json.parent.mkdir(parents=True, exist_ok=True)
    options.json.write_text(json.dumps(found, indent=1))
    print(f"{options.jobs} jobs, {megabytes:.0f} MB: {first:.2f} s, then {min(again):.2f} s; with none {empty:.2f} s")


if __name__ == "__main__":
    main()
