"""What the doors cost: small calls, and 64 MiB up and down, against a bare grpcio.aio echo measured beside them.

    python -m bench.transfer [--json FILE] [--rounds N]

The server is started as the command line starts it; the bare echo gets the same malloc settings and neither hashes nor stores.
Rounds are interleaved, so that the machine's noise meets all alike; the median over rounds counts. The clients are Python's:
grpcio for gRPC, http.client on one kept connection for the rest.
"""

import argparse
import asyncio
import hashlib
import http.client
import json
import os
import statistics
import struct
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import grpc
import grpc.aio
from google.protobuf import json_format
from rich.console import Console
from rich.table import Table

from inlay.client import Client
from inlay.client.local import LocalServer, own_server
from inlay.rpc.memory import MALLOC_ENVIRONMENT
from inlay.v1 import inlay_pb2
from inlay.wire.contract import METHODS, SERVICE

CALLS = 200
"""Small calls per round and door."""

BLOB_BYTES = 64 * 2**20
UP_BYTES = 2**20
DOWN_BYTES = 2 * 2**20
OPTIONS = [("grpc.max_receive_message_length", -1), ("grpc.enable_http_proxy", 0)]
BARE = "bare grpcio.aio"
METHOD = {method.name: method for method in METHODS}

Seconds = dict[str, float]


async def serve_bare() -> None:
    """The yardstick: takes bytes, gives bytes, does nothing with them."""

    async def echo(body: bytes, _: Any) -> bytes:
        return body

    async def take(body: bytes, _: Any) -> bytes:
        return b"ok"

    async def give(body: bytes, _: Any):
        for offset in range(0, BLOB_BYTES, DOWN_BYTES):
            yield DATA[offset : offset + DOWN_BYTES]

    server = grpc.aio.server(options=OPTIONS)
    unary, stream = grpc.unary_unary_rpc_method_handler, grpc.unary_stream_rpc_method_handler
    handlers = {"Echo": unary(echo), "Take": unary(take), "Give": stream(give)}
    server.add_generic_rpc_handlers((grpc.method_handlers_generic_handler("bare", handlers),))
    port = server.add_insecure_port("127.0.0.1:0")
    await server.start()
    print(port, flush=True)
    await server.wait_for_termination()


DATA = bytes(BLOB_BYTES)


class Bare:
    """A client of the yardstick."""

    name = BARE

    def __init__(self, port: int) -> None:
        channel = grpc.insecure_channel(f"127.0.0.1:{port}", OPTIONS)
        self._echo, self._take = channel.unary_unary("/bare/Echo"), channel.unary_unary("/bare/Take")
        self._give = channel.unary_stream("/bare/Give")

    def small(self) -> None:
        self._echo(b"hello")

    def up(self, data: bytes) -> None:
        for offset in range(0, len(data), UP_BYTES):
            self._take(data[offset : offset + UP_BYTES])

    def down(self, data: bytes) -> None:
        received = sum(len(chunk) for chunk in self._give(b""))
        assert received == BLOB_BYTES


class PythonClient:
    """Inlay's own client: gRPC, with hashing before an upload and after a download."""

    name = "gRPC (inlay.client)"

    def __init__(self, server: LocalServer) -> None:
        self._client = Client(server.address, token=server.token)

    def small(self) -> None:
        self._client.models()

    def up(self, data: bytes) -> None:
        assert self._client.upload(data).sent == len(data)

    def down(self, data: bytes) -> None:
        assert len(self._client.fetch(hashlib.sha256(data).hexdigest())) == len(data)


class Http:
    """What the HTTP doors share: one connection, POST after POST."""

    def __init__(self, server: LocalServer) -> None:
        self._connection = http.client.HTTPConnection("127.0.0.1", server.http_port)
        self._authorization = f"Bearer {server.token}"

    def post(self, name: str, content_type: str, body: bytes) -> http.client.HTTPResponse:
        headers = {"Content-Type": content_type, "Authorization": self._authorization}
        self._connection.request("POST", f"/{SERVICE}/{name}", body, headers)
        response = self._connection.getresponse()
        assert response.status == 200, response.read()
        return response

    def small(self) -> None:
        self.unary("ListModels", inlay_pb2.ListModelsRequest())

    def up(self, data: bytes) -> None:
        name = hashlib.sha256(data).hexdigest()
        for offset in range(0, len(data), UP_BYTES):
            chunk = data[offset : offset + UP_BYTES]
            self.unary("PutBlob", inlay_pb2.PutBlobRequest(sha256=name, offset=offset, total=len(data), data=chunk))

    def down(self, data: bytes) -> None:
        request = inlay_pb2.GetBlobRequest(sha256=hashlib.sha256(data).hexdigest())
        pieces = [chunk.data for chunk in self.stream("GetBlob", request)]
        assert sum(map(len, pieces)) == len(data)


class ConnectBinary(Http):
    name = "Connect binary"

    def unary(self, name: str, request: Any) -> Any:
        body = self.post(name, "application/proto", request.SerializeToString()).read()
        return METHOD[name].response.FromString(body)

    def stream(self, name: str, request: Any) -> Iterator[Any]:
        response = self.post(name, "application/connect+proto", enveloped(request.SerializeToString()))
        return (METHOD[name].response.FromString(body) for flags, body in frames(response) if not flags)


