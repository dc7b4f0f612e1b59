"""The queue with real worker processes and a painter whose time is set: how much of the devices' time is painting, and for whom.

    python -m bench.studio.serving [--json FILE] [--clients N] [--jobs N] [--seconds S]

Clients hand their jobs to `Jobs` without a door, all at once. Painting is asleep, so it costs the machine nothing; what is measured
is what queue, journal and pipes put between two jobs. The share is of the time from the first job's begin to the last one's end.
"""

# pyright: reportMissingImports=false, reportUnknownVariableType=false, reportArgumentType=false

import argparse
import asyncio
import json
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[2] / "tests"))

from bench.studio.run import jain
from inlay.blobs import BlobStore
from inlay.engines.registry import Registry
from inlay.job import Ticket
from inlay.jobs.journal import Journal
from inlay.jobs.queue import Jobs, WorkerSettings
from inlay.jobs.workers.local import LocalWorker
from inlay.jobs.workers.progress import Progress
from inlay.person import Person
from inlay.recipe import Recipe
from inlay.variation import Variation
from support import painters
from support.acting import PaintsWith
from support.job_room import new_id, small_recipe

DEVICES = ("cpu:0", "cpu:1")


def paint(recipe: Recipe, blobs: BlobStore, progress: Progress, first: int = 0) -> Iterator[Variation]:
    """As long as the prompt says, then what the tests' painter gives. Noted: from when to when."""
    seconds, notes = recipe.words.prompt.split(maxsplit=1)
    progress.loading("nothing")
    began = time.time()
    time.sleep(float(seconds))
    yield from painters.paint(recipe, blobs, progress, first)
    with Path(notes).open("a") as file:
        file.write(f"{recipe.sampling.seed} {began} {time.time()}\n")


async def served(clients: int, each: int, seconds: float, flood: int) -> dict[str, float]:
    """flood: so many more jobs the first client hands in, before everybody else's."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        journal = Journal(folder / "journal.sqlite")
        blobs = BlobStore(folder / "blobs", pinned=journal.pinned)
        hire = partial(LocalWorker, painter=PaintsWith("bench.studio.serving:paint"))
        jobs = Jobs(journal, blobs, Registry(), WorkerSettings(DEVICES, hire))
        await jobs.start()
        notes, recipe = folder / "notes", small_recipe(blobs)

        async def hand_in(client: int) -> str:
            changed = recipe.altered(prompt=f"{seconds} {notes}", seed=client)
            ticket = Ticket(by=Person(f"client {client}"))
            return (await jobs.submit(new_id(), changed, ticket)).job_id

        async def seen(job_id: str) -> None:
            async for _ in jobs.watch(job_id):
                pass

        handed_in = [await hand_in(0) for _ in range(min(flood, 190))]
        handed_in += [await hand_in(client) for _ in range(each) for client in range(bool(flood), clients)]
        await asyncio.gather(*map(seen, handed_in))
        await jobs.stop()
        lines = [line.split() for line in notes.read_text().splitlines()]
    spans = sorted((float(began), float(end), int(client)) for client, began, end in lines)
    whole_s = max(end for _, end, _ in spans) - spans[0][0]
    rivals_end = max(end for _, end, client in spans if client)
    had = Counter[int]()
    for began, end, client in spans:
        had[client] += end - began if end <= rivals_end else 0  # as long as others wanted it too
    return {
        "painting": round(sum(end - began for began, end, _ in spans) / (whole_s * len(DEVICES)), 4),
        "jain": round(jain([had[client] for client in range(clients)]), 4),
        "jobs": len(spans),
        "whole_s": round(whole_s, 1),
    }


def main() -> int:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--json", type=Path)
    arguments.add_argument("--clients", type=int, default=20)
    arguments.add_argument("--jobs", type=int, default=10)
    arguments.add_argument("--seconds", type=float, default=1.0)
    options = arguments.parse_args()
    found: dict[str, Any] = {
        "even": asyncio.run(served(options.clients, options.jobs, options.seconds, 0)),
        "one floods": asyncio.run(served(5, 6, options.seconds, 60)),
    }
    for name, row in found.items():
        print(name, row)
    if options.json:
        options.json.write_text(json.dumps(found, indent=1))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
