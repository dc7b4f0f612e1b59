"""Calls on connections that stay open: many small ones, and files of pixels, at hardly more than what the bytes take.

The standard library speaks HTTP, in a thread: a call is given up by closing its connection.
"""

import asyncio
import contextlib
import http.client
import selectors
import socket
import ssl
import urllib.parse
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import NamedTuple

from inlay.errors import BadAnswer

MOST_AT_ONCE = 8
MOST_IDLE = 4
PIECE_BYTES = 2**20


class Head(NamedTuple):
    """status: HTTP's. headers: by lower-case names."""

    status: int
    headers: Mapping[str, str]


class Lines:
    """Connections to one address. connect_s, timeout_s: so long it may take to get one, and each of its pieces."""

    def __init__(self, address: str, connect_s: float, timeout_s: float) -> None:
        parts = urllib.parse.urlsplit(address)
        self._host, self._port, self._before = parts.hostname or "", parts.port, parts.path
        self._tls = ssl.create_default_context() if parts.scheme == "https" else None
        self._connect_s, self._timeout_s = connect_s, timeout_s
        self._idle: list[http.client.HTTPConnection] = []
        self._threads = ThreadPoolExecutor(MOST_AT_ONCE, "line")

    async def line(self, new: bool = False) -> tuple[http.client.HTTPConnection, bool]:
        """One that is open, and whether it was asked before; `new`: none that was. Raises OSError: nobody is there."""
        while self._idle and not new:
            line = self._idle.pop()
            if not _is_closed(line):
                return line, True
            line.close()
        return await asyncio.get_running_loop().run_in_executor(self._threads, self._opened), False

    def _opened(self) -> http.client.HTTPConnection:
        line = (
            http.client.HTTPSConnection(self._host, self._port, timeout=self._connect_s, context=self._tls)
            if self._tls
            else http.client.HTTPConnection(self._host, self._port, timeout=self._connect_s)
        )
        line.connect()
        line.sock.settimeout(self._timeout_s)
        return line

    async def exchange(
        self,
        line: http.client.HTTPConnection,
        method: str,
        target: str,
        headers: Mapping[str, str],
        body: bytes,
        most_bytes: int,
    ) -> tuple[Head, bytes]:
        """Ask, and read the answer. Raises BadAnswer for one longer than `most_bytes`, OSError, HTTPException, ValueError."""
        stays = False
        try:
            doing = asyncio.get_running_loop().run_in_executor(
                self._threads, _exchanged, line, method, self._before + target, headers, body, most_bytes
            )
            head, answer, stays = await doing
        finally:
            if stays and len(self._idle) < MOST_IDLE:
                self._idle.append(line)
            else:
                _cut(line)
        return head, answer

    def close(self) -> None:
        for line in self._idle:
            line.close()
        self._idle.clear()
        self._threads.shutdown(wait=False)


def target_of(path: str, params: Mapping[str, str] | None) -> str:
    """A path with its query."""
    return urllib.parse.quote(path, safe="/%:@") + (f"?{urllib.parse.urlencode(params)}" if params else "")


def _exchanged(
    line: http.client.HTTPConnection,
    method: str,
    target: str,
    headers: Mapping[str, str],
    body: bytes,
    most_bytes: int,
) -> tuple[Head, bytes, bool]:
    line.request(method, target, body, dict(headers))
    try:
        response = line.getresponse()
    except http.client.RemoteDisconnected:
        raise
    except http.client.BadStatusLine:
        raise ValueError("that is not HTTP") from None
    with response:
        found = Head(response.status, {name.lower(): value for name, value in response.getheaders()})
        pieces, length = list[bytes](), 0
        if (response.length or 0) > most_bytes:
            raise _too_long(most_bytes)
        while piece := response.read(PIECE_BYTES):
            pieces.append(piece)
            length += len(piece)
            if length > most_bytes:
                raise _too_long(most_bytes)
        if response.length:
            raise http.client.IncompleteRead(b"", response.length)
        return found, b"".join(pieces), not response.will_close


def _too_long(most_bytes: int) -> BadAnswer:
    return BadAnswer(f"the answer is longer than {most_bytes // 2**20} MiB")


def _is_closed(line: http.client.HTTPConnection) -> bool:
    """Whether there is something to read where nothing was asked: the end, as a rule."""
    with selectors.DefaultSelector() as selector:
        selector.register(line.sock, selectors.EVENT_READ)
        return bool(selector.select(0))


def _cut(line: http.client.HTTPConnection) -> None:
    """End it, and whoever reads from it."""
    with contextlib.suppress(OSError, AttributeError):
        line.sock.shutdown(socket.SHUT_RDWR)
    line.close()
