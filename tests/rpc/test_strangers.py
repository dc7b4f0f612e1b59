"""What somebody without a token can do to the server: little, and never to anybody else. Over real sockets."""

import contextlib
import http.client
import socket
import ssl
import sys

import grpc
import pytest

from inlay.client import Client
from inlay.rpc.security import own_certificate
from inlay.v1 import inlay_pb2
from rpc.doors import ConnectJson, GrpcDoor, call
from rpc.process import RunningServer, running_server

pytestmark = pytest.mark.slow

TOKEN = "correct horse battery staple"
FLOOD = 200 * 2**20
PIECE = 2**20
ROOM_MB = 64

linux = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="reads /proc")


@pytest.fixture(scope="module")
def guarded(tmp_path_factory):
    with running_server(tmp_path_factory.mktemp("guarded") / "data", token=TOKEN) as server:
        yield server


@pytest.fixture(scope="module")
def encrypted(tmp_path_factory):
    folder = tmp_path_factory.mktemp("encrypted")
    tls = own_certificate(folder)
    paths = {"certificate": str(tls.certificate), "key": str(tls.key)}
    with running_server(folder / "data", tls=paths, token=TOKEN) as server:
        server.ca = tls.certificate.read_text()
        yield server


@pytest.fixture(scope="module")
def hasty(tmp_path_factory):
    """A server with TLS that waits a quarter of a second where others wait ten."""
    folder = tmp_path_factory.mktemp("hasty")
    tls = own_certificate(folder)
    constants = {"inlay.rpc.http_server:HEAD_S": 0.25, "inlay.rpc.acceptor:HANDSHAKE_S": 0.25}
    paths = {"certificate": str(tls.certificate), "key": str(tls.key)}
    with running_server(folder / "data", tls=paths, token=TOKEN, constants=constants) as server:
        server.ca = tls.certificate.read_text()
        yield server


@pytest.fixture(scope="module")
def narrow(tmp_path_factory):
    """A server that may have 400 files and connections open; it was given 200 and has to help itself to the rest."""
    folder = tmp_path_factory.mktemp("narrow")
    constants = {"inlay.rpc.grpc_door:HANDSHAKE_S": 1.0}
    log = folder / "log"
    with running_server(folder / "data", token=TOKEN, descriptors=(200, 400), constants=constants, log=log) as server:
        yield server


def connect(server: RunningServer) -> socket.socket:
    plain = socket.create_connection(("127.0.0.1", server.http_port), timeout=60)
    if not hasattr(server, "ca"):
        return plain
    return ssl.create_default_context(cadata=server.ca).wrap_socket(plain, server_hostname="localhost")


def pour(connection: socket.socket, piece: bytes) -> int:
    """Send `piece` again and again, FLOOD bytes in all or until the server hangs up; the bytes that went."""
    sent = 0
    with contextlib.suppress(OSError):
        while sent < FLOOD:
            connection.sendall(piece)
            sent += len(piece)
    return sent


def ends(connection: socket.socket) -> bool:
    """Whether the server closes the connection, whatever it says before."""
    with contextlib.suppress(ConnectionError, ssl.SSLError):
        while connection.recv(65_536):
            pass
    return True


def answers(server: RunningServer) -> bool:
    info = inlay_pb2.GetServerInfoRequest()
    access = {"host": "localhost", "ca": server.ca.encode()} if hasattr(server, "ca") else {}
    doors = [server.door(kind, token=TOKEN, **access) for kind in (GrpcDoor, ConnectJson)]
    return all(call(door, "GetServerInfo", info, timeout_ms=20_000).protocol == 1 for door in doors)


FLOODS = {
    "many headers": (b"POST /x HTTP/1.1\r\nHost: localhost\r\n", b"x-pad: " + b"y" * 90 + b"\r\n"),
    "one header": (b"POST /x HTTP/1.1\r\nHost: localhost\r\nx-pad: ", b"y" * 100),
    "the address": (b"POST /", b"y" * 100),
    "trailers": (
        b"POST /x HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nx\r\n0\r\n",
        b"x-pad: " + b"y" * 90 + b"\r\n",
    ),
    "requests at once": (b"", b"POST /x HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\n\r\n"),
}


