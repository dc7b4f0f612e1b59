"""The door for HTTP: Connect (binary and JSON) and gRPC-Web through connectrpc, as an ASGI app."""

from collections.abc import AsyncIterator
from typing import Any

from connectrpc.code import Code
from connectrpc.compat import google_protobuf_codecs
from connectrpc.errors import ConnectError, ErrorDetail
from connectrpc.method import IdempotencyLevel, MethodInfo, StreamType
from connectrpc.request import RequestContext
from connectrpc.server import ConnectASGIApplication, Endpoint
from protobuf.wkt import Any as AnyMessage

from inlay.errors import InlayError
from inlay.rpc.contract import MAX_MESSAGE_BYTES, METHODS, SERVICE, Method
from inlay.rpc.faults import fault_of
from inlay.rpc.security import Token
from inlay.rpc.service import Service


class ConnectDoor(ConnectASGIApplication[Service]):
    """The service over HTTP/1.1. No compression: gzip makes images travel five times slower (facts/server.md 2.2)."""

    def __init__(self, service: Service, token: Token) -> None:
        super().__init__(
            service=service,
            endpoints=lambda service: {method.path: _endpoint(method, service) for method in METHODS},
            interceptors=(_Guard(token),),
            read_max_bytes=MAX_MESSAGE_BYTES,
            compressions=(),
            codecs=google_protobuf_codecs(),
        )

    @property
    def path(self) -> str:
        return f"/{SERVICE}"


class _Context:
    """A call's context, as `service.Context` asks for it."""

    def __init__(self, call: RequestContext[Any, Any]) -> None:
        self._call = call

    def time_remaining_s(self) -> float | None:
        return None if self._call.timeout_ms is None else self._call.timeout_ms / 1000


class _Guard:
    """Turns callers without the token away before their request is read."""

    def __init__(self, token: Token) -> None:
        self._token = token

    async def on_start(self, ctx: RequestContext[Any, Any]) -> None:
        try:
            self._token.check(ctx.request_headers.get("authorization", ""))
        except InlayError as error:
            raise _refusal(error) from None

    async def on_end(self, token: None, ctx: RequestContext[Any, Any], error: Exception | None, /) -> None:
        """Nothing to put away."""


def _endpoint(method: Method, service: Service) -> Any:
    implementation = getattr(service, method.attribute)
    info: MethodInfo[Any, Any] = MethodInfo(
        name=method.name,
        service_name=SERVICE,
        input=method.request,
        output=method.response,
        idempotency_level=IdempotencyLevel.UNKNOWN,
        stream_type=StreamType.SERVER_STREAM if method.streams else StreamType.UNARY,
    )

    async def answer(request: Any, call: RequestContext[Any, Any]) -> Any:
        try:
            return await implementation(request, _Context(call))
        except Exception as error:
            raise _refusal(error) from error

    async def stream(request: Any, call: RequestContext[Any, Any]) -> AsyncIterator[Any]:
        try:
            async for message in implementation(request, _Context(call)):
                yield message
        except Exception as error:
            raise _refusal(error) from error

    return Endpoint.server_stream(info, stream) if method.streams else Endpoint.unary(info, answer)


def _refusal(error: Exception) -> ConnectError:
    fault = fault_of(error)
    facts = AnyMessage(
        type_url=f"type.googleapis.com/{fault.facts.DESCRIPTOR.full_name}", value=fault.facts.SerializeToString()
    )
    code = Code.CANCELED if fault.code == "CANCELLED" else Code[fault.code]
    return ConnectError(code, fault.message, (ErrorDetail(facts),))