class ConnectJson(Http):
    name = "Connect JSON"

    def unary(self, name: str, request: Any) -> Any:
        body = self.post(name, "application/json", json_format.MessageToJson(request).encode()).read()
        return json_format.Parse(body, METHOD[name].response())

    def stream(self, name: str, request: Any) -> Iterator[Any]:
        body = enveloped(json_format.MessageToJson(request).encode())
        response = self.post(name, "application/connect+json", body)
        return (json_format.Parse(body, METHOD[name].response()) for flags, body in frames(response) if not flags)


class GrpcWeb(Http):
    name = "gRPC-Web"

    def unary(self, name: str, request: Any) -> Any:
        (answer,) = self.stream(name, request)
        return answer

    def stream(self, name: str, request: Any) -> Iterator[Any]:
        response = self.post(name, "application/grpc-web+proto", enveloped(request.SerializeToString()))
        return (METHOD[name].response.FromString(body) for flags, body in frames(response) if not flags)


def enveloped(body: bytes) -> bytes:
    return struct.pack(">BI", 0, len(body)) + body


def frames(response: http.client.HTTPResponse) -> Iterator[tuple[int, bytes]]:
    while head := response.read(5):
        flags, length = struct.unpack(">BI", head)
        yield flags, response.read(length)


@contextmanager
def bare_server() -> Iterator[int]:
    command = [sys.executable, "-m", "bench.transfer", "--serve-bare"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env={**os.environ, **MALLOC_ENVIRONMENT})
    assert process.stdout
    try:
        yield int(process.stdout.readline())
    finally:
        process.terminate()
        process.wait()


def measure(doors: list[Any], rounds: int) -> dict[str, dict[str, Seconds]]:
    """Seconds per small call, and for 64 MiB up and down: the median, and the fastest, by door."""
    taken: dict[str, dict[str, list[float]]] = {
        kind: {door.name: [] for door in doors} for kind in ("small", "up", "down")
    }
    for _ in range(rounds):
        for door in doors:
            door.small()
            taken["small"][door.name].append(timed(lambda door=door: [door.small() for _ in range(CALLS)]) / CALLS)
        for door in doors:
            data = os.urandom(BLOB_BYTES)  # new bytes every time: what the server has is not sent again
            taken["up"][door.name].append(timed(lambda door=door, data=data: door.up(data)))
            taken["down"][door.name].append(timed(lambda door=door, data=data: door.down(data)))
    return {
        kind: {name: {"median": statistics.median(times), "fastest": min(times)} for name, times in by_door.items()}
        for kind, by_door in taken.items()
    }


def timed(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def show(results: dict[str, dict[str, Seconds]]) -> dict[str, Any]:
    """Print the table; the same as JSON values. Ratios are times: below 1 is faster than the bare echo."""
    table = Table("door", title="Small calls in ms, 64 MiB in MiB/s; in brackets the time against the bare echo")
    for kind in ("small call", "64 MiB up", "64 MiB down"):
        table.add_column(kind, justify="right")
    report: dict[str, Any] = {}
    mib = BLOB_BYTES / 2**20
    for name in results["small"]:
        ratios = {kind: results[kind][name]["median"] / results[kind][BARE]["median"] for kind in results}
        seconds = {kind: results[kind][name]["median"] for kind in results}
        table.add_row(
            name,
            f"{seconds['small'] * 1000:.2f} ({ratios['small']:.2f})",
            f"{mib / seconds['up']:.0f} ({ratios['up']:.2f})",
            f"{mib / seconds['down']:.0f} ({ratios['down']:.2f})",
        )
        report[name] = {
            "small_call_ms": seconds["small"] * 1000,
            "up_mib_per_s": mib / seconds["up"],
            "down_mib_per_s": mib / seconds["down"],
            "time_against_bare": ratios,
            "fastest_s": {kind: results[kind][name]["fastest"] for kind in results},
        }
    data = os.urandom(BLOB_BYTES)
    report["sha256_64_mib_ms"] = min(timed(lambda: hashlib.sha256(data).digest()) for _ in range(3)) * 1000
    Console().print(table)
    print(
        f"SHA-256 of 64 MiB, once at each end, takes {report['sha256_64_mib_ms']:.0f} ms here; the bare echo has none."
    )
    return report


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--json", type=Path, help="write the figures here")
    arguments.add_argument("--rounds", type=int, default=5)
    arguments.add_argument("--serve-bare", action="store_true", help=argparse.SUPPRESS)
    options = arguments.parse_args()
    if options.serve_bare:
        asyncio.run(serve_bare())
        return
    with ExitStack() as stack:
        bare, server = stack.enter_context(bare_server()), stack.enter_context(own_server())
        doors = [Bare(bare), *(kind(server) for kind in (PythonClient, ConnectBinary, ConnectJson, GrpcWeb))]
        report = show(measure(doors, options.rounds))
    if options.json:
        options.json.write_text(json.dumps(report, indent=2))


if __name__ == "__main__":
    main()
