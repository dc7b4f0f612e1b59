"""The line to a server: a grpcio channel, calls by name, and errors that say in Inlay's own terms what happened."""

import ssl
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import grpc
from google.rpc.status_pb2 import Status

from inlay.config import is_loopback, join_address, split_address
from inlay.errors import Cancelled, InlayError, InvalidInput, Unauthenticated, Unavailable
from inlay.v1 import inlay_pb2
from inlay.wire.contract import ALL_METHODS
from inlay.wire.faults import error_from

OPTIONS = (
    ("grpc.max_receive_message_length", -1),
    ("grpc.max_send_message_length", -1),
    ("grpc.enable_http_proxy", 0),  # a proxy for the web does not know the way to the machine next door
    ("grpc.initial_reconnect_backoff_ms", 100),
    ("grpc.max_reconnect_backoff_ms", 2_000),  # a server that restarts is back within seconds; the default is 2 minutes
    ("grpc.keepalive_time_ms", 20_000),  # a line that fell silent is asked after 20 s
    ("grpc.http2.ping_timeout_ms", 10_000),  # and given up after 10 s more; grpc.keepalive_timeout_ms does nothing here
    ("grpc.http2.max_pings_without_data", 0),  # however long a job waits in silence
)

_DETAILS = "grpc-status-details-bin"

_DROPS = (
    grpc.StatusCode.UNAVAILABLE,
    grpc.StatusCode.CANCELLED,
    grpc.StatusCode.INTERNAL,
    grpc.StatusCode.UNKNOWN,
    grpc.StatusCode.DEADLINE_EXCEEDED,
)
"""What a call ends with when its connection does, if no Inlay server gave the reason."""


class LineDropped(Unavailable):
    """The connection broke, or there was none; the same call may succeed a moment later."""


class Line:
    """A connection to the gRPC door at `address` (HOST or HOST:PORT).

    ca: the PEM certificate that the server shows, or that signed it, as bytes or a file. Without one, what is on this machine
    is spoken to in plain text, and everything else over TLS with the authorities that the system trusts: neither the token
    nor a pixel goes over a network in clear.
    """

    def __init__(self, address: str, token: str = "", ca: bytes | Path | None = None) -> None:
        self.address = join_address(*split_address(address))
        self._metadata = (("authorization", f"Bearer {token}"),) if token else ()
        if ca is None and is_loopback(split_address(address)[0]):
            self._channel = grpc.insecure_channel(self.address, OPTIONS)
        else:
            roots = ca.read_bytes() if isinstance(ca, Path) else ca or system_roots()
            self._channel = grpc.secure_channel(self.address, grpc.ssl_channel_credentials(roots), OPTIONS)
        self.met = False
        """Whether a server ever answered here."""
        self._calls: dict[str, Any] = {}
        for method in ALL_METHODS:
            kind = self._channel.unary_stream if method.streams else self._channel.unary_unary
            serialize, parse = method.request.SerializeToString, method.response.FromString
            self._calls[method.name] = kind(method.path, serialize, parse)

    def close(self) -> None:
        self._channel.close()

    def call(self, name: str, request: Any, timeout_s: float) -> Any:
        """The answer to a unary call. Raises what the server raised, LineDropped, Unavailable."""
        try:
            answer = self._calls[name](request, timeout=timeout_s, metadata=self._metadata)
        except grpc.RpcError as error:
            raise self._error(error) from None
        self.met = True
        return answer

    def stream(self, name: str, request: Any) -> Iterator[Any]:
        """The messages of a streamed answer; closing the generator ends the call. Raises as `call` does."""
        call = self._calls[name](request, metadata=self._metadata)
        try:
            for message in call:
                self.met = True
                yield message
        except grpc.RpcError as error:
            raise self._error(error) from None
        finally:
            call.cancel()

    def _error(self, error: Any) -> InlayError:
        code: grpc.StatusCode = error.code()
        details = str(error.details() or "")
        facts = _facts(error)
        if facts is not None:
            self.met = True
            told = error_from(details, facts)
            return (
                LineDropped(details) if isinstance(told, Unavailable) else told
            )  # the server stops; the next one goes on
        if code is grpc.StatusCode.UNAVAILABLE and ("SSL" in details or "certificate" in details.lower()):
            return Unavailable(
                f"{self.address} and this client do not agree on TLS ({details}); "
                "give the server's certificate; on this machine, none if it uses no TLS"
            )
        if code is grpc.StatusCode.CANCELLED and "Channel closed" in details:
            return Cancelled("the client was closed")
        if code in _DROPS:
            return LineDropped(
                f"{self.address} cannot be reached or went away ({code.name}: {details}); "
                "start it with `inlay serve` there, or check name, port and network with `inlay doctor`"
            )
        if code is grpc.StatusCode.UNAUTHENTICATED:
            return Unauthenticated(details, field="authorization")
        if code is grpc.StatusCode.RESOURCE_EXHAUSTED:
            return InvalidInput("request", "too large", details)
        return Unavailable(
            f"{self.address} answers, but not as an Inlay server of this version ({code.name}: {details})"
        )


def system_roots() -> bytes | None:
    """The certificates that this system trusts, PEM; None, which leaves gRPC its own list, where none can be found.

    gRPC brings its list along and does not know what a studio has added to the system's.
    """
    places = ssl.get_default_verify_paths()
    files = [Path(places.cafile)] if places.cafile else []
    if not files and places.capath:
        files = [path for path in Path(places.capath).iterdir() if path.suffix in (".pem", ".crt")]
    found = b"".join(path.read_bytes() + b"\n" for path in files if path.is_file())
    if not found:  # Windows keeps them in a store
        loaded = ssl.create_default_context().get_ca_certs(binary_form=True)
        found = "".join(ssl.DER_cert_to_PEM_cert(der) for der in loaded).encode()
    return found or None


def _facts(error: Any) -> inlay_pb2.ErrorFacts | None:
    for key, value in error.trailing_metadata() or ():
        if key == _DETAILS:
            facts = inlay_pb2.ErrorFacts()
            if any(detail.Unpack(facts) for detail in Status.FromString(value).details):
                return facts
    return None
