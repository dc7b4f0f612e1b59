"""One server per data folder: how it says where it is, and how it comes and goes."""

import asyncio
import hashlib
import http.client
import json
import signal
import socket
import subprocess
import sys
import time

import pytest

from inlay.client import Client
from inlay.errors import InvalidInput, Unavailable
from inlay.rpc.server import ServerConfig, announced, serve
from inlay.v1 import inlay_pb2
from inlay.wire.contract import SERVICE
from rpc.doors import DOORS, Refused, call
from rpc.process import running_server


def test_the_data_folder_says_where_its_server_is_while_it_runs(tmp_path):
    with running_server(tmp_path / "data") as server:
        bound = announced(server.data_dir)
        assert bound
        assert (bound.pid, bound.grpc_port, bound.http_port) == (server.process.pid, server.grpc_port, server.http_port)
        assert server.stop(signal.SIGTERM) == 0
        assert announced(server.data_dir) is None
        assert not (server.data_dir / "server.json").exists()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_stops_it_in_good_order_even_with_streams_open(tmp_path, number):
    with running_server(tmp_path / "data") as server, Client(server.address) as client:
        numbers = client.probe_stream(100, 1000)
        next(numbers)
        assert server.stop(number) == 0
        with pytest.raises(Unavailable):
            list(numbers)


@pytest.mark.slow
def test_a_second_server_on_the_same_folder_is_refused(tmp_path):
    with running_server(tmp_path / "data") as server:
        config = ServerConfig(server.data_dir, grpc_port=0, http_port=0)
        with pytest.raises(Unavailable, match=f"process {server.process.pid}") as refused:
            asyncio.run(serve(config, lambda bound: pytest.fail("it listens")))
        assert refused.value.field == "data_dir"
        server.restart(signal.SIGKILL)  # the system lets go of a dead server's lock
        with Client(server.address) as client:
            assert client.info().protocol == 1


@pytest.mark.parametrize("field", ["grpc_port", "http_port"])
def test_a_port_that_is_taken_is_named(tmp_path, field):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        ports = {"grpc_port": 0, "http_port": 0, field: taken.getsockname()[1]}
        with pytest.raises(InvalidInput) as refused:
            asyncio.run(serve(ServerConfig(tmp_path, **ports), lambda bound: pytest.fail("it listens")))
        assert refused.value.field == field
    assert not (tmp_path / "server.json").exists()


def test_a_server_inside_another_program_ends_with_its_task(tmp_path):
    async def embed() -> None:
        ready: asyncio.Future = asyncio.get_running_loop().create_future()
        config = ServerConfig(tmp_path, grpc_port=0, http_port=0)
        serving = asyncio.create_task(serve(config, ready.set_result))
        bound = await asyncio.wait_for(ready, 20)
        with Client(f"127.0.0.1:{bound.grpc_port}") as client:
            assert (await asyncio.to_thread(client.info)).protocol == 1
        serving.cancel()
        with pytest.raises(asyncio.CancelledError):
            await serving

    asyncio.run(embed())
    assert not (tmp_path / "server.json").exists()


def test_answers_on_a_kept_connection_do_not_wait_for_acknowledgements(server):
    """Nagle's algorithm and delayed acknowledgements together would hold each one back for 40 ms."""
    connection = http.client.HTTPConnection("127.0.0.1", server.http_port, timeout=10)
    taken = []
    for _ in range(20):
        start = time.perf_counter()
        connection.request("POST", f"/{SERVICE}/ListModels", b"{}", {"Content-Type": "application/json"})
        connection.getresponse().read()
        taken.append(time.perf_counter() - start)
    assert min(taken) < 0.030


def test_the_gateway_loads_nothing_heavy():
    heavy = ("numba", "cv2", "imagecodecs", "torch", "scipy", "psd_tools", "tifffile", "PIL", "skimage")
    code = f"import sys, json, inlay.rpc.server; print(json.dumps([name for name in {heavy} if name in sys.modules]))"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert json.loads(loaded) == []


@pytest.mark.slow
@pytest.mark.parametrize("kind", DOORS.values(), ids=list(DOORS))
def test_one_address_has_a_bounded_number_of_uploads_under_way(tmp_path, kind):
    with running_server(tmp_path / "data", constants={"inlay.blobs.partial:MAX_OPEN_OF_ONE": 3}) as server:

        def begin(number):
            data = bytes([number]) * 10
            name = hashlib.sha256(data).hexdigest()
            return call(server.door(kind), "PutBlob", inlay_pb2.PutBlobRequest(sha256=name, total=10, data=data[:5]))

        assert [begin(number).received for number in range(3)] == [5, 5, 5]
        with pytest.raises(Refused, match="RESOURCE_EXHAUSTED"):
            begin(3)
