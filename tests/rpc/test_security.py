"""Who may listen, who may call, and that nobody listens in: both doors."""

import asyncio
import contextlib
import http.client
import os
import shutil
import socket
import ssl
import stat
import subprocess
import sys
import threading

import grpc
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from grpc_health.v1 import health_pb2, health_pb2_grpc
from grpc_reflection.v1alpha import reflection_pb2, reflection_pb2_grpc

from inlay.client import Client
from inlay.errors import InlayError, InvalidInput, Unauthenticated, Unavailable
from inlay.rpc import security
from inlay.rpc.security import Tls, check_token, fingerprint, own_certificate, own_token
from inlay.rpc.server import ServerConfig, serve
from inlay.v1 import inlay_pb2
from inlay.wire.contract import SERVICE
from rpc.doors import DOORS, Refused, call, stream
from rpc.process import running_server

pytestmark = pytest.mark.slow

TOKEN = "correct horse battery staple"


@pytest.fixture(scope="module")
def secure(tmp_path_factory):
    """A server as it stands on a LAN, but on loopback: TLS and a token."""
    folder = tmp_path_factory.mktemp("secure")
    tls = own_certificate(folder)
    paths = {"certificate": str(tls.certificate), "key": str(tls.key)}
    with running_server(folder / "data", tls=paths, token=TOKEN) as server:
        server.ca = tls.certificate.read_bytes()
        yield server


@pytest.mark.parametrize("kind", DOORS.values(), ids=list(DOORS))
class TestEachDoor:
    def test_lets_the_token_in(self, secure, kind):
        door = secure.door(kind, host="localhost", ca=secure.ca, token=TOKEN)
        assert call(door, "GetServerInfo", inlay_pb2.GetServerInfoRequest()).protocol == 1
        assert len(list(stream(door, "ProbeStream", inlay_pb2.ProbeStreamRequest(count=2)))) == 2

    @pytest.mark.parametrize("token", ["", "wrong", TOKEN[:-1], TOKEN + "x"])
    def test_turns_everybody_else_away(self, secure, kind, token):
        door = secure.door(kind, host="localhost", ca=secure.ca, token=token)
        for ask in (
            lambda: call(door, "GetServerInfo", inlay_pb2.GetServerInfoRequest()),
            lambda: list(stream(door, "ProbeStream", inlay_pb2.ProbeStreamRequest(count=2))),
        ):
            with pytest.raises(Refused) as refused:
                ask()
            assert refused.value.code == "UNAUTHENTICATED"
            assert refused.value.facts.type == "Unauthenticated"

    def test_is_good_for_addresses_as_well_as_names(self, secure, kind):
        door = secure.door(kind, host="127.0.0.1", ca=secure.ca, token=TOKEN)
        assert call(door, "GetServerInfo", inlay_pb2.GetServerInfoRequest()).protocol == 1


def test_the_client_speaks_tls_and_shows_its_token(secure):
    with Client(f"localhost:{secure.grpc_port}", token=TOKEN, ca=secure.ca) as client:
        assert client.info().protocol == 1
    with Client(f"localhost:{secure.grpc_port}", token="wrong", ca=secure.ca) as client, pytest.raises(Unauthenticated):
        client.info()


def test_a_client_without_tls_or_with_another_certificate_is_told_so(secure, tmp_path):
    other = own_certificate(tmp_path).certificate
    for ca in (None, other):
        with Client(f"localhost:{secure.grpc_port}", token=TOKEN, ca=ca) as client, pytest.raises(Unavailable):
            client.info()


def test_the_http_door_does_not_speak_plainly_where_there_is_a_certificate(secure):
    connection = http.client.HTTPConnection("127.0.0.1", secure.http_port, timeout=10)
    connection.request("GET", "/healthz")
    with pytest.raises((http.client.HTTPException, OSError)):
        connection.getresponse()


