"""Many polls open at once at both doors, all of one job that waits for a file: what they hold, and when the last is answered."""

# pyright: basic, reportMissingImports=false

import asyncio
import os
import time
import uuid
from pathlib import Path
from typing import Any

from bench.studio.clients import METHOD, Crowd, Desk, recipe_of
from inlay.v1 import inlay_pb2

QUIET_S = 8.0
MACHINES = 10
"""One address gets half of the HTTP door's connections at most."""
CHANNELS = 20
"""Of gRPC, each with as many polls; HTTP/1.1 has one on each connection."""


def polled(server: Any, token: str, polls: int, notes: Path) -> dict[str, Any]:
    return asyncio.run(_polled(server, token, polls, notes))


async def _polled(server: Any, token: str, polls: int, notes: Path) -> dict[str, Any]:
    def held_mb() -> float:
        return (
            int(Path(f"/proc/{server.process.pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 2**20
        )

    desk = Desk(server.address, token)
    recipe = await recipe_of(desk, Crowd(server.address, [(token, 1)], 2 * QUIET_S + 15, str(notes)), 0)
    first, job_id = str(uuid.uuid4()), str(uuid.uuid4())
    await desk.call("SubmitEdit", job_id=first, recipe=recipe)
    await desk.call("SubmitEdit", job_id=job_id, recipe=recipe)  # it waits behind the first
    without = await _quiet()
    seq, before_mb = await _seq(desk, job_id), held_mb()
    desks = [Desk(server.address, token) for _ in range(CHANNELS)]
    answered: list[float] = []

    async def over_grpc(number: int) -> None:
        await desks[number % CHANNELS].call("PollJob", job_id=job_id, after_seq=seq, wait_ms=30_000)
        answered.append(time.time())

    async def over_http(number: int) -> None:
        body = inlay_pb2.PollJobRequest(job_id=job_id, after_seq=seq, wait_ms=30_000).SerializeToString()
        reader, writer = await asyncio.open_connection(
            "127.0.0.1", server.http_port, local_addr=(f"127.0.1.{1 + number % MACHINES}", 0)
        )
        head = (
            f"POST {METHOD['PollJob'].path} HTTP/1.1",
            f"host: 127.0.0.1:{server.http_port}",
            f"authorization: Bearer {token}",
            "content-type: application/proto",
            f"content-length: {len(body)}",
        )
        writer.write("\r\n".join((*head, "", "")).encode() + body)
        status = await reader.readline()
        assert b" 200 " in status, status
        answered.append(time.time())
        writer.close()

    open_ = [asyncio.create_task(over_grpc(n) if n % 2 else over_http(n)) for n in range(polls)]
    await asyncio.sleep(3.0)  # until all are in
    opened = polls - len(answered)
    with_ = await _quiet()
    still, held = polls - len(answered), held_mb() - before_mb
    told = time.time()
    await desk.call("CancelJob", job_id=job_id)
    await asyncio.gather(*open_)
    await desk.call("CancelJob", job_id=first)
    for one in (desk, *desks):
        await one.close()
    return {
        "open": min(opened, still),
        "answered": len(answered),
        "held_kb_each": round(1024 * held / polls, 1),
        "all_answered_s": round(max(answered) - told, 3),
        "first_answered_s": round(min(answered) - told, 3),
        "without": without,
        "with": with_,
    }


async def _quiet() -> tuple[float, float]:
    """A time in which nothing happens here."""
    began = time.time()
    await asyncio.sleep(QUIET_S)
    return began, time.time()


async def _seq(desk: Desk, job_id: str) -> int:
    answer = await desk.call("PollJob", job_id=job_id)
    return answer.events[-1].seq if answer.events else 0
