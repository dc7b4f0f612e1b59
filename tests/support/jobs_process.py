"""A process that runs jobs and can be killed: `python -m support.jobs_process FOLDER PAINTER COUNT VARIATIONS [PROMPT]`.

It prints JSON lines: which process its worker is, and each job once it was accepted. It ends when all jobs have.
"""

import asyncio
import json
import sys
from pathlib import Path

from inlay.events import Loading
from support.job_room import all_events, jobs_in, submitted, until


async def main(folder: Path, painter: str, count: int, variations: int, prompt: str = "") -> None:
    async with jobs_in(folder, painter) as jobs:
        ids: list[str] = []
        for number in range(count):
            job = await submitted(jobs, count=variations, seed=100 * number, prompt=prompt)
            print(json.dumps({"accepted": job.job_id}), flush=True)
            ids.append(job.job_id)
        await until(jobs, ids[0], Loading)
        print(json.dumps({"worker": jobs._workers[0].pid}), flush=True)
        for job_id in ids:
            await all_events(jobs, job_id)


if __name__ == "__main__":
    folder, painter, count, variations, *prompt = sys.argv[1:]
    asyncio.run(main(Path(folder), painter, int(count), int(variations), *prompt))