def test_health_needs_no_token_and_reflection_does(secure):
    with grpc.secure_channel(f"localhost:{secure.grpc_port}", grpc.ssl_channel_credentials(secure.ca)) as channel:
        health = health_pb2_grpc.HealthStub(channel)
        assert health.Check(health_pb2.HealthCheckRequest(service=SERVICE)).status == 1
        reflection = reflection_pb2_grpc.ServerReflectionStub(channel)
        question = reflection_pb2.ServerReflectionRequest(list_services="")
        with pytest.raises(grpc.RpcError) as refused:
            list(reflection.ServerReflectionInfo(iter([question])))
        assert refused.value.code() is grpc.StatusCode.UNAUTHENTICATED
        answers = list(
            reflection.ServerReflectionInfo(iter([question]), metadata=[("authorization", f"Bearer {TOKEN}")])
        )
        assert SERVICE in [service.name for service in answers[0].list_services_response.service]


def test_healthz_is_open_and_plain(server):
    connection = http.client.HTTPConnection("127.0.0.1", server.http_port, timeout=10)
    connection.request("GET", "/healthz")
    response = connection.getresponse()
    assert (response.status, response.read()) == (200, b"ok\n")


@pytest.mark.parametrize(
    "host", ["evil.example", "evil.example:50052", "127.0.0.1.evil.example", "", "[::", "10.0.0.7"]
)
def test_without_a_token_a_web_page_under_another_name_is_turned_away(server, host):
    connection = http.client.HTTPConnection("127.0.0.1", server.http_port, timeout=10)
    headers = {"Host": host, "Content-Type": "application/json"}
    connection.request("POST", f"/{SERVICE}/ListJobs", b"{}", headers)
    assert connection.getresponse().status == 421


@pytest.mark.parametrize(
    "content_type", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data", None]
)
def test_what_a_web_page_may_send_without_asking_is_not_understood(server, content_type):
    """CORS lets any page post these three types, or none, to any address; everything else it has to ask for first."""
    connection = http.client.HTTPConnection("127.0.0.1", server.http_port, timeout=10)
    connection.request("POST", f"/{SERVICE}/ListJobs", b"{}", {"Content-Type": content_type} if content_type else {})
    assert connection.getresponse().status == 415
    connection = http.client.HTTPConnection("127.0.0.1", server.http_port, timeout=10)
    connection.request("OPTIONS", f"/{SERVICE}/ListJobs", headers={"Origin": "https://evil.example"})
    response = connection.getresponse()
    assert response.status == 405
    assert not [name for name, _ in response.getheaders() if name.lower().startswith("access-control")]


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.168.1.20", "studio.local", "", "127.0.0.1.example.com"])
@pytest.mark.parametrize("given", [{}, {"token": TOKEN}, {"tls": Tls}])
def test_nothing_listens_beyond_loopback_without_tls_and_token(tmp_path, host, given):
    if "tls" in given:
        given = {"tls": own_certificate(tmp_path)}
    config = ServerConfig(tmp_path / "data", host=host, grpc_port=0, http_port=0, **given)
    with pytest.raises(InvalidInput, match=r"TLS|token") as refused:
        asyncio.run(serve(config, lambda bound: pytest.fail("it listens")))
    assert refused.value.field == "host"


def test_with_tls_and_token_it_listens_on_every_address(tmp_path):
    tls = own_certificate(tmp_path)
    paths = {"certificate": str(tls.certificate), "key": str(tls.key)}
    token = own_token(tmp_path).read_text()
    with (
        running_server(tmp_path / "data", host="0.0.0.0", tls=paths, token=token) as server,
        Client(f"127.0.0.1:{server.grpc_port}", token=token, ca=tls.certificate) as client,
    ):
        assert client.info().protocol == 1


@pytest.fixture
def beyond() -> str:
    """A name under which this machine is found, and which need not be this machine's."""
    try:
        socket.getaddrinfo(socket.gethostname(), None)
    except OSError:
        pytest.skip("this machine's own name does not resolve")
    return socket.gethostname()


