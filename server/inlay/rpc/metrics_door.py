"""/metrics, for Prometheus: on a loopback port of its own without a token, on the HTTP door with the server's. An ASGI app."""

import asyncio
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

from inlay.config import LOOPBACK, is_loopback
from inlay.errors import Forbidden, InlayError, InvalidInput, Unauthenticated
from inlay.operations.metrics import Metrics
from inlay.person import Role
from inlay.rpc.callers import Callers

PATH = "/metrics"


class MetricsDoor:
    """admit: raises for whoever may not see the figures, by its `authorization`."""

    def __init__(self, metrics: Metrics, admit: Callable[[str], None] = lambda authorization: None) -> None:
        self._metrics = metrics
        self._admit = admit

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        status, kind, body = await self._answer(scope)
        headers = [(b"content-type", kind.encode()), (b"content-length", str(len(body)).encode())]
        if status == 401:
            headers.append((b"www-authenticate", b"Bearer"))
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": b"" if scope["method"] == "HEAD" else body})

    async def _answer(self, scope: Any) -> tuple[int, str, bytes]:
        if scope["path"] != PATH:
            return 404, "text/plain", b"the figures are at /metrics\n"
        if scope["method"] not in ("GET", "HEAD"):
            return 405, "text/plain", b"figures are only read\n"
        try:
            self._admit(_header(scope, b"authorization"))
        except InlayError as error:
            return 401 if isinstance(error, Unauthenticated) else 403, "text/plain", f"{error.message}\n".encode()
        body, kind = await asyncio.to_thread(self._metrics.exposition, _header(scope, b"accept"))
        return 200, kind, body


def only_admins(callers: Callers, authorization: str) -> None:
    """Raise Unauthenticated for a token that is none, Forbidden for one of neither the owner nor an admin."""
    if callers.admit(PATH, authorization).person.role is not Role.ADMIN:
        raise Forbidden("figures are for the server's owner and for admins", field="authorization")


def checked_address(address: str) -> tuple[str, int]:
    """Host and port of `--metrics`; port 0 takes a free one. Raises InvalidInput where it is none, or where others
    than this machine could ask there, without a token."""
    try:
        parts = urlsplit(f"//{address}")
        host, port = parts.hostname or "", parts.port
    except ValueError:
        host, port = "", None
    if not host or port is None:
        raise InvalidInput("metrics", address, f"it must be HOST:PORT, such as {LOOPBACK}:9464")
    if not is_loopback(host):
        limit = (
            "figures without a token are for this machine alone; beyond it, ask the HTTP door's /metrics with the token"
        )
        raise InvalidInput("metrics", address, limit)
    return LOOPBACK if host == "localhost" else host, port


def _header(scope: Any, name: bytes) -> str:
    return next((value.decode("latin-1") for key, value in scope["headers"] if key.lower() == name), "")
