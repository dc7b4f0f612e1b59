"""Why there is no connection: each step on the way to a server, in order, with what was found and what to do about it."""

import http.client
import json
import socket
import ssl
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from inlay import config, krita_python
from inlay.client.answers import ServerInfo
from inlay.client.client import Client
from inlay.errors import InlayError, InvalidInput, Unauthenticated
from inlay.krita_install import PLUGIN, krita_folders
from inlay.wire.contract import PROTOCOL, SERVICE

TIMEOUT_S = 5.0
PROBES = 4
PROBE_INTERVAL_MS = 100
PROBED_S = (PROBES - 1) * PROBE_INTERVAL_MS / 1000
"""Seconds that lie between the first and the last small event where nothing on the way holds them back."""

_EXPIRED, _OTHER_NAME, _OTHER_ADDRESS = 10, 62, 64
"""Verification results of OpenSSL (x509_vfy.h)."""

_FETCH_CERTIFICATE = (
    "copy certificate.pem from the server's data folder to this machine and name it: --ca certificate.pem"
)


@dataclass(frozen=True)
class Patient:
    """The connection to examine."""

    host: str
    grpc_port: int
    http_port: int
    token: str = ""
    ca: Path | None = None
    running_here: str = ""
    """HOST:PORT of the server that runs on this machine, if one does."""

    @property
    def address(self) -> str:
        return config.join_address(self.host, self.grpc_port)

    @property
    def http_address(self) -> str:
        return config.join_address(self.host, self.http_port)

    @property
    def encrypted(self) -> bool:
        """Whether clients speak TLS on this connection."""
        return self.ca is not None or not config.is_loopback(self.host)

    def trust(self) -> ssl.SSLContext:
        """What certificates of the server are checked against. Raises OSError, SSLError where `ca` is none."""
        return ssl.create_default_context(cafile=str(self.ca) if self.ca else None)


@dataclass(frozen=True)
class Check:
    """One step: whether it went well, what was found, and where it did not, the cure."""

    step: str
    """name, grpc_port, tls, answer, token, version, stream; then of the HTTP door: http_port, http_tls, http_call; then, of
    this machine, krita.
    """
    ok: bool
    found: str
    cure: str = ""
    seconds: float = 0.0


class _Sick(Exception):
    """A step that failed."""

    def __init__(self, found: str, cure: str) -> None:
        super().__init__(found)
        self.found = found
        self.cure = cure


def examine(patient: Patient) -> Iterator[Check]:
    """Go the way a call goes, and yield each step. What depends on a failed step is left out; the doors are examined apart."""
    named = _take("name", lambda: _resolve(patient))
    yield named
    if named.ok:
        yield from _examine_grpc(patient)
        yield from _examine_http(patient)


def examine_krita() -> Iterator[Check]:
    """Whether this user's Krita can load the plugin that is installed in it; nothing where none is, or nobody can know."""
    if not (krita_folders().resources / "pykrita" / PLUGIN).exists():
        return
    start = time.perf_counter()
    if python := krita_python.of_this_user():
        yield Check("krita", not python.cure, python.found, python.cure, time.perf_counter() - start)


def _examine_grpc(patient: Patient) -> Iterator[Check]:
    for step, look in (
        ("grpc_port", lambda: _knock(patient, patient.grpc_port, "gRPC")),
        ("tls", lambda: _shake_hands(patient, patient.grpc_port)),
        ("answer", lambda: _greet(patient)),
        ("token", lambda: _introduce(patient)),
        ("version", lambda: _compare_versions(patient)),
        ("stream", lambda: _stream_grpc(patient)),
    ):
        check = _take(step, look)
        yield check
        if not check.ok:
            return


def _examine_http(patient: Patient) -> Iterator[Check]:
    for step, look in (
        ("http_port", lambda: _knock(patient, patient.http_port, "HTTP")),
        ("http_tls", lambda: _shake_hands(patient, patient.http_port)),
        ("http_call", lambda: _call_http(patient)),
    ):
        check = _take(step, look)
        yield check
        if not check.ok:
            return


def _take(step: str, look: Any) -> Check:
    start = time.perf_counter()
    try:
        found: str = look()
    except _Sick as sick:
        return Check(step, False, sick.found, sick.cure, time.perf_counter() - start)
    return Check(step, True, found, "", time.perf_counter() - start)


