"""A machine asks to be let in over a network on which somebody may sit between. Real servers, real TLS, real multicast."""

import contextlib
import hashlib
import http.client
import http.server
import json
import re
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from inlay import nearby
from inlay.client import Client
from inlay.errors import Forbidden, InvalidInput, NotFound, Unavailable
from inlay.introduction import Introduction, NotLetIn
from inlay.person import Role
from inlay.rpc.security import Tls, own_certificate
from inlay.studio.people import PEOPLE_FILE, People
from inlay.v1 import inlay_pb2, pairing_pb2
from rpc.doors import ConnectBinary, ConnectJson, GrpcDoor, Refused, call
from rpc.process import RunningServer, running_server

pytestmark = pytest.mark.slow

TOKEN = "correct horse battery staple"
PATIENCE_S = 120


class Studio:
    """A server that lets machines ask, and its owner."""

    def __init__(self, server: RunningServer, tls: Tls) -> None:
        self.server = server
        self.tls = tls
        self.people = People(server.data_dir / PEOPLE_FILE)

    def asks(self, name: str, port: int = 0) -> Introduction:
        return Introduction("127.0.0.1", port or self.server.http_port, name, f"{name}'s machine")

    @contextlib.contextmanager
    def admin(self, token: str = TOKEN) -> Iterator[Client]:
        with Client(self.server.address, token=token, ca=self.tls.certificate) as client:
            yield client


@contextlib.contextmanager
def running(folder: Path, **settings: Any) -> Iterator[Studio]:
    tls = own_certificate(folder)
    paths = {"certificate": str(tls.certificate), "key": str(tls.key)}
    with running_server(folder / "data", tls=paths, token=TOKEN, **settings) as server:
        yield Studio(server, tls)


@pytest.fixture(scope="module")
def studio(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Studio]:
    with running(tmp_path_factory.mktemp("studio"), announces=True) as running_studio:
        yield running_studio


@pytest.fixture
def nobody_waits(studio: Studio) -> Iterator[None]:
    yield
    with studio.admin() as admin:
        for one in admin.pairings.list():
            admin.pairings.refuse(one.words)


def until(found: Callable[[], Any]) -> Any:
    deadline = time.monotonic() + PATIENCE_S
    while not (seen := found()):
        assert time.monotonic() < deadline
        time.sleep(0.02)
    return seen


def token_of(introduction: Introduction) -> str:
    return until(lambda: introduction.wait(1000))


def info_of(studio: Studio, token: str, pem: str) -> str:
    with Client(studio.server.address, token=token, ca=pem.encode()) as client:
        return client.info().version


def independent_words(certificate: bytes, name: str, machine: str, nonce: bytes, theirs: bytes) -> str:
    """The words again, from what the contract's comment and the proquints' paper say."""
    text = b"".join(
        len(part).to_bytes(4, "big") + part
        for part in (b"inlay pairing 1", hashlib.sha256(certificate).digest(), name.encode(), machine.encode(), nonce)
    )
    bits = f"{int(hashlib.sha256(text + len(theirs).to_bytes(4, 'big') + theirs).hexdigest()[:8], 16):032b}"
    said = ""
    for kind, width in ("cv" * 2 + "c", 0), ("cv" * 2 + "c", 16):
        at = width
        for one in kind:
            size, letters = (4, "bdfghjklmnprstvz") if one == "c" else (2, "aiou")
            said += letters[int(bits[at : at + size], 2)]
            at += size
        said += "-"
    return said.rstrip("-")


@pytest.mark.usefixtures("nobody_waits")
def test_both_sides_show_the_same_words_and_the_machine_gets_a_token_of_its_own(studio: Studio) -> None:
    anna = studio.asks("Anna Müller")
    words = anna.begin()
    assert re.fullmatch("[a-z]{5}-[a-z]{5}", words)
    assert anna.wait(0) == ""
    with studio.admin() as admin:
        (shown,) = admin.pairings.list()
        assert (shown.words, shown.name, shown.machine) == (words, "Anna Müller", "Anna Müller's machine")
        assert 500 < shown.good_s <= 600
        assert admin.pairings.accept(words.upper().replace("-", " "), projects=["autumn"]) == "Anna Müller"
        assert admin.pairings.list() == []
    token = token_of(anna)
    assert token == token_of(anna), "a line that drops as the token comes costs nobody a token"
    assert studio.people.bearer(token).person.projects == ("autumn",)
    assert len(studio.people.entry("anna müller").tokens) == 1
    assert info_of(studio, token, anna.pem)


def test_the_words_follow_from_the_certificate_and_both_nonces_as_the_contract_says(studio: Studio) -> None:
    answers: list[Any] = []

    class Overheard(Introduction):
        def _call(self, method: str, request: Any, answer: Any) -> None:
            super()._call(method, request, answer)
            answers.append((request, answer))

    machine = Overheard("127.0.0.1", studio.server.http_port, "Cem", "pc-7")
    words = machine.begin()
    der = ssl.PEM_cert_to_DER_cert(studio.tls.certificate.read_text())
    (asked, begun), (revealed, _) = answers
    assert words == independent_words(der, "Cem", "pc-7", revealed.nonce, begun.nonce)
    assert asked.commitment == hashlib.sha256(revealed.nonce).digest()
    assert begun.certificate_sha256 == hashlib.sha256(der).digest()
    with studio.admin() as admin:
        admin.pairings.refuse(words)
    with pytest.raises(NotLetIn, match="turned this machine away"):
        machine.wait(0)


