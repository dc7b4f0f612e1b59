"""The Connect protocol over Qt's network stack: unary calls and server streams, binary protobuf.

https://connectrpc.com/docs/protocol. No compression: gzip makes images travel slower than a LAN carries them.
"""

import base64
import json
import struct
from typing import NamedTuple

from ..qt import QtCore, QtNetwork, to_bytes
from . import local
from .messages import inlay_pb2
from .tasks import Promise, Stream
from .trouble import Trouble, http_trouble, network_trouble

_Request = QtNetwork.QNetworkRequest
_NO_ERROR = QtNetwork.QNetworkReply.NetworkError.NoError
_ENVELOPE = struct.Struct(">BI")
_END_OF_STREAM = 0x02
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
    """Calls to one server. Streams use connections of their own, so that they never hold up a unary call."""

    def __init__(self, address: Address):
        self.address = address
        self._network = self._new_network()

    def _new_network(self) -> QtNetwork.QNetworkAccessManager:
        network = QtNetwork.QNetworkAccessManager()
        if local.is_loopback(self.address.url):
            network.setProxy(QtNetwork.QNetworkProxy(QtNetwork.QNetworkProxy.ProxyType.NoProxy))
        return network

    def _request(self, method: str, content_type: str, timeout_s: float) -> QtNetwork.QNetworkRequest:
        url = QtCore.QUrl(f"{self.address.url.rstrip('/')}/inlay.v1.InlayService/{method}")
        request = _Request(url)
        request.setHeader(_Request.KnownHeaders.ContentTypeHeader, content_type)
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
        http = self._request(method, "application/proto", timeout_s)
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
        if status == 200 and reply.error() == _NO_ERROR:
            return response_type.FromString(body)
        raise self._trouble(reply, status, body)

    def stream(self, method: str, request, response_type, silence_s: float = DEFAULT_TIMEOUT_S) -> "MessageStream":
        """One message there, many back. silence_s: the longest pause between two of them."""
        http = self._request(method, "application/connect+proto", silence_s)
        payload = request.SerializeToString()
        network = self._new_network()
        reply = network.post(http, _ENVELOPE.pack(0, len(payload)) + payload)
        return MessageStream(self, network, reply, response_type)

    def _trouble(self, reply, status, body: bytes) -> Trouble:
        if status is None:
            return network_trouble(reply.error(), reply.errorString(), self.address.url)
        try:
            return connect_trouble(json.loads(body))
        except (ValueError, KeyError, TypeError, AttributeError):
            return http_trouble(status, self.address.url)


class MessageStream:
    """The messages of one server stream. `await next()` gives None after the last one and raises Trouble."""

    def __init__(self, line: Line, network, reply, response_type):
        self._line = line
        self._network = network
        self._reply = reply
        self._type = response_type
        self._buffer = bytearray()
        self._messages = Stream()
        self._ended = False
        reply.readyRead.connect(self._read)
        reply.finished.connect(self._finish)

    def next(self) -> Promise:
        return self._messages.next()

    def close(self) -> None:
        """Hangs up; safe to call at any time."""
        if self._reply is None:
            return
        reply, self._reply = self._reply, None
        reply.readyRead.disconnect(self._read)
        reply.finished.disconnect(self._finish)
        reply.abort()
        reply.deleteLater()
        self._network.deleteLater()
        self._messages.end()

    def _read(self) -> None:
        status = self._reply.attribute(_Request.Attribute.HttpStatusCodeAttribute)
        if status != 200:
            return
        self._buffer += to_bytes(self._reply.readAll())
        while len(self._buffer) >= _ENVELOPE.size:
            flags, length = _ENVELOPE.unpack_from(self._buffer)
            end = _ENVELOPE.size + length
            if len(self._buffer) < end:
                return
            payload = bytes(self._buffer[_ENVELOPE.size : end])
            del self._buffer[:end]
            if flags & _END_OF_STREAM:
                self._end(payload)
            else:
                self._messages.put(self._type.FromString(payload))

    def _end(self, payload: bytes) -> None:
        self._ended = True
        error = json.loads(payload or b"{}").get("error")
        self._messages.end(connect_trouble(error) if error else None)

    def _finish(self) -> None:
        self._read()
        if self._ended:
            return
        status = self._reply.attribute(_Request.Attribute.HttpStatusCodeAttribute)
        if status == 200 and self._reply.error() == _NO_ERROR:
            error = Trouble("unavailable", f"{self._line.address.url} hung up in the middle of an answer.")
        else:
            body = b"" if status == 200 else to_bytes(self._reply.readAll())
            error = self._line._trouble(self._reply, None if status == 200 else status, body)
        self._messages.end(error)


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
