"""Connect's unary calls over Qt's network stack, in binary protobuf.

https://connectrpc.com/docs/protocol. No compression: gzip makes images travel slower than a LAN carries them.
"""

import base64
import json
from typing import NamedTuple

from ..qt import QtCore, QtNetwork, to_bytes
from . import local
from .messages import inlay_pb2
from .tasks import Promise
from .trouble import Trouble, http_trouble, network_trouble

_Request = QtNetwork.QNetworkRequest
_NO_ERROR = QtNetwork.QNetworkReply.NetworkError.NoError
DEFAULT_TIMEOUT_S = 30.0


class Address(NamedTuple):
    """Where a server is, and how it is to be trusted."""

    url: str
    """Such as http://127.0.0.1:50052."""
    token: str = ""
    """Sent as a bearer token; empty for a server of this user on this machine, whose data folder holds it."""
    certificate: str = ""
    """Path of a PEM file whose certificates are trusted besides the system's; empty for none."""


class Line:
    """Calls to one server."""

    def __init__(self, address: Address):
        self.address = address
        self._network = QtNetwork.QNetworkAccessManager()
        if local.is_loopback(address.url):
            self._network.setProxy(QtNetwork.QNetworkProxy(QtNetwork.QNetworkProxy.ProxyType.NoProxy))

    def beside(self) -> "Line":
        """Another to the same server, for calls that wait: Qt has six connections to a host, and they would hold up the rest."""
        return Line(self.address)

    def _request(self, method: str, timeout_s: float) -> QtNetwork.QNetworkRequest:
        url = QtCore.QUrl(f"{self.address.url.rstrip('/')}/inlay.v1.InlayService/{method}")
        request = _Request(url)
        request.setHeader(_Request.KnownHeaders.ContentTypeHeader, "application/proto")
        request.setRawHeader(b"Connect-Protocol-Version", b"1")
        request.setRawHeader(b"Accept-Encoding", b"identity")
        token = self.address.token or local.token_for(self.address.url)
        if token:
            request.setRawHeader(b"Authorization", b"Bearer " + token.encode())
        request.setTransferTimeout(int(timeout_s * 1000))
        if url.scheme() == "https" and self.address.certificate:
            request.setSslConfiguration(self._tls())
        return request

    def _tls(self) -> QtNetwork.QSslConfiguration:
        tls = QtNetwork.QSslConfiguration.defaultConfiguration()
        tls.setCaCertificates(tls.caCertificates() + list(QtNetwork.QSslCertificate.fromPath(self.address.certificate)))
        return tls

    async def call(self, method: str, request, response_type, timeout_s: float = DEFAULT_TIMEOUT_S):
        """One message there, one back. Raises Trouble. timeout_s: the longest silence, not the longest transfer."""
        http = self._request(method, timeout_s)
        reply = self._network.post(http, request.SerializeToString())
        finished = Promise()
        reply.finished.connect(finished.resolve)
        try:
            await finished
        finally:
            if not finished.settled:
                reply.abort()
            reply.deleteLater()
        body = to_bytes(reply.readAll())
        status = reply.attribute(_Request.Attribute.HttpStatusCodeAttribute)
        kind = to_bytes(reply.rawHeader(b"Content-Type"))
        if status == 200 and reply.error() == _NO_ERROR and kind.startswith(b"application/proto"):
            return response_type.FromString(body)
        raise self._trouble(reply, status, body)

    def _trouble(self, reply, status, body: bytes) -> Trouble:
        if status is None:
            return network_trouble(reply.error(), reply.errorString(), self.address.url)
        try:
            return connect_trouble(json.loads(body))
        except (ValueError, KeyError, TypeError, AttributeError):
            return http_trouble(status, self.address.url)


def connect_trouble(error: dict) -> Trouble:
    """A Connect error object: code, message and, in its details, the contract's ErrorFacts."""
    facts = inlay_pb2.ErrorFacts()
    for detail in error.get("details", ()):
        if detail.get("type", "").endswith("ErrorFacts"):
            value = detail["value"]
            facts = inlay_pb2.ErrorFacts.FromString(base64.b64decode(value + "=" * (-len(value) % 4)))
    cure = "Enter the server's token in the settings." if error["code"] == "unauthenticated" else ""
    return Trouble(
        error["code"],
        error.get("message", error["code"]),
        cure,
        field=facts.field,
        expected_offset=facts.expected_offset if facts.HasField("expected_offset") else None,
    )
