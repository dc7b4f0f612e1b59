"""People at their plugins, all of them in one process, so that the machine serves and does not only ask.

    python -m bench.studio.clients JSON        see `Crowd`

    python -m bench.studio.clients --small JSON     `{"grpc", "http_port", "token"}`

Each has a connection and a token, hands in all jobs at once, keeps a poll open for each and reads what they bring. With `--small`:
calls whose answer is small, one after the other and by turns at both doors, until the standard input ends; each one's time is told.
"""

# pyright: basic, reportMissingImports=false

import asyncio
import hashlib
import http.client
import json
import sys
import threading
import time
import uuid
from dataclasses import dataclass, field
from typing import Any

import grpc

from inlay.color.raster import Raster, SampleType
from inlay.recipe import Canvas, Recipe, Verb, Where
from inlay.region import Rect, Size
from inlay.v1 import inlay_pb2, recipe_pb2
from inlay.wire.codec import to_message
from inlay.wire.contract import METHODS

METHOD = {method.name: method for method in METHODS}
SIDE = 512
PAUSE_S = 0.025
"""Between two small calls: they shall not be the load."""
LAST = ("done", "failed", "cancelled")


@dataclass
class Crowd:
    """Who asks for what. people: token and number of jobs of each; the number in this list is the seed of theirs. first_alone:
    the first of them hands everything in before the others come, and what is left of it is taken back once theirs is done."""

    grpc: str
    people: list[tuple[str, int]]
    seconds: float
    notes: str
    first_alone: bool = False
    pixels: bytes = field(default=bytes(SIDE * SIDE * 4), repr=False)


class Desk:
    """One person's."""

    def __init__(self, address: str, token: str) -> None:
        options = [("grpc.use_local_subchannel_pool", 1), ("grpc.max_receive_message_length", -1)]
        self._channel = grpc.aio.insecure_channel(address, options)
        self._metadata = (("authorization", f"Bearer {token}"),)

    async def call(self, name: str, **facts: Any) -> Any:
        method = METHOD[name]
        ask = self._channel.unary_unary(method.path, method.request.SerializeToString, method.response.FromString)
        return await ask(method.request(**facts), metadata=self._metadata)

    async def put(self, data: bytes) -> str:
        name = hashlib.sha256(data).hexdigest()
        await self.call("PutBlob", sha256=name, offset=0, total=len(data), data=data)
        return name

    async def seen(self, job_id: str) -> None:
        """Poll the job to its end, and read what it brought."""
        seq, results = 0, []
        while True:
            answer = await self.call("PollJob", job_id=job_id, after_seq=seq, wait_ms=30_000)
            for event in answer.events:
                seq, kind = event.seq, event.WhichOneof("happening")
                if kind == "variation":
                    results.append(event.variation.variation.patch.pixels.blob)
                if kind in LAST:
                    for sha256 in results:
                        await self.call("ReadBlob", sha256=sha256)
                    return

    async def close(self) -> None:
        await self._channel.close()


async def recipe_of(desk: Desk, crowd: Crowd, seed: int) -> Any:
    window = Rect(0, 0, SIDE, SIDE)
    source = Raster(SIDE, SIDE, "RGBA", SampleType.U8, 255, "sRGB", await desk.put(crowd.pixels))
    mask = Raster(SIDE, SIDE, "Y", SampleType.U8, 255, "", await desk.put(b"\xff" * SIDE**2))
    recipe = Recipe(Verb.ERASE, Canvas(Size(SIDE, SIDE), window, source), Where(window, mask))
    return to_message(recipe.altered(prompt=f"{crowd.seconds} {crowd.notes}", seed=seed), recipe_pb2.Recipe)


async def person(crowd: Crowd, seed: int, others: "asyncio.Event | None" = None) -> None:
    token, jobs = crowd.people[seed]
    desk = Desk(crowd.grpc, token)
    recipe = await recipe_of(desk, crowd, seed)
    handed_in: list[str] = []
    for _ in range(jobs):
        handed_in.append(str(uuid.uuid4()))
        await desk.call("SubmitEdit", job_id=handed_in[-1], recipe=recipe)
    polls = asyncio.gather(*map(desk.seen, handed_in))
    if others:
        await others.wait()
        for job_id in handed_in:
            await desk.call("CancelJob", job_id=job_id)
    await polls
    await desk.close()


async def ask(crowd: Crowd) -> None:
    if not crowd.first_alone:
        await asyncio.gather(*(person(crowd, seed) for seed in range(len(crowd.people))))
        return
    rivals_done = asyncio.Event()
    first = asyncio.create_task(person(crowd, 0, rivals_done))
    await asyncio.sleep(3 * crowd.seconds)
    await asyncio.gather(*(person(crowd, seed) for seed in range(1, len(crowd.people))))
    rivals_done.set()
    await first


def small(server: dict[str, Any]) -> list[tuple[float, float]]:
    """When each call was made, and how many seconds it took."""
    over = threading.Event()
    threading.Thread(target=lambda: (sys.stdin.read(), over.set()), daemon=True).start()
    headers = {"Content-Type": "application/proto", "Authorization": f"Bearer {server['token']}"}
    line = http.client.HTTPConnection("127.0.0.1", server["http_port"])
    channel = grpc.insecure_channel(server["grpc"])
    metadata = (("authorization", headers["Authorization"]),)

    def over_grpc(name: Any, request: Any) -> None:
        method = METHOD[name]
        channel.unary_unary(method.path, method.request.SerializeToString, method.response.FromString)(
            request, metadata=metadata
        )

    def over_http(name: Any, request: Any) -> None:
        line.request("POST", METHOD[name].path, request.SerializeToString(), headers)
        answer = line.getresponse()
        told = answer.read()
        assert answer.status == 200, told

    calls = [
        (door, *call)
        for call in (
            ("GetServerInfo", inlay_pb2.GetServerInfoRequest()),
            ("HasBlobs", inlay_pb2.HasBlobsRequest(sha256=["0" * 64])),
        )
        for door in (over_grpc, over_http)
    ]
    took: list[tuple[float, float]] = []
    print("ready", flush=True)
    while not over.wait(PAUSE_S):
        door, name, request = calls[len(took) % len(calls)]
        at, began = time.time(), time.perf_counter()
        door(name, request)
        took.append((at, time.perf_counter() - began))
    return took


if __name__ == "__main__":
    if sys.argv[1] == "--small":
        print(json.dumps(small(json.loads(sys.argv[2]))))
    else:
        asyncio.run(ask(Crowd(**json.loads(sys.argv[1]))))