def _resolve(patient: Patient) -> str:
    try:
        entries = socket.getaddrinfo(patient.host, patient.grpc_port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise _Sick(
            f"{patient.host} is not known: {error}",
            "check the spelling, or use the server's address (such as 192.168.1.20)",
        ) from None
    return f"{patient.host} is {', '.join(dict.fromkeys(str(entry[4][0]) for entry in entries))}"


def _knock(patient: Patient, port: int, door: str) -> str:
    try:
        _connect(patient.host, port).close()
    except TimeoutError:
        raise _Sick(
            f"port {port} does not answer",
            f"a firewall on the way drops it, or the machine is off: open TCP {patient.grpc_port} and {patient.http_port} there",
        ) from None
    except OSError as error:
        raise _Sick(
            f"nothing listens on port {port} ({error.strerror or error})", _cure_of_silence(patient, port)
        ) from None
    return f"port {port} is open for {door}"


def _cure_of_silence(patient: Patient, port: int) -> str:
    if patient.running_here and patient.running_here != patient.address and config.is_loopback(patient.host):
        return f"the server on this machine is at {patient.running_here}: name that, or leave --server away"
    usual, option = (
        (config.HTTP_PORT, f"--http-port {config.HTTP_PORT}")
        if port == patient.http_port
        else (config.GRPC_PORT, f"--server {config.join_address(patient.host, config.GRPC_PORT)}")
    )
    if usual != port and _is_open(patient.host, usual):
        return f"port {usual} is open there: try {option}"
    if port == patient.http_port and _is_open(patient.host, patient.grpc_port):
        return "name the HTTP door's port with --http-port: `inlay serve` says it when it starts"
    if config.is_loopback(patient.host):
        return "start the server: inlay serve"
    return f"start the server there (inlay serve --host 0.0.0.0), or check the port; {config.GRPC_PORT} is what it takes by itself"


def _shake_hands(patient: Patient, port: int) -> str:
    """Clients speak TLS to every other machine, and where they were given a certificate to trust."""
    if not patient.encrypted:
        if _speaks_tls(patient.host, port):
            raise _Sick(f"port {port} speaks TLS, and no certificate to trust was named", _FETCH_CERTIFICATE)
        return "none on either side"
    try:
        context = patient.trust()
    except (OSError, ssl.SSLError):
        raise _Sick(f"{patient.ca} is no PEM certificate", _FETCH_CERTIFICATE) from None
    try:
        with _connect(patient.host, port) as plain, context.wrap_socket(plain, server_hostname=patient.host) as secure:
            return f"{secure.version()}, the certificate is trusted"
    except ssl.SSLCertVerificationError as error:
        cure = _cure_of_certificate(error, patient)
        raise _Sick(f"its certificate is not trusted: {error.verify_message}", cure) from None
    except (ssl.SSLError, OSError):
        cure = "start the server with TLS, or reach it through a tunnel that ends on this machine"
        if config.is_loopback(patient.host):
            cure = "leave --ca away, or start the server with TLS"
        raise _Sick(f"port {port} speaks without TLS", cure) from None


def _speaks_tls(host: str, port: int) -> bool:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE  # nothing is sent; this only looks whether there is TLS at all
    try:
        with _connect(host, port) as plain, context.wrap_socket(plain):
            return True
    except (ssl.SSLError, OSError):
        return False


def _cure_of_certificate(error: ssl.SSLCertVerificationError, patient: Patient) -> str:
    if error.verify_code in (_OTHER_NAME, _OTHER_ADDRESS):
        return f"use a name that is in the certificate instead of {patient.host}, or give the server one: inlay serve --cert --key"
    if error.verify_code == _EXPIRED:
        return "start the server again: it makes itself a new certificate; copy that one here"
    if patient.ca is None:
        return f"no authority that this system trusts signed it: {_FETCH_CERTIFICATE}"
    return f"{patient.ca} is not this server's: {_FETCH_CERTIFICATE}"


def _greet(patient: Patient) -> str:
    try:
        _info(patient)
    except Unauthenticated:
        return "an Inlay server"
    except InlayError as error:
        raise _Sick(error.message, _cure_of_stranger(patient)) from None
    return "an Inlay server"


def _introduce(patient: Patient) -> str:
    try:
        _info(patient)
    except Unauthenticated as error:
        raise _Sick(
            error.message, "give its token with --token-file: it lies in the file `token` in the server's data folder"
        ) from None
    return "accepted" if patient.token else "none is asked for"


def _info(patient: Patient) -> ServerInfo:
    with Client(patient.address, token=patient.token, ca=patient.ca) as client:
        return client.info()


def _cure_of_stranger(patient: Patient) -> str:
    if _is_http_door(patient):
        return (
            f"port {patient.grpc_port} is the HTTP door; commands use the gRPC door, "
            f"--server {config.join_address(patient.host, patient.grpc_port - 1)} unless it was moved"
        )
    return f"what listens on port {patient.grpc_port} is no Inlay server: check the port"


def _is_http_door(patient: Patient) -> bool:
    try:
        connection = _http(patient, patient.grpc_port)
        connection.request("GET", "/healthz")
        return connection.getresponse().status == http.client.OK
    except (OSError, http.client.HTTPException):
        return False


def _compare_versions(patient: Patient) -> str:
    info = _info(patient)
    if info.protocol != PROTOCOL:
        older = "the server" if info.protocol < PROTOCOL else "this installation"
        raise _Sick(f"the server speaks protocol {info.protocol}, this installation {PROTOCOL}", f"update {older}")
    return f"Inlay {info.version} on {info.name}, protocol {info.protocol}, devices: {', '.join(info.devices)}"


def _stream_grpc(patient: Patient) -> str:
    with Client(patient.address, token=patient.token, ca=patient.ca) as client:
        return _judge([time.perf_counter() for _ in client.probe_stream(PROBES, PROBE_INTERVAL_MS)])


def _judge(arrivals: list[float]) -> str:
    if len(arrivals) != PROBES:
        raise _Sick(
            f"{len(arrivals)} of {PROBES} small events arrived", "something on the way cuts streams: check proxies"
        )
    spread = arrivals[-1] - arrivals[0]
    if spread < PROBED_S / 2:
        raise _Sick(
            f"{PROBES} events spaced over {PROBED_S:.1f} s arrived within {spread:.3f} s",
            "something on the way (a proxy, a virus scanner) holds streams back: let it pass this port through untouched",
        )
    return f"{PROBES} events over {spread:.2f} s, as they were sent"


def _call_http(patient: Patient) -> str:
    response = _ask_http(patient)
    body = response.read()
    if response.status == http.client.UNAUTHORIZED:
        raise _Sick("the HTTP door refuses the token", "give the server's token with --token-file")
    try:
        return f"answers as Inlay {json.loads(body)['version']}"
    except (ValueError, KeyError, TypeError):
        raise _Sick(
            f"port {patient.http_port} answers {response.status}, but not as Inlay",
            "check --http-port, and proxies on the way",
        ) from None


def _ask_http(patient: Patient) -> http.client.HTTPResponse:
    """The answer to GetServerInfo, asked as the plugins ask, but in JSON (connectrpc.com/docs/protocol)."""
    headers = {"Content-Type": "application/json", "Connect-Protocol-Version": "1"}
    if patient.token:
        headers["Authorization"] = f"Bearer {patient.token}"
    try:
        connection = _http(patient, patient.http_port)
        connection.request("POST", f"/{SERVICE}/GetServerInfo", b"{}", headers)
        return connection.getresponse()
    except (OSError, http.client.HTTPException) as error:
        raise _Sick(
            f"port {patient.http_port} does not speak HTTP ({error})", "check --http-port: the gRPC door is another one"
        ) from None


def _http(patient: Patient, port: int) -> http.client.HTTPConnection:
    if not patient.encrypted:
        return http.client.HTTPConnection(patient.host, port, timeout=TIMEOUT_S)
    return http.client.HTTPSConnection(patient.host, port, timeout=TIMEOUT_S, context=patient.trust())


def _connect(host: str, port: int) -> socket.socket:
    return socket.create_connection((host, port), timeout=TIMEOUT_S)


def _is_open(host: str, port: int) -> bool:
    try:
        _connect(host, port).close()
    except OSError:
        return False
    return True


def patient_of(server: str, http_port: int | None, token: str, ca: Path | None, running_here: str = "") -> Patient:
    """The connection that options describe: without an HTTP port, the one after the gRPC door's. Raises InvalidInput."""
    host, port = config.split_address(server)
    if http_port is None and port == config.MAX_PORT:
        raise InvalidInput("server", server, "name the HTTP door with --http-port")
    return Patient(host, port, http_port or port + 1, token, ca, running_here)
