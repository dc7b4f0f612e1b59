"""The door for gRPC: grpcio.aio, with reflection and the standard health service, built from the service's descriptor."""

import contextlib
from collections.abc import AsyncIterator
from typing import Any

import grpc
import grpc.aio
from google.protobuf.any_pb2 import Any as AnyMessage
from google.protobuf.message import DecodeError, Message
from google.rpc.status_pb2 import Status
from grpc_health.v1 import health, health_pb2, health_pb2_grpc
from grpc_reflection.v1alpha import reflection
from grpc_status import rpc_status

from inlay.config import join_address
from inlay.errors import InlayError, InvalidInput
from inlay.forms import Catalogue
from inlay.forms.catalogue import Catalogues
from inlay.person import NOBODY, Person, Principal
from inlay.rpc.callers import Callers
from inlay.rpc.certificate import Certificate, Shown
from inlay.rpc.language import asked_of, told
from inlay.rpc.service import Service
from inlay.wire import request_id
from inlay.wire.contract import MAX_MESSAGE_BYTES, METHODS, REVIEW_METHODS, REVIEW_SERVICE, SERVICE, Method

HANDSHAKE_S = 10.0
"""Whoever has said nothing for so long after connecting makes room."""

MAX_STREAMS = 512
"""Calls at a time on one connection; more wait at the client."""

LEAST_PING_INTERVAL_MS = 5_000
"""Clients ping silent streams to notice a dead line, ours every 20 s; who pings more often than this is cut off."""

OPTIONS = (
    ("grpc.max_receive_message_length", MAX_MESSAGE_BYTES),
    ("grpc.max_send_message_length", -1),
    ("grpc.so_reuseport", 0),  # else a second server would share the port instead of failing to bind
    ("grpc.keepalive_permit_without_calls", 1),
    ("grpc.max_connection_idle_ms", 60_000),  # without calls; clients come back by themselves
    ("grpc.max_concurrent_streams", MAX_STREAMS),
)

_HEALTH_PREFIX = f"/{health.SERVICE_NAME}/"


class GrpcDoor:
    """A grpcio.aio server in front of the services. connections: how many may stand at a time."""

    def __init__(self, service: Service, callers: Callers, connections: int) -> None:
        options = (
            *OPTIONS,
            ("grpc.http2.min_ping_interval_without_data_ms", LEAST_PING_INTERVAL_MS),
            ("grpc.server_handshake_timeout_ms", round(HANDSHAKE_S * 1000)),
            ("grpc.max_allowed_incoming_connections", connections),
        )
        self._server = grpc.aio.server(interceptors=(_Guard(callers, service.forms.words),), options=options)
        self._health: Any = health.aio.HealthServicer()  # pyright: ignore[reportAttributeAccessIssue] - set at import
        for name, methods in ((SERVICE, METHODS), (REVIEW_SERVICE, REVIEW_METHODS)):
            handlers = {method.name: _handler(method, service, callers) for method in methods}
            self._server.add_generic_rpc_handlers((grpc.method_handlers_generic_handler(name, handlers),))
        health_pb2_grpc.add_HealthServicer_to_server(self._health, self._server)
        reflection.enable_server_reflection(
            (SERVICE, REVIEW_SERVICE, health.SERVICE_NAME, reflection.SERVICE_NAME), self._server
        )

    def bind(self, host: str, port: int, certificate: Certificate | None = None) -> int:
        """Take the port (a free one where `port` is 0) and return it. Raises InvalidInput where it is taken."""
        address = join_address(host, port)
        try:
            if certificate:
                return self._server.add_secure_port(address, _credentials(certificate))
            return self._server.add_insecure_port(address)
        except RuntimeError:
            raise InvalidInput("grpc_port", port, f"{address} is taken or not this machine's; choose another") from None

    async def open(self) -> None:
        """Answer on what was bound."""
        await self._server.start()
        await self.tell_health(True)

    async def tell_health(self, serving: bool) -> None:
        """What the health service says: whether jobs go on."""
        for name in ("", SERVICE):
            await self._tell(name, serving)

    async def tell_ready(self, device: str, ready: bool) -> None:
        """What it says of a device, under `painter/DEVICE`: whether it has painted since its worker started."""
        await self._tell(f"painter/{device}", ready)

    async def _tell(self, name: str, serving: bool) -> None:
        status = health_pb2.HealthCheckResponse.SERVING if serving else health_pb2.HealthCheckResponse.NOT_SERVING
        await self._health.set(name, status)

    async def close(self, grace_s: float) -> None:
        """Take no more calls, and end those that still run after `grace_s` seconds."""
        await self._health.enter_graceful_shutdown()
        await self._server.stop(grace_s)