@pytest.mark.slow
def test_over_a_network_a_client_trusts_whom_the_system_trusts_and_nobody_else(tmp_path, beyond):
    tls = own_certificate(tmp_path, (beyond,))
    paths = {"certificate": str(tls.certificate), "key": str(tls.key)}
    code = "import sys; from inlay.client import Client; print(Client(sys.argv[1], token='t').info().protocol)"
    with running_server(tmp_path / "data", host="0.0.0.0", tls=paths, token="t") as server:
        ask = [sys.executable, "-c", code, f"{beyond}:{server.grpc_port}"]
        trusting = {**os.environ, "SSL_CERT_FILE": str(tls.certificate)}
        assert subprocess.run(ask, env=trusting, capture_output=True, text=True).stdout == "1\n"
        refused = subprocess.run(ask, capture_output=True, text=True)
        assert "do not agree on TLS" in refused.stderr


def test_over_a_network_nothing_is_said_in_clear(beyond):
    with (
        socket.create_server(("0.0.0.0", 0)) as listening,
        Client(f"{beyond}:{listening.getsockname()[1]}", token=TOKEN) as client,
    ):

        def ask() -> None:
            with contextlib.suppress(InlayError):
                client.info()

        asking = threading.Thread(target=ask)
        asking.start()
        connection, _ = listening.accept()
        heard = connection.recv(65_536)
        connection.close()
        listening.close()
        client.close()
        asking.join(60)
    assert heard[:2] == b"\x16\x03", "a TLS handshake (RFC 8446)"
    assert TOKEN.encode() not in heard


def test_a_certificate_that_is_none_is_said_before_anything_listens(tmp_path):
    tls = own_certificate(tmp_path)
    tls.key.write_text("no key")
    with pytest.raises(InvalidInput, match="PEM"):
        asyncio.run(serve(ServerConfig(tmp_path / "data", grpc_port=0, http_port=0, tls=tls), lambda bound: None))


def test_an_install_keeps_its_certificate_and_its_token_to_itself(tmp_path):
    tls, token = own_certificate(tmp_path), own_token(tmp_path).read_text()
    before = tls.certificate.read_bytes()
    assert (own_certificate(tmp_path), own_token(tmp_path).read_text()) == (tls, token)
    assert tls.certificate.read_bytes() == before
    if os.name == "posix":
        for path in (tls.key, tmp_path / "token"):
            assert stat.S_IMODE(path.stat().st_mode) == 0o600
    own_certificate(tmp_path, ("studio.example", "10.1.2.3"))
    assert tls.certificate.read_bytes() != before, "it lacked the new names"
    assert len(fingerprint(tls).split(":")) == 32


