"""Four small clients of one service, written from the protocols' documents, so that no library hides a difference.

gRPC through grpcio; Connect (https://connectrpc.com/docs/protocol) binary and JSON, and gRPC-Web
(https://github.com/grpc/grpc/blob/master/doc/PROTOCOL-WEB.md) over sockets.
"""

import base64
import contextlib
import http.client
import json
import socket
import ssl
import struct
import urllib.parse
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import grpc
from google.protobuf import json_format
from google.rpc.status_pb2 import Status

from inlay.v1 import inlay_pb2
from inlay.wire.contract import ALL_METHODS

METHOD = {method.name: method for method in ALL_METHODS}
END_OF_CONNECT = 0b10
END_OF_GRPC_WEB = 0x80


class Refused(Exception):
    """The server answered with an error."""

    def __init__(self, code: str, message: str, facts: inlay_pb2.ErrorFacts | None) -> None:
        super().__init__(f"{code}: {message}")
        self.code = "CANCELLED" if code == "CANCELED" else code
        self.message = message
        self.facts = facts


class GrpcCall:
    def __init__(self, call: Any, streams: bool) -> None:
        self.call, self.streams = call, streams

    def messages(self) -> Iterator[Any]:
        try:
            if self.streams:
                yield from self.call
            else:
                yield self.call.result()
        except grpc.RpcError as error:
            raise self.refused(error) from None

    def refused(self, error: Any) -> Refused:
        for key, value in error.trailing_metadata() or ():
            if key == "grpc-status-details-bin":
                return Refused(error.code().name, error.details(), facts_of(Status.FromString(value)))
        return Refused(error.code().name, error.details(), None)

    def cancel(self) -> None:
        self.call.cancel()


class GrpcDoor:
    name = "grpcio"

    def __init__(
        self, port: int, host: str = "127.0.0.1", ca: bytes | None = None, token: str = "", language: str = ""
    ) -> None:
        options = [("grpc.max_receive_message_length", -1), ("grpc.enable_http_proxy", 0)]
        address = f"{host}:{port}"
        if ca:
            self.channel = grpc.secure_channel(address, grpc.ssl_channel_credentials(ca), options)
        else:
            self.channel = grpc.insecure_channel(address, options)
        self.metadata = [("authorization", f"Bearer {token}")] if token else []
        self.metadata += [("accept-language", language)] if language else []

    def open(self, name: str, request: Any, timeout_ms: int | None = None) -> GrpcCall:
        method = METHOD[name]
        kind = self.channel.unary_stream if method.streams else self.channel.unary_unary
        stub = kind(method.path, method.request.SerializeToString, method.response.FromString)
        timeout_s = None if timeout_ms is None else timeout_ms / 1000
        if method.streams:
            return GrpcCall(stub(request, timeout=timeout_s, metadata=self.metadata), True)
        return GrpcCall(stub.future(request, timeout=timeout_s, metadata=self.metadata), False)

    def close(self) -> None:
        self.channel.close()


@dataclass
class HttpCall:
    """One request on a connection of its own."""

    door: "HttpDoor"
    name: str
    connection: http.client.HTTPConnection

    def messages(self) -> Iterator[Any]:
        method = METHOD[self.name]
        response = self.connection.getresponse()
        if self.door.envelopes(method.streams):
            yield from self.door.unwrap(response, method.response)
        else:
            body = response.read()
            if response.status != 200:
                raise connect_refusal(json.loads(body))
            yield self.door.parse(body, method.response)
        self.connection.close()

    def cancel(self) -> None:
        with contextlib.suppress(OSError):
            self.connection.sock.shutdown(socket.SHUT_RDWR)
        self.connection.close()


@dataclass
class HttpDoor:
    """What the three HTTP protocols share: one POST per call."""

    port: int
    host: str = "127.0.0.1"
    ca: bytes | None = None
    token: str = ""
    language: str = ""
    name: str = field(init=False, default="")

    def connect(self) -> http.client.HTTPConnection:
        if self.ca:
            context = ssl.create_default_context(cadata=self.ca.decode())
            return http.client.HTTPSConnection(self.host, self.port, timeout=60, context=context)
        return http.client.HTTPConnection(self.host, self.port, timeout=60)

    def open(self, name: str, request: Any, timeout_ms: int | None = None) -> HttpCall:
        method = METHOD[name]
        streams = method.streams
        body = self.serialize(request)
        if self.envelopes(streams):
            body = struct.pack(">BI", 0, len(body)) + body
        headers = {"Content-Type": self.content_type(streams), **self.deadline(timeout_ms)}
        if self.token:
            headers["Authorization"] = f"Bearer {self.token}"
        if self.language:
            headers["Accept-Language"] = self.language
        connection = self.connect()
        connection.request("POST", method.path, body, headers)
        return HttpCall(self, name, connection)

    def close(self) -> None:
        pass