class Between:
    """Somebody between a machine and a server: takes TLS with a certificate of their own, and hands everything on."""

    def __init__(self, folder: Path, port: int) -> None:
        overheard = self.overheard = bytearray()
        blind = ssl.create_default_context()
        blind.check_hostname, blind.verify_mode = False, ssl.CERT_NONE

        class Passing(http.server.BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["content-length"]))
                there = http.client.HTTPSConnection("127.0.0.1", port, timeout=PATIENCE_S, context=blind)
                there.request("POST", self.path, body, dict(self.headers))
                answer = there.getresponse()
                told = answer.read()
                there.close()
                overheard.extend(body + told)
                self.send_response(answer.status)
                self.send_header("Content-Type", answer.headers["content-type"])
                self.send_header("Content-Length", str(len(told)))
                self.end_headers()
                self.wfile.write(told)

            def log_message(self, format: str, *args: Any) -> None:
                """Says nothing."""

        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Passing)
        self._server.socket = own_certificate(folder).check().wrap_socket(self._server.socket, server_side=True)
        self.port = self._server.server_port
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()


@pytest.mark.usefixtures("nobody_waits")
def test_who_sits_between_makes_the_words_differ_and_gets_no_token(studio: Studio, tmp_path: Path) -> None:
    between = Between(tmp_path, studio.server.http_port)
    try:
        ben = studio.asks("Ben", between.port)
        words = ben.begin()
        with studio.admin() as admin:
            (shown,) = admin.pairings.list()
            assert shown.name == "Ben", "the request came through"
            assert shown.words != words
            with pytest.raises(NotFound, match="somebody sits between"):
                admin.pairings.accept(words)
        assert ben.wait(0) == ""
        assert b"inlay_" not in between.overheard
        assert not studio.people.is_taken("Ben")
    finally:
        between.close()


@pytest.mark.usefixtures("nobody_waits")
def test_a_connection_that_shows_another_certificate_later_is_dropped_before_anything_is_said(
    studio: Studio, tmp_path: Path
) -> None:
    cara = studio.asks("Cara")
    cara.begin()
    between = Between(tmp_path, studio.server.http_port)
    cara._address = "127.0.0.1", between.port
    with pytest.raises(NotLetIn, match="another certificate than before"):
        cara.wait(0)
    assert not between.overheard
    between.close()


@pytest.mark.usefixtures("nobody_waits")
def test_two_requests_at_once_each_get_their_own_words_and_token(studio: Studio) -> None:
    dana, emil = studio.asks("Dana"), studio.asks("Emil")
    said = {"Dana": dana.begin(), "Emil": emil.begin()}
    with studio.admin() as admin:
        assert {one.name: one.words for one in admin.pairings.list()} == said
        assert len(set(said.values())) == 2
        admin.pairings.accept(said["Emil"])
        assert dana.wait(0) == "", "another's words let nobody in"
        admin.pairings.accept(said["Dana"])
    found = {token_of(one): studio.people.bearer(token_of(one)).person.name for one in (dana, emil)}
    assert sorted(found.values()) == ["Dana", "Emil"]
    dana._nonce = emil._nonce
    with pytest.raises(NotLetIn, match="not the one that the request is bound to"):
        dana.wait(0)


@pytest.mark.usefixtures("nobody_waits")
def test_a_wrong_word_lets_nobody_in(studio: Studio) -> None:
    fay = studio.asks("Fay")
    words = fay.begin()
    other = words[:-1] + ("b" if words[-1] != "b" else "d")
    with studio.admin() as admin:
        for wrong in (other, "", words[:5], "lusab-babad"):
            with pytest.raises(NotFound):
                admin.pairings.accept(wrong)
        assert [one.words for one in admin.pairings.list()] == [words]
    assert fay.wait(0) == ""


@pytest.mark.usefixtures("nobody_waits")
def test_one_more_machine_is_a_token_beside_the_first_and_is_asked_for_by_name(studio: Studio) -> None:
    _, first = studio.people.add("Gil", Role.ARTIST, [], None)
    machine = studio.asks("gil")
    words = machine.begin()
    with studio.admin() as admin:
        with pytest.raises(InvalidInput, match="--known gives them one more machine"):
            admin.pairings.accept(words)
        admin.pairings.accept(words, known=True)
    second = token_of(machine)
    assert {studio.people.bearer(token).person.name for token in (first, second)} == {"Gil"}