def test_the_key_of_a_trusted_server_can_sign_for_nobody_else(tmp_path):
    tls = own_certificate(tmp_path)
    authority = x509.load_pem_x509_certificate(tls.certificate.read_bytes())
    key = ec.generate_private_key(ec.SECP256R1())
    forged = (
        x509.CertificateBuilder()
        .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "bank.example")]))
        .issuer_name(authority.subject)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(authority.not_valid_before_utc)
        .not_valid_after(authority.not_valid_after_utc)
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("bank.example")]), critical=False)
        .sign(serialization.load_pem_private_key(tls.key.read_bytes(), None), hashes.SHA256())
    )
    chain, private = tmp_path / "chain.pem", tmp_path / "private.pem"
    chain.write_bytes(forged.public_bytes(serialization.Encoding.PEM) + tls.certificate.read_bytes())
    plain = (serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    private.write_bytes(key.private_bytes(*plain))
    bank = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    bank.load_cert_chain(chain, private)
    trusting = ssl.create_default_context(cafile=str(tls.certificate))
    heard, said = ssl.MemoryBIO(), ssl.MemoryBIO()
    client = trusting.wrap_bio(heard, said, server_hostname="bank.example")
    server = bank.wrap_bio(said, heard, server_side=True)
    with pytest.raises(ssl.SSLWantReadError):
        client.do_handshake()
    with contextlib.suppress(ssl.SSLWantReadError):
        server.do_handshake()
    with pytest.raises(ssl.SSLCertVerificationError):
        client.do_handshake()


def test_a_certificate_that_runs_out_is_made_anew(tmp_path, monkeypatch):
    monkeypatch.setattr(security, "CERTIFICATE_DAYS", security.RENEW_DAYS)
    tls = own_certificate(tmp_path)
    before = tls.certificate.read_bytes()
    monkeypatch.undo()
    own_certificate(tmp_path)
    assert tls.certificate.read_bytes() != before


def shown(port):
    """The certificate that a new connection sees, PEM without line ends."""
    return ssl.get_server_certificate(("127.0.0.1", port)).split()


def test_a_certificate_that_is_renewed_on_the_disk_is_shown_without_a_restart(tmp_path):
    first, second = own_certificate(tmp_path / "first"), own_certificate(tmp_path / "second")
    tls = Tls(tmp_path / "certificate.pem", tmp_path / "key.pem")
    shutil.copy(first.certificate, tls.certificate)
    shutil.copy(first.key, tls.key)
    paths = {"certificate": str(tls.certificate), "key": str(tls.key)}
    with running_server(tmp_path / "data", tls=paths, token=TOKEN) as server:
        doors = (server.grpc_port, server.http_port)
        ca = first.certificate.read_bytes()
        with Client(f"localhost:{server.grpc_port}", token=TOKEN, ca=ca) as client:
            assert client.info().protocol == 1
            shutil.copy(second.certificate, tls.certificate)
            for port in doors:  # a certificate without its key changes nothing
                assert shown(port) == first.certificate.read_text().split()
            shutil.copy(second.key, tls.key)
            for port in doors:
                assert shown(port) == second.certificate.read_text().split()
            assert client.info().protocol == 1, "connections that stand go on"
        tls.key.write_text("no key")
        tls.certificate.unlink()
        for port in doors:
            assert shown(port) == second.certificate.read_text().split()
        for kind in DOORS.values():
            door = server.door(kind, host="localhost", ca=second.certificate.read_bytes(), token=TOKEN)
            assert call(door, "GetServerInfo", inlay_pb2.GetServerInfoRequest()).protocol == 1


def test_a_new_token_is_valid_at_once_and_the_old_one_is_not(tmp_path):
    path = tmp_path / "token"
    path.write_text("yesterday's")
    with running_server(tmp_path / "data", token_file=str(path)) as server:
        with Client(server.address, token="yesterday's") as client:
            assert client.info().protocol == 1
            path.with_suffix(".new").write_text("today's\n")
            path.with_suffix(".new").replace(path)
            for door in (server.door(kind, token="yesterday's") for kind in DOORS.values()):
                with pytest.raises(Refused, match="UNAUTHENTICATED"):
                    call(door, "GetServerInfo", inlay_pb2.GetServerInfoRequest())
        for door in (server.door(kind, token="today's") for kind in DOORS.values()):
            assert call(door, "GetServerInfo", inlay_pb2.GetServerInfoRequest()).protocol == 1
        path.write_text("")
        with Client(server.address, token="today's") as client:
            assert client.info().protocol == 1, "a file that is being written does not open the server"
        with Client(server.address, token="anything") as client, pytest.raises(Unauthenticated):
            client.info()


@pytest.mark.slow
def test_tokens_are_compared_whole():
    check_token("", "")
    check_token("Bearer secret", "secret")
    check_token("bearer secret", "secret")
    for header in (
        "",
        "secret",
        "Basic secret",
        "Bearer",
        "Bearer ",
        "Bearer secre",
        "Bearer secrets",
        "Bearer ünïcode",
    ):
        with pytest.raises(Unauthenticated):
            check_token(header, "secret")