class ConnectDoor(HttpDoor):
    def content_type(self, streams: bool) -> str:
        return f"application/connect+{self.codec}" if streams else f"application/{self.codec}"

    def envelopes(self, streams: bool) -> bool:
        return streams

    def deadline(self, timeout_ms: int | None) -> dict[str, str]:
        return {} if timeout_ms is None else {"Connect-Timeout-Ms": str(timeout_ms)}

    def unwrap(self, response: http.client.HTTPResponse, kind: Any) -> Iterator[Any]:
        if response.status != 200:
            raise connect_refusal(json.loads(response.read()))
        for flags, body in frames(response):
            if flags & END_OF_CONNECT:
                end = json.loads(body)
                if "error" in end:
                    raise connect_refusal(end["error"])
                return
            yield self.parse(body, kind)
        raise ConnectionError("the stream broke off")


class ConnectBinary(ConnectDoor):
    name, codec = "connect-binary", "proto"

    def serialize(self, message: Any) -> bytes:
        return message.SerializeToString()

    def parse(self, body: bytes, kind: Any) -> Any:
        return kind.FromString(body)


class ConnectJson(ConnectDoor):
    name, codec = "connect-json", "json"

    def serialize(self, message: Any) -> bytes:
        return json_format.MessageToJson(message).encode()

    def parse(self, body: bytes, kind: Any) -> Any:
        return json_format.Parse(body, kind())


class GrpcWeb(HttpDoor):
    name = "grpc-web"

    def content_type(self, streams: bool) -> str:
        return "application/grpc-web+proto"

    def envelopes(self, streams: bool) -> bool:
        return True

    def deadline(self, timeout_ms: int | None) -> dict[str, str]:
        return {} if timeout_ms is None else {"grpc-timeout": f"{timeout_ms}m"}

    def serialize(self, message: Any) -> bytes:
        return message.SerializeToString()

    def unwrap(self, response: http.client.HTTPResponse, kind: Any) -> Iterator[Any]:
        trailers = dict(response.getheaders())  # an answer without a body carries its status in the headers
        for flags, body in frames(response):
            if flags & END_OF_GRPC_WEB:
                trailers = dict(line.split(": ", 1) for line in body.decode().split("\r\n") if line)
                break
            yield kind.FromString(body)
        self.judge({name.lower(): value for name, value in trailers.items()})

    def judge(self, trailers: dict[str, str]) -> None:
        if "grpc-status" not in trailers:
            raise ConnectionError("the stream broke off")
        number = int(trailers["grpc-status"])
        if number:
            code = next(code.name for code in grpc.StatusCode if code.value[0] == number)
            details = trailers.get("grpc-status-details-bin", "")
            status = Status.FromString(base64.b64decode(details + "=" * (-len(details) % 4)))
            raise Refused(code, urllib.parse.unquote(trailers.get("grpc-message", "")), facts_of(status))


DOORS = {kind.name: kind for kind in (GrpcDoor, ConnectBinary, ConnectJson, GrpcWeb)}


def call(door: Any, name: str, request: Any, timeout_ms: int | None = None) -> Any:
    """The one answer of a unary call."""
    (answer,) = door.open(name, request, timeout_ms).messages()
    return answer


def stream(door: Any, name: str, request: Any, timeout_ms: int | None = None) -> Iterator[Any]:
    return door.open(name, request, timeout_ms).messages()


def frames(response: http.client.HTTPResponse) -> Iterator[tuple[int, bytes]]:
    while len(head := response.read(5)) == 5:
        flags, length = struct.unpack(">BI", head)
        yield flags, response.read(length)


def connect_refusal(error: dict[str, Any]) -> Refused:
    facts = None
    for detail in error.get("details", []):
        if detail["type"] == "inlay.v1.ErrorFacts":
            value = detail["value"]
            facts = inlay_pb2.ErrorFacts.FromString(base64.b64decode(value + "=" * (-len(value) % 4)))
    return Refused(error["code"].upper(), error.get("message", ""), facts)


def facts_of(status: Status) -> inlay_pb2.ErrorFacts | None:
    facts = inlay_pb2.ErrorFacts()
    return facts if any(detail.Unpack(facts) for detail in status.details) else None