@pytest.mark.usefixtures("nobody_waits")
def test_an_admin_lets_in_artists_and_nobody_whose_work_they_could_then_see(studio: Studio) -> None:
    _, ada = studio.people.add("Ada", Role.ADMIN, [], None)
    _, art = studio.people.add("Art", Role.ARTIST, [], None)
    hal = studio.asks("Hal")
    words = hal.begin()
    with studio.admin(art) as artist:
        for forbidden in (artist.pairings.list, lambda: artist.pairings.accept(words)):
            with pytest.raises(Forbidden, match="for admins only"):
                forbidden()
    with studio.admin(ada) as admin:
        for more in ({"role": Role.LEAD}, {"role": Role.ADMIN}, {"name": "Art", "known": True}):
            with pytest.raises(Forbidden, match="the server's own token"):
                admin.pairings.accept(words, **more)
        admin.pairings.accept(words)
    assert studio.people.bearer(token_of(hal)).person.role is Role.ARTIST


@pytest.mark.usefixtures("nobody_waits")
def test_one_address_fills_no_list(studio: Studio) -> None:
    for number in range(4):
        studio.asks(f"nobody {number}").begin()
    with pytest.raises(NotLetIn, match="too many machines wait"):
        studio.asks("nobody 4").begin()


@pytest.mark.parametrize("kind", [GrpcDoor, ConnectBinary, ConnectJson], ids=lambda kind: kind.name)
def test_nothing_else_is_open_without_a_token_and_at_the_grpc_port_nothing_at_all(studio: Studio, kind: Any) -> None:
    door = studio.server.door(kind, host="localhost", ca=studio.tls.certificate.read_bytes())
    for name, request in (
        ("GetServerInfo", inlay_pb2.GetServerInfoRequest()),
        ("ListPairings", pairing_pb2.ListPairingsRequest()),
        ("DecidePairing", pairing_pb2.DecidePairingRequest(words="lusab-babad", accept=True)),
    ):
        with pytest.raises(Refused, match="UNAUTHENTICATED"):
            call(door, name, request)
    with pytest.raises(Refused, match="UNAUTHENTICATED" if kind is GrpcDoor else "INVALID_ARGUMENT"):
        call(door, "RequestPairing", pairing_pb2.RequestPairingRequest(name="Jo", machine="pc", commitment=b"short"))
    door.close()


def test_a_server_that_was_not_told_to_lets_no_stranger_ask(tmp_path: Path) -> None:
    with running(tmp_path) as studio:
        with pytest.raises(NotLetIn) as refused:
            studio.asks("Kim").begin()
        assert refused.value.code == "unauthenticated"
        assert studio.server.http_port not in [one.http_port for one in nearby.find(0.7)]


def test_a_stranger_says_it_in_few_bytes(studio: Studio) -> None:
    context = ssl.create_default_context(cafile=str(studio.tls.certificate))
    for headers in ({}, {"Transfer-Encoding": "chunked"}):
        connection = http.client.HTTPSConnection("localhost", studio.server.http_port, context=context, timeout=60)
        body = iter([b"x" * 5000]) if headers else b"x" * 5000
        kind = {"Content-Type": "application/proto", **headers}
        path = "/inlay.v1.InlayService/RequestPairing"
        connection.request("POST", path, body, kind, encode_chunked=bool(headers))
        assert connection.getresponse().status == 413
        connection.close()


def test_a_server_that_announces_itself_is_found_with_its_certificate_and_never_a_token(studio: Studio) -> None:
    (one,) = until(lambda: [one for one in nearby.find() if one.http_port == studio.server.http_port])
    der = ssl.PEM_cert_to_DER_cert(studio.tls.certificate.read_text())
    assert one.fingerprint == hashlib.sha256(der).hexdigest()
    assert (one.host, one.grpc_port, one.name) == ("127.0.0.1", studio.server.grpc_port, socket.gethostname())
    assert one.version == json.loads((studio.server.data_dir / "server.json").read_text())["version"]
    assert TOKEN not in repr(one)


@pytest.mark.parametrize("option", ["announces", "pairs"])
def test_without_tls_or_a_token_no_stranger_hears_of_a_server_or_is_heard(tmp_path: Path, option: str) -> None:
    import asyncio

    from inlay.rpc.server import ServerConfig, serve

    tls = own_certificate(tmp_path)
    for given in ({"token": TOKEN}, {"tls": tls}):
        config = ServerConfig(tmp_path / "data", grpc_port=0, http_port=0, **{option: True}, **given)
        with pytest.raises(InvalidInput, match="a token" if "tls" in given else "a TLS certificate"):
            asyncio.run(serve(config, lambda _: pytest.fail("it serves")))


def test_without_zeroconf_the_server_says_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import asyncio
    import sys

    from inlay.rpc.server import ServerConfig, serve

    monkeypatch.setitem(sys.modules, "zeroconf", None)
    config = ServerConfig(
        tmp_path / "data", grpc_port=0, http_port=0, tls=own_certificate(tmp_path), token=TOKEN, announces=True
    )
    with pytest.raises(Unavailable, match=re.escape("pip install '.[announce]'")):
        asyncio.run(serve(config, lambda _: pytest.fail("it serves")))
