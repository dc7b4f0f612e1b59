"""The Connect protocol on a worker thread, over a socket of its own: for bytes in bulk.

Qt's network stack moves them in the loop that draws the window. Where drawing is slow, as on a software canvas, a megabyte
takes seconds there.
"""

import contextlib
import http.client
import json
import socket
import ssl
import urllib.parse

from .connect import Address, connect_trouble
from .trouble import Trouble, http_trouble

TIMEOUT_S = 30.0
"""The longest silence."""


class Wire:
    """One connection to a server, made when it is needed. `close` may be called from any thread and ends what runs."""

    def __init__(self, address: Address):
        self._address = address
        self._connection: http.client.HTTPConnection | None = None
        self.is_closed = False

    def call(self, method: str, request, response_type):
        """One message there, one back. Raises Trouble."""
        return response_type.FromString(self._post(method, request.SerializeToString()))

    def close(self) -> None:
        self.is_closed = True
        connection = self._connection
        if connection and connection.sock:
            with contextlib.suppress(OSError):  # It was gone already.
                connection.sock.shutdown(socket.SHUT_RDWR)

    def _post(self, method: str, body: bytes) -> bytes:
        headers = {"Content-Type": "application/proto", "Connect-Protocol-Version": "1", "Accept-Encoding": "identity"}
        if self._address.token:
            headers["Authorization"] = f"Bearer {self._address.token}"
        path = urllib.parse.urlsplit(self._address.url).path.rstrip("/")
        with self._telling():
            self._connection = self._connection or self._connected()
            self._connection.request("POST", f"{path}/inlay.v1.InlayService/{method}", body, headers)
            response = self._connection.getresponse()
            answer = response.read()
        if response.status == 200 and (response.getheader("Content-Type") or "").startswith("application/proto"):
            return answer
        try:
            raise connect_trouble(json.loads(answer))
        except (ValueError, KeyError, TypeError, AttributeError):
            raise http_trouble(response.status, self._address.url) from None

    def _connected(self) -> http.client.HTTPConnection:
        parts = urllib.parse.urlsplit(self._address.url)
        if parts.scheme != "https":
            return http.client.HTTPConnection(parts.hostname, parts.port or 80, timeout=TIMEOUT_S)
        context = ssl.create_default_context()
        if self._address.certificate:
            context.load_verify_locations(self._address.certificate)
        return http.client.HTTPSConnection(parts.hostname, parts.port or 443, timeout=TIMEOUT_S, context=context)

    def _telling(self) -> "_Telling":
        return _Telling(self)

    def hang_up(self) -> None:
        """Forgets the connection; the next call makes another."""
        connection, self._connection = self._connection, None
        if connection:
            connection.close()


class _Telling:
    """Turns what sockets raise into Trouble, and hangs up then."""

    def __init__(self, wire: Wire):
        self._wire = wire

    def __enter__(self):
        if self._wire.is_closed:
            raise Trouble("cancelled", "The transfer was stopped.")

    def __exit__(self, _kind, error, _traceback):
        if not isinstance(error, (OSError, http.client.HTTPException)):
            return
        self._wire.hang_up()
        url = self._wire._address.url
        if self._wire.is_closed:
            raise Trouble("cancelled", "The transfer was stopped.") from error
        if isinstance(error, ssl.SSLCertVerificationError):
            cure = "Choose the server's certificate.pem in the settings."
            raise Trouble(
                "unavailable", f"The certificate of {url} is not trusted: {error.verify_message}", cure
            ) from error
        if isinstance(error, ConnectionRefusedError):
            raise Trouble("unavailable", f"Nobody answers at {url}.", "Start the server with “inlay serve”.") from error
        if isinstance(error, TimeoutError):
            cure = "Check that the machine is on and reachable."
            raise Trouble("deadline_exceeded", f"{url} does not answer in time.", cure) from error
        raise Trouble(
            "unavailable", f"{url} hung up in the middle of a transfer: {error or type(error).__name__}."
        ) from error
