"""Many at once: watchers of one job cost little more than one, and large requests wait for each other instead of piling up."""

import asyncio
import contextlib
from collections import Counter
from collections.abc import Awaitable, Callable, Coroutine
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from inlay.events import Done
from inlay.jobs.queue import Jobs
from inlay.person import OWNER
from inlay.rpc import connect_door, grpc_door, shared
from inlay.rpc.in_flight import FREE_BYTES, MAX_BYTES, InFlight
from inlay.rpc.service import Service
from inlay.v1 import inlay_pb2
from inlay.wire.contract import METHODS
from support.job_room import jobs_in, submitted

WATCHERS = 20
(PUT_BLOB,) = [method for method in METHODS if method.name == "PutBlob"]


def run(scenario: Coroutine[Any, Any, None]) -> None:
    async def limited() -> None:
        async with asyncio.timeout(120):
            await scenario

    asyncio.run(limited())


def served(jobs: Jobs) -> Service:
    return Service(jobs, jobs.blobs, name="test", profiles=())


def counted(monkeypatch: pytest.MonkeyPatch, where: object, name: str) -> Counter[str]:
    """How often a function is called."""
    calls, function = Counter[str](), getattr(where, name)

    def counting(*given: Any, **named: Any) -> Any:
        calls[name] += 1
        return function(*given, **named)

    monkeypatch.setattr(where, name, counting)
    return calls


def test_an_event_is_read_and_made_into_a_message_once_for_all_who_watch(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = tmp_path / "told"

    async def scenario() -> None:
        async with jobs_in(tmp_path, "paint_when_told") as jobs:
            service = served(jobs)
            job = await submitted(jobs, prompt=str(told))
            made = counted(monkeypatch, shared, "to_message")
            read = counted(monkeypatch, jobs.journal, "events")

            async def watch() -> list[inlay_pb2.WatchJobResponse]:
                request = inlay_pb2.WatchJobRequest(job_id=job.job_id)
                caller: Any = SimpleNamespace(language="", person=OWNER)
                return [message async for message in service.watch_job(request, caller)]

            watching = [asyncio.create_task(watch()) for _ in range(WATCHERS)]
            await asyncio.sleep(0)
            told.touch()
            each = await asyncio.gather(*watching)
            assert all(messages == each[0] for messages in each)
            assert isinstance(list(await jobs.poll(job.job_id))[-1].happening, Done)
            assert made["to_message"] == len(each[0])
            assert read["events"] <= 3 * len(each[0]) + 3, "not once for every watcher"

    run(scenario())


ANYBODY: Any = SimpleNamespace(proxy=None, present=lambda _context, _path: contextlib.AsyncExitStack())
"""Lets in whoever calls."""

NO_METADATA: Any = SimpleNamespace(invocation_metadata=tuple)
NO_HEADERS: Any = SimpleNamespace(request_headers={})
"""Calls that say nothing of themselves."""


class SlowService:
    """Answers PutBlob only when told to, and counts how many bytes it works on."""

    def __init__(self) -> None:
        self.in_flight = InFlight()
        self.go_on = asyncio.Event()
        self.bytes = self.most = self.answered = 0

    def implementation(self, _: object) -> Any:
        return self.put_blob

    async def put_blob(self, request: inlay_pb2.PutBlobRequest, context: object) -> inlay_pb2.PutBlobResponse:
        self.bytes += len(request.data)
        self.most = max(self.most, self.bytes)
        await self.go_on.wait()
        self.bytes -= len(request.data)
        self.answered += 1
        return inlay_pb2.PutBlobResponse()


def grpc_call(service: Any) -> Callable[[inlay_pb2.PutBlobRequest], Awaitable[Any]]:
    handler: Any = grpc_door._handler(PUT_BLOB, service, ANYBODY)  # pyright: ignore[reportPrivateUsage]
    return lambda request: handler.unary_unary(request.SerializeToString(), NO_METADATA)


def connect_call(service: Any) -> Callable[[inlay_pb2.PutBlobRequest], Awaitable[Any]]:
    endpoint: Any = connect_door._endpoint(PUT_BLOB, service, ANYBODY)  # pyright: ignore[reportPrivateUsage]
    return lambda request: endpoint.function(request, NO_HEADERS)


@pytest.mark.parametrize("door", [grpc_call, connect_call])
def test_only_so_many_bytes_of_requests_are_worked_on_at_a_time_and_small_ones_never_wait(door: Any) -> None:
    async def scenario() -> None:
        service = SlowService()
        call = door(service)
        large = inlay_pb2.PutBlobRequest(data=bytes(MAX_BYTES // 4 - 100))
        calls = [asyncio.create_task(call(large)) for _ in range(12)]
        for _ in range(200):
            await asyncio.sleep(0)
        assert service.bytes == 4 * len(large.data)
        calls.append(asyncio.create_task(call(inlay_pb2.PutBlobRequest(data=bytes(FREE_BYTES - 100)))))
        for _ in range(200):
            await asyncio.sleep(0)
        assert service.bytes == 4 * len(large.data) + FREE_BYTES - 100
        calls[-2].cancel()
        service.go_on.set()
        await asyncio.gather(*calls, return_exceptions=True)
        assert (service.answered, service.bytes) == (12, 0)
        assert service.most <= MAX_BYTES + FREE_BYTES
        await asyncio.wait_for(call(large), 10)

    run(scenario())
