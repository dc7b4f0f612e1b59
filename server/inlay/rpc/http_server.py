"""The HTTP door's server: uvicorn inside this process's event loop, with limits that hold before anybody is known.

uvicorn with httptools reads a request's head without a limit of size or time; here both are bounded, and so are
connections (`acceptor`).
"""

import asyncio
import contextlib
import socket
from collections.abc import Callable, Generator
from typing import Any

import uvicorn
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from inlay.rpc.acceptor import Acceptor
from inlay.rpc.certificate import Certificate

MAX_HEAD_BYTES = 64 * 2**10
"""Request line and headers together, as h11 and most servers have it."""

HEAD_S = 10.0
"""A request's head arrives within this time, and so does the rest of a body that was answered before its end."""

MAX_PIPELINED = 8
"""Requests that wait for the answer to an earlier one of their connection; no client of ours sends any."""

GRACE_S = 1
"""Calls that run when the server is told to stop get this long to end."""

KEEP_ALIVE_S = 75
"""Idle HTTP connections stay open this long; a panel asks again every few seconds."""

_TOO_LARGE = b"HTTP/1.1 431 Request Header Fields Too Large\r\nconnection: close\r\ncontent-length: 0\r\n\r\n"


class BoundedProtocol(HttpToolsProtocol):
    """uvicorn's protocol, closing connections whose request's head is too long or takes too long."""

    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        self._held_bytes = 0
        """What the parser got since it last gave something: a head, or the trailers of a body, that does not end."""
        self._head_timer: asyncio.TimerHandle | None = None
        self._since_s = self.loop.time()
        self.on_end: Callable[[], None] = lambda: None

    @property
    def idle_since(self) -> float | None:
        """The loop's time since when nothing is being answered; None while something is."""
        cycle: Any = self.cycle  # None before the first request, whatever uvicorn's types say
        return self._since_s if cycle is None or cycle.response_complete else None

    def hang_up(self) -> None:
        transport: Any = self.transport  # None before the connection stands
        if transport is not None:
            transport.abort()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        super().connection_made(transport)  # pyright: ignore[reportArgumentType] - uvicorn means the same one
        self._hurry()

    def connection_lost(self, exc: Exception | None) -> None:
        self._take_time()
        super().connection_lost(exc)
        self.on_end()

    def data_received(self, data: bytes) -> None:
        if self._head_timer is None and self.idle_since is not None:
            self._hurry()
        view = memoryview(data)
        while view and not self.transport.is_closing():
            piece = view[: MAX_HEAD_BYTES - self._held_bytes]
            view = view[len(piece) :]
            self._held_bytes += len(piece)
            super().data_received(piece)  # pyright: ignore[reportArgumentType] - the parser takes any buffer
            if self._held_bytes >= MAX_HEAD_BYTES and not self.transport.is_closing():
                if self.idle_since is not None:
                    self.transport.write(_TOO_LARGE)
                self.transport.close()

    def on_headers_complete(self) -> None:
        if len(self.pipeline) >= MAX_PIPELINED:
            raise ValueError(f"more than {MAX_PIPELINED} requests wait on one connection")
        self._held_bytes = 0
        self._take_time()
        super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        self._held_bytes = 0
        super().on_body(body)

    def on_message_complete(self) -> None:
        self._held_bytes = 0
        self._take_time()
        super().on_message_complete()

    def on_response_complete(self) -> None:
        self._since_s = self.loop.time()
        if self.cycle.response_complete and self.cycle.more_body:
            self._hurry()
        super().on_response_complete()

    def _hurry(self) -> None:
        self._take_time()
        self._head_timer = self.loop.call_later(HEAD_S, self.hang_up)

    def _take_time(self) -> None:
        if self._head_timer:
            self._head_timer.cancel()
            self._head_timer = None


class HttpServer(uvicorn.Server):
    """uvicorn without its signal handlers, one place closes both doors, and with an acceptor of our own.

    connections: how many may stand at a time.
    """

    def __init__(self, door: Any, certificate: Certificate | None, connections: int) -> None:
        super().__init__(
            uvicorn.Config(
                door,
                http=BoundedProtocol,
                ws="none",
                lifespan="off",
                loop="asyncio",
                log_config=None,
                access_log=False,
                proxy_headers=False,  # else a neighbour's X-Forwarded-For would make him whoever the proxy is
                server_header=False,
                date_header=False,
                timeout_keep_alive=KEEP_ALIVE_S,
                timeout_graceful_shutdown=GRACE_S,
            )
        )
        self._certificate = certificate
        self._connections = connections
        self._task: asyncio.Task[None] | None = None

    async def open(self, listening: socket.socket) -> None:
        """Answer on a socket that listens already."""
        self._task = asyncio.create_task(self.serve(sockets=[listening]))
        while not (self.started or self._task.done()):
            await asyncio.sleep(0.001)

    async def close(self) -> None:
        """Take no more calls, and end those that still run after GRACE_S seconds."""
        self.should_exit = True
        if self._task:
            await self._task

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """uvicorn's way to start listening, with `Acceptor` in the place of asyncio's server."""
        await self.lifespan.startup()
        certificate = self._certificate
        tls = (lambda: certificate.current().context) if certificate else None
        self.servers: list[Any] = [
            Acceptor(listening, self._converse, tls, self._connections) for listening in sockets or ()
        ]
        self.started = True

    def _converse(self) -> BoundedProtocol:
        return BoundedProtocol(self.config, self.server_state, self.lifespan.state)

    @contextlib.contextmanager
    def capture_signals(self) -> Generator[None]:
        yield
