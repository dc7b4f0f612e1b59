"""Connect's unary calls in binary protobuf, on worker threads over sockets of their own.

https://connectrpc.com/docs/protocol. No compression: gzip makes images travel slower than a LAN carries them. Qt's network
stack would move the bytes in the loop that draws the window: where drawing is slow, a megabyte takes seconds there.
"""

import base64
import contextlib
import http.client
import json
import socket
import ssl
import urllib.parse
from typing import NamedTuple

from . import local
from .messages import call_of, inlay_pb2
from .tasks import in_thread
from .trouble import Trouble, http_trouble, network_trouble

TIMEOUT_S = 30.0
"""The longest silence."""


class Address(NamedTuple):
    """Where a server is, how it is to be trusted, and which language it is to speak."""

    url: str
    """Such as http://127.0.0.1:50052."""
    token: str = ""
    """Sent as a bearer token; empty for a server of this user on this machine, whose data folder holds it."""
    certificate: str = ""
    """Path of a PEM file whose certificates are trusted, and no others; empty: those that the system trusts."""
    locale: str = ""
    """As a BCP 47 tag; empty: English."""


class Line:
    """Calls to one server, awaited; each has a connection of its own, so that none holds up another."""

    def __init__(self, address: Address):
        self.address = address
        self._idle: list[Wire] = []

    async def call(self, request, timeout_s: float = TIMEOUT_S):
        """The answer to a request. Raises Trouble. timeout_s: the longest silence, not the longest transfer."""
        wire = self._idle.pop() if self._idle else Wire(self.address)
        try:
            answer = await in_thread(lambda: wire.call(request, timeout_s))
        except BaseException:
            wire.close()
            raise
        self._idle.append(wire)
        return answer


class Wire:
    """One connection to a server, made when it is needed. `close` may be called from any thread and ends what runs."""

    def __init__(self, address: Address):
        self._address = address
        self._connection: http.client.HTTPConnection | None = None
        self._is_closed = False

    def call(self, request, timeout_s: float = TIMEOUT_S):
        """One message there, one back; blocks. Raises Trouble."""
        if "locale" in request.DESCRIPTOR.fields_by_name:
            request.locale = self._address.locale
        (method, response_type), body = call_of(request), request.SerializeToString()
        try:
            try:
                was_used = self._connection is not None
                status, kind, answer = self._post(method, body, timeout_s)
            except (ConnectionError, http.client.BadStatusLine):
                if not was_used or self._is_closed:
                    raise
                self.hang_up()  # The server closed it while it was idle.
                status, kind, answer = self._post(method, body, timeout_s)
        except (OSError, http.client.HTTPException, ValueError) as error:
            self.hang_up()
            if self._is_closed:
                raise Trouble("cancelled", "The transfer was stopped.") from error
            raise network_trouble(error, self._address.url) from error
        if status == 200 and kind.startswith("application/proto"):
            return response_type.FromString(answer)
        try:
            raise connect_trouble(json.loads(answer))
        except (ValueError, KeyError, TypeError, AttributeError):
            raise http_trouble(status, self._address.url) from None

    def close(self) -> None:
        """Ends it, and the call that runs."""
        self._is_closed = True
        connection = self._connection
        if connection and connection.sock:
            with contextlib.suppress(OSError):  # It was gone already.
                connection.sock.shutdown(socket.SHUT_RDWR)

    def hang_up(self) -> None:
        """Forgets the connection; the next call makes another."""
        connection, self._connection = self._connection, None
        if connection:
            connection.close()

    def _post(self, method: str, body: bytes, timeout_s: float) -> "tuple[int, str, bytes]":
        headers = {"Content-Type": "application/proto", "Connect-Protocol-Version": "1", "Accept-Encoding": "identity"}
        token = self._address.token or local.token_for(self._address.url)
        if token:
            headers["Authorization"] = f"Bearer {token}"
        if self._address.locale:
            headers["Accept-Language"] = self._address.locale
        if self._connection is None:
            self._connection = self._connected()
            self._connection.timeout = timeout_s
            self._connection.connect()
        if self._is_closed:
            raise ConnectionAbortedError
        self._connection.sock.settimeout(timeout_s)
        path = urllib.parse.urlsplit(self._address.url).path.rstrip("/")
        self._connection.request("POST", f"{path}/{method}", body, headers)
        response = self._connection.getresponse()
        return response.status, response.getheader("Content-Type") or "", response.read()

    def _connected(self) -> http.client.HTTPConnection:
        parts = urllib.parse.urlsplit(self._address.url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise ValueError("no address")
        if parts.scheme == "http":
            return http.client.HTTPConnection(parts.hostname, parts.port or 80)
        context = ssl.create_default_context(cafile=self._address.certificate or None)
        if self._address.certificate:
            context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN  # a server's own one may be signed by somebody
        return http.client.HTTPSConnection(parts.hostname, parts.port or 443, context=context)


def connect_trouble(error: dict) -> Trouble:
    """A Connect error object: code, message and, in its details, the contract's ErrorFacts."""
    facts = inlay_pb2.ErrorFacts()
    for detail in error.get("details", ()):
        if detail.get("type", "").endswith("ErrorFacts"):
            value = detail["value"]
            facts = inlay_pb2.ErrorFacts.FromString(base64.b64decode(value + "=" * (-len(value) % 4)))
    cure = "Enter the server's token in the settings." if error["code"] == "unauthenticated" else ""
    offset = facts.expected_offset if facts.HasField("expected_offset") else None
    return Trouble(error["code"], error.get("message", error["code"]), cure, expected_offset=offset)
