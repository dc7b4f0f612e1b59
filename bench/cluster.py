"""What painting on another machine of a cluster costs beside painting here: the same small job, the same painter, by turns.

    python -m bench.cluster [--json FILE] [--jobs N]

Head and node are processes of this machine, so no line between machines is in it; the job's pixels are 256 bytes and are on the
node after its first. Told as well: how long after `inlay join` was typed its first painter was there.
"""

# pyright: basic, reportMissingImports=false

import argparse
import asyncio
import json
import os
import statistics
import sys
import tempfile
import time
from pathlib import Path

sys.path.append(str(Path(__file__).parents[1] / "tests"))

from inlay.blobs import BlobStore
from inlay.engines.registry import Registry
from inlay.jobs.journal import Journal
from inlay.jobs.queue import Jobs, WorkerSettings
from inlay.jobs.workers.cluster.crew import ClusterCrew
from inlay.jobs.workers.local import LocalWorker
from rpc.process import running_server
from support.acting import PaintsWith
from support.job_room import all_events, submitted
from support.ray_room import RayRoom

PAINTER = PaintsWith("support.painters:paint")


def jobs_in(folder: Path, settings: WorkerSettings) -> Jobs:
    folder.mkdir()
    journal = Journal(folder / "journal.sqlite")
    return Jobs(journal, BlobStore(folder / "blobs", pinned=journal.pinned), Registry(), settings)


async def job_s(jobs: Jobs) -> float:
    """From submission to the last event."""
    began = time.perf_counter()
    job = await submitted(jobs)
    await all_events(jobs, job.job_id)
    return time.perf_counter() - began


async def measured(folder: Path, address: str, count: int) -> dict[str, float]:
    here = jobs_in(folder / "here", WorkerSettings(("cpu",), lambda place: LocalWorker(place, painter=PAINTER)))
    there = jobs_in(folder / "there", WorkerSettings((), crew=ClusterCrew(address, PAINTER)))
    await here.start()
    await there.start()
    try:
        while not there.devices:
            await asyncio.sleep(0.05)
        for jobs in (here, there):
            await job_s(jobs)
        times: dict[str, list[float]] = {"here": [], "there": []}
        for _ in range(count):
            times["here"].append(await job_s(here))
            times["there"].append(await job_s(there))
    finally:
        await there.stop()
        await here.stop()
    local_s, cluster_s = (statistics.median(times[where]) for where in ("here", "there"))
    return {
        "local_ms": 1e3 * local_s,
        "cluster_ms": 1e3 * cluster_s,
        "overhead_ms": 1e3 * statistics.median(b - a for a, b in zip(times["here"], times["there"], strict=True)),
        "ratio": cluster_s / local_s,
    }


def main() -> int:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--json", type=Path)
    arguments.add_argument("--jobs", type=int, default=60)
    options = arguments.parse_args()
    with RayRoom() as room, tempfile.TemporaryDirectory() as folder:
        os.environ.update(room.environment)
        room.start_head()
        data = Path(folder) / "gateway"
        with running_server(
            data, cluster=room.address, devices=[], painter=PAINTER.dotted, log=Path(folder) / "log"
        ) as gateway:
            began = time.perf_counter()
            room.join("node", gateway.address)
            while not room.painters("node"):
                time.sleep(0.05)
            joined_s = time.perf_counter() - began
        found = asyncio.run(measured(Path(folder), room.address, options.jobs)) | {"join_to_painter_s": joined_s}
    print("\n".join(f"{name:20} {value:8.2f}" for name, value in found.items()))
    if options.json:
        options.json.write_text(json.dumps(found, indent=2))
    return 0


if __name__ == "__main__":
    sys.exit(main())