@linux
@pytest.mark.parametrize("kind", FLOODS)
@pytest.mark.parametrize("protected", ["plain", "TLS"])
def test_200_mb_of_a_request_before_any_token_take_no_memory(guarded, encrypted, kind, protected):
    server = encrypted if protected == "TLS" else guarded
    assert answers(server)
    before_mb = server.resident_mb
    beginning, more = FLOODS[kind]
    with connect(server) as connection:
        connection.sendall(beginning)
        pour(connection, more * (PIECE // len(more)))
        assert answers(server)
        assert server.resident_mb < before_mb + ROOM_MB


def test_a_head_above_64_kib_is_refused_and_one_below_is_read(guarded):
    for size, status in ((60_000, 415), (70_000, 431)):
        connection = http.client.HTTPConnection("127.0.0.1", guarded.http_port, timeout=60)
        connection.request("POST", "/inlay.v1.InlayService/ListJobs", headers={"x-pad": "y" * size})
        assert connection.getresponse().status == status


@pytest.mark.parametrize("beginning", [b"", b"\r\n", b"POST / HTTP/1.1\r\nx-pad: "], ids=["nothing", "empty", "half"])
def test_a_head_that_trickles_ends_the_connection(hasty, beginning):
    with connect(hasty) as connection:
        connection.sendall(beginning)
        connection.settimeout(0.05)
        with contextlib.suppress(ConnectionError, ssl.SSLError):
            while True:
                try:
                    if not connection.recv(1):
                        break
                except TimeoutError:
                    connection.sendall(b"y" if b"POST" in beginning else b"")
    assert answers(hasty)


def test_a_body_that_trickles_after_its_answer_ends_the_connection(hasty):
    with connect(hasty) as connection:
        connection.sendall(
            b"POST /inlay.v1.InlayService/PutBlob HTTP/1.1\r\nHost: localhost\r\n"
            b"Content-Type: application/proto\r\nContent-Length: 1000000\r\n\r\nx"
        )
        assert connection.recv(12) == b"HTTP/1.1 401"
        assert ends(connection)


@pytest.mark.parametrize("beginning", [b"", b"\x16\x03\x01\x00"], ids=["nothing", "half a hello"])
def test_a_handshake_that_trickles_ends_the_connection(hasty, beginning):
    with socket.create_connection(("127.0.0.1", hasty.http_port), timeout=60) as connection:
        connection.sendall(beginning)
        assert ends(connection)


def crowd(port: int) -> contextlib.ExitStack:
    """A thousand connections that say nothing, until the block ends."""
    with contextlib.ExitStack() as opening:
        for _ in range(1_000):
            with contextlib.suppress(ConnectionError):
                opening.enter_context(socket.create_connection(("127.0.0.1", port), timeout=60))
        return opening.pop_all()


@linux
def test_a_thousand_connections_that_say_nothing_keep_nobody_out(narrow):
    with crowd(narrow.http_port):
        assert answers(narrow)
        with Client(narrow.address, token=TOKEN) as client:
            assert len(client.upload(b"pixels" * 100).sha256) == 64
    assert len((narrow.data_dir.parent / "log").read_bytes()) < 100_000


@linux
def test_at_the_grpc_door_they_keep_others_waiting_no_longer_than_a_handshake_may_take(narrow):
    with crowd(narrow.grpc_port):
        assert call(narrow.door(ConnectJson, token=TOKEN), "GetServerInfo", inlay_pb2.GetServerInfoRequest()).protocol
        with grpc.insecure_channel(narrow.address) as channel:
            ask = channel.unary_unary("/inlay.v1.InlayService/GetServerInfo")
            metadata = [("authorization", f"Bearer {TOKEN}")]
            assert ask(b"", metadata=metadata, wait_for_ready=True, timeout=60)


@linux
def test_who_is_being_answered_is_not_sent_away_for_those_who_idle(narrow):
    watching = narrow.door(ConnectJson, token=TOKEN)
    numbers = watching.open("ProbeStream", inlay_pb2.ProbeStreamRequest(count=100, interval_ms=50)).messages()
    next(numbers)
    with crowd(narrow.http_port):
        assert [number.index for number in numbers] == list(range(2, 101))


def test_metadata_above_the_limit_is_refused_on_the_grpc_door(guarded):
    with grpc.insecure_channel(guarded.address) as channel:
        ask = channel.unary_unary("/inlay.v1.InlayService/GetServerInfo")
        with pytest.raises(grpc.RpcError) as refused:
            ask(b"", metadata=[("x-pad", "y" * 70_000)], timeout=20)
        assert refused.value.code() is grpc.StatusCode.RESOURCE_EXHAUSTED
