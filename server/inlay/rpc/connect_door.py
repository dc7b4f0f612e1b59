"""The door for HTTP: Connect (binary and JSON) and gRPC-Web through connectrpc, as an ASGI app."""

import contextlib
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
from inlay.forms import Catalogue
from inlay.forms.catalogue import Catalogues
from inlay.person import NOBODY, Person, Principal
from inlay.rpc.callers import Callers
from inlay.rpc.language import asked_of, told
from inlay.rpc.proxy import Proxy
from inlay.rpc.service import Service
from inlay.wire import request_id
from inlay.wire.contract import ALL_METHODS, MAX_MESSAGE_BYTES, SERVICE, Method


class ConnectDoor(ConnectASGIApplication[Service]):
    """The services over HTTP/1.1. No compression: gzip makes images travel five times slower (docs/facts/server.md#compression)."""

    def __init__(self, service: Service, callers: Callers, max_bytes: int = MAX_MESSAGE_BYTES) -> None:
        super().__init__(
            service=service,
            endpoints=lambda service: {method.path: _endpoint(method, service, callers) for method in ALL_METHODS},
            interceptors=(_Guard(callers, service.forms.words),),
            read_max_bytes=max_bytes,
            compressions=(),
            codecs=google_protobuf_codecs(),
        )

    @property
    def path(self) -> str:
        return f"/{SERVICE}"


class _Context:
    """A call's context, as `service.Context` asks for it."""

    def __init__(self, call: RequestContext[Any, Any], proxy: Proxy | None) -> None:
        self._call = call
        self.signed_in = proxy.signed_in(self.host, call.request_headers) if proxy else None
        self.principal = Principal(NOBODY)

    @property
    def person(self) -> Person:
        return self.principal.person

    def time_remaining_s(self) -> float | None:
        return None if self._call.timeout_ms is None else self._call.timeout_ms / 1000

    @property
    def language(self) -> str:
        return self._call.request_headers.get("accept-language", "")

    @property
    def authorization(self) -> str:
        return self._call.request_headers.get("authorization", "")

    @property
    def caller(self) -> str:
        address = self._call.client_address or "?"
        return f"{self.signed_in.came_from} by {address}" if self.signed_in and self.signed_in.came_from else address

    @property
    def host(self) -> str:
        return (self._call.client_address or "?").rpartition(":")[0]


class _Guard:
    """Turns callers whose token does not open the method away before their request is read."""

    def __init__(self, callers: Callers, words: Catalogues) -> None:
        self._callers = callers
        self._words = words

    async def on_start(self, ctx: RequestContext[Any, Any]) -> None:
        try:
            method, context = ctx.method, _Context(ctx, self._callers.proxy)
            self._callers.admit(f"/{method.service_name}/{method.name}", context.authorization, context.signed_in)
        except InlayError as error:
            raise _refusal(error, self._words.speaking(asked_of(None, _Context(ctx, None).language))) from None

    async def on_end(self, token: None, ctx: RequestContext[Any, Any], error: Exception | None, /) -> None:
        """Nothing to put away."""


def _endpoint(method: Method, service: Service, callers: Callers) -> Any:
    implementation = service.implementation(method)
    info: MethodInfo[Any, Any] = MethodInfo(
        name=method.name,
        service_name=method.service,
        input=method.request,
        output=method.response,
        idempotency_level=IdempotencyLevel.UNKNOWN,
        stream_type=StreamType.SERVER_STREAM if method.streams else StreamType.UNARY,
    )

    async def answer(request: Any, call: RequestContext[Any, Any]) -> Any:
        request_id.begin(call.request_headers.get("traceparent", ""))
        context = _Context(call, callers.proxy)
        try:
            async with callers.present(context, method.path), service.in_flight.hold(request.ByteSize()):
                return await implementation(request, context)
        except Exception as error:
            words = service.forms.words.speaking(asked_of(request, context.language))
            request = None
            raise _refusal(error, words) from None

    async def stream(request: Any, call: RequestContext[Any, Any]) -> AsyncIterator[Any]:
        request_id.begin(call.request_headers.get("traceparent", ""))
        context = _Context(call, callers.proxy)
        try:
            # A generator that is only left waits for the garbage collector, and the file that it reads stays open so long.
            async with (
                callers.present(context, method.path),
                contextlib.aclosing(implementation(request, context)) as messages,
            ):
                async for message in messages:
                    yield message
        except Exception as error:
            words = service.forms.words.speaking(asked_of(request, context.language))
            request = None
            raise _refusal(error, words) from None

    return Endpoint.server_stream(info, stream) if method.streams else Endpoint.unary(info, answer)


def _refusal(error: Exception, words: Catalogue) -> ConnectError:
    fault = told(error, words)
    # connectrpc keeps the exception in the frame that its traceback holds: a circle that would hold the request until the
    # garbage collector looks, which few large requests do not make it do.
    error.__traceback__ = None
    details = (
        AnyMessage(type_url=f"type.googleapis.com/{one.DESCRIPTOR.full_name}", value=one.SerializeToString())
        for one in fault.details
    )
    code = Code.CANCELED if fault.code == "CANCELLED" else Code[fault.code]
    return ConnectError(code, fault.message, tuple(map(ErrorDetail, details)))
