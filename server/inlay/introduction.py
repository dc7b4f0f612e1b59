"""A machine without a token asks a server for one, over the HTTP door: the asking side of `inlay.pairing`.

The certificate cannot be checked before the words were compared, so it is not; it is pinned with the first connection: every
later one that shows another is dropped before anything is said. What is said before is no secret of anybody's.
"""

from __future__ import annotations  # the plugin's Python may be older

import hashlib
import http.client
import json
import secrets
import ssl
from typing import Any

from inlay.pairing import NONCE_BYTES, commitment, words_of
from inlay.v1 import pairing_pb2

TIMEOUT_S = 10.0
WAIT_MS = 20_000
"""So long one question waits at the server."""


class NotLetIn(Exception):
    """The server says no, or is none. code: Connect's, such as permission_denied; `unavailable` where nobody answered."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


class Introduction:
    """One request of a machine to the server whose HTTP door is at host:port.

    name: who is to come in. machine: what it is called, for people. locale: in which language a refusal is told.
    Methods block, and raise NotLetIn.
    """

    def __init__(self, host: str, port: int, name: str, machine: str, locale: str = "") -> None:
        self._address = host, port
        self._facts = name, machine
        self._locale = locale
        self._nonce = secrets.token_bytes(NONCE_BYTES)
        self._pairing_id = ""
        self.certificate = b""
        """DER, as the first connection showed it."""

    def begin(self) -> str:
        """Ask, and return the words that this side shows."""
        name, machine = self._facts
        request = pairing_pb2.RequestPairingRequest(name=name, machine=machine, commitment=commitment(self._nonce))
        answer = pairing_pb2.RequestPairingResponse()
        self._call("RequestPairing", request, answer)
        self._pairing_id = answer.pairing_id
        self._await(0)
        return words_of(hashlib.sha256(self.certificate).digest(), name, machine, self._nonce, answer.nonce)

    def wait(self, wait_ms: int = WAIT_MS) -> str:
        """The token, once the studio has let the machine in; empty: nothing is decided yet."""
        return self._await(wait_ms)

    @property
    def pem(self) -> str:
        """The certificate to trust from now on."""
        return ssl.DER_cert_to_PEM_cert(self.certificate)

    def _await(self, wait_ms: int) -> str:
        request = pairing_pb2.AwaitPairingRequest(pairing_id=self._pairing_id, nonce=self._nonce, wait_ms=wait_ms)
        answer = pairing_pb2.AwaitPairingResponse()
        self._call("AwaitPairing", request, answer)
        return answer.token

    def _call(self, method: str, request: Any, answer: Any) -> None:
        """One Connect call on a connection of its own (https://connectrpc.com/docs/protocol)."""
        headers = {"Content-Type": "application/proto", "Connect-Protocol-Version": "1"}
        if self._locale:
            headers["Accept-Language"] = self._locale
        connection = self._connected()
        try:
            connection.request("POST", f"/inlay.v1.InlayService/{method}", request.SerializeToString(), headers)
            response = connection.getresponse()
            body, kind = response.read(), response.getheader("Content-Type") or ""
            if response.status == 200 and kind.startswith("application/proto"):
                answer.ParseFromString(body)
                return
            raise _refusal(response.status, body)
        except (OSError, http.client.HTTPException) as error:
            raise NotLetIn("unavailable", f"{self._said} does not answer ({error})") from error
        finally:
            connection.close()

    def _connected(self) -> http.client.HTTPSConnection:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
        connection = http.client.HTTPSConnection(*self._address, timeout=TIMEOUT_S + WAIT_MS / 1000, context=context)
        try:
            connection.connect()
        except OSError as error:
            raise NotLetIn("unavailable", f"nobody speaks TLS at {self._said} ({error})") from error
        shown = connection.sock.getpeercert(binary_form=True) or b""
        if self.certificate and shown != self.certificate:
            connection.close()
            raise NotLetIn("unavailable", f"{self._said} shows another certificate than before; ask anew")
        self.certificate = shown
        return connection

    @property
    def _said(self) -> str:
        host, port = self._address
        return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def _refusal(status: int, body: bytes) -> NotLetIn:
    try:
        error = json.loads(body)
        return NotLetIn(str(error["code"]), str(error.get("message", "")) or str(error["code"]))
    except (ValueError, KeyError, TypeError, AttributeError):
        return NotLetIn("unavailable", f"an Inlay server does not answer so (HTTP {status})")