def _credentials(certificate: Certificate) -> grpc.ServerCredentials:
    """What every new connection is shown: the certificate as it is then."""
    shown = certificate.current()

    def renewed() -> Any:
        nonlocal shown
        known, shown = shown, certificate.current()
        return None if shown is known else _configuration(shown)

    return grpc.dynamic_ssl_server_credentials(_configuration(shown), renewed)


def _configuration(shown: Shown) -> Any:
    return grpc.ssl_server_certificate_configuration([(shown.key, shown.chain)])


class _Context:
    """A call's context, as `service.Context` asks for it."""

    def __init__(self, call: "grpc.aio.ServicerContext[Any, Any]") -> None:
        self._call = call
        self.principal = Principal(NOBODY)

    signed_in = None
    """No proxy speaks for anybody here: who calls has a token."""

    @property
    def person(self) -> Person:
        return self.principal.person

    def time_remaining_s(self) -> float | None:
        return self._call.time_remaining()

    @property
    def language(self) -> str:
        return _language(self._call.invocation_metadata())

    @property
    def authorization(self) -> str:
        return _authorization(self._call.invocation_metadata())

    @property
    def traceparent(self) -> str:
        return str(dict(self._call.invocation_metadata() or ()).get("traceparent", ""))

    @property
    def caller(self) -> str:
        return self._call.peer()

    @property
    def host(self) -> str:
        return self.caller.rpartition(":")[0]


class _Guard(grpc.aio.ServerInterceptor):
    """Lets nobody whose token does not open it reach anything but the health service."""

    def __init__(self, callers: Callers, words: Catalogues) -> None:
        self._callers = callers
        self._words = words

    async def intercept_service(self, continuation: Any, handler_call_details: Any) -> Any:
        if not handler_call_details.method.startswith(_HEALTH_PREFIX):
            metadata = handler_call_details.invocation_metadata
            try:
                self._callers.admit(handler_call_details.method, _authorization(metadata))
            except InlayError as error:
                return _refusal(error, self._words.speaking(asked_of(None, _language(metadata))))
        return await continuation(handler_call_details)


def _language(metadata: Any) -> str:
    return str(dict(metadata or ()).get("accept-language", ""))


def _authorization(metadata: Any) -> str:
    return str(dict(metadata or ()).get("authorization", ""))


def _refusal(error: InlayError, words: Catalogue) -> "grpc.RpcMethodHandler[Any, Any]":
    async def refuse(_requests: object, call: "grpc.aio.ServicerContext[Any, Any]") -> None:
        await _abort(call, error, words)

    return grpc.stream_stream_rpc_method_handler(refuse)


def _handler(method: Method, service: Service, callers: Callers) -> "grpc.RpcMethodHandler[Any, Any]":
    """The handler takes bytes, so that a body that does not parse is a typed error like any other."""
    implementation = service.implementation(method)

    def words(request: Message | None, context: _Context) -> Catalogue:
        return service.forms.words.speaking(asked_of(request, context.language))

    async def answer(body: bytes, call: "grpc.aio.ServicerContext[Any, Any]") -> Any:
        request, context = None, _Context(call)
        request_id.begin(context.traceparent)
        try:
            async with callers.present(context, method.path), service.in_flight.hold(len(body)):
                request = _parse(method, body)
                return await implementation(request, context)
        except Exception as error:
            spoken, request, body = words(request, context), None, b""
            await _abort(call, error, spoken)

    async def stream(body: bytes, call: "grpc.aio.ServicerContext[Any, Any]") -> AsyncIterator[Any]:
        request, context = None, _Context(call)
        request_id.begin(context.traceparent)
        try:
            async with callers.present(context, method.path):
                request = _parse(method, body)
                async with contextlib.aclosing(implementation(request, context)) as messages:
                    async for message in messages:
                        yield message
        except Exception as error:
            spoken, request, body = words(request, context), None, b""
            await _abort(call, error, spoken)

    if method.streams:
        return grpc.unary_stream_rpc_method_handler(stream, None, method.response.SerializeToString)
    return grpc.unary_unary_rpc_method_handler(answer, None, method.response.SerializeToString)


def _parse(method: Method, body: bytes) -> Any:
    try:
        return method.request.FromString(body)
    except DecodeError:
        name = str(method.request.DESCRIPTOR.full_name)
        raise InvalidInput("request", f"{len(body)} bytes that do not parse", f"it must be a {name}") from None


async def _abort(call: "grpc.aio.ServicerContext[Any, Any]", error: Exception, words: Catalogue) -> None:
    fault = told(error, words)
    # grpc's context keeps the exception that abort raises, which keeps this one and every frame it passed: a circle that
    # would hold the request until the garbage collector looks, which few large requests do not make it do.
    error.__traceback__ = None
    packed = [AnyMessage() for _ in fault.details]
    for one, detail in zip(packed, fault.details, strict=True):
        one.Pack(detail)
    status = rpc_status.to_status(Status(code=fault.number, message=fault.message, details=packed))
    await call.abort(status.code, status.details, status.trailing_metadata)
