"""In front of the HTTP door: /healthz, /readyz, /metrics, the pages, and what is turned away before a protocol looks at it."""

from collections.abc import Mapping
from typing import Any

from inlay.config import is_loopback, split_address
from inlay.errors import InlayError
from inlay.rpc import report_page
from inlay.rpc.healthz import Health
from inlay.rpc.metrics_door import PATH as METRICS_PATH
from inlay.rpc.pairing import FOR_STRANGERS, MAX_STRANGERS_BYTES
from inlay.rpc.proxy import Proxy
from inlay.wire.contract import REVIEW_SERVICE

_ELSEWHERE = (421, b"without a token this server answers to localhost only\n")
_FOREIGN = (403, b"pages from elsewhere may not ask this\n")
_UNREADABLE = (400, b"a header is not UTF-8\n")
_LONG = (413, b"who has no token says it in fewer bytes\n")
_NATIVE_GRPC = (415, b"gRPC is spoken on the other port; here it is gRPC-Web, Connect or JSON\n")


MAX_JSON_BYTES = 3 * 2**20
"""The largest chunk of a blob, in base64. Parsing the 16 MB that binary messages may have would keep everybody waiting."""


class HttpGate:
    """Lets requests through to `app`, those in JSON to `json_app`, those for figures to `metrics`.

    has_token: whether callers prove themselves there. health: what is said without a token. pages: by where they lie.
    proxy: who may say who somebody is.
    """

    def __init__(
        self,
        app: Any,
        json_app: Any,
        metrics: Any,
        has_token: bool,
        health: Health,
        pages: Mapping[str, Any],
        proxy: Proxy | None = None,
    ) -> None:
        self._proxy = proxy
        self._app = app
        self._metrics = metrics
        self._json_app = json_app
        self._has_token = has_token
        self._health = health
        self._pages = pages

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        answer = self._answer(scope["method"], scope["path"], scope["headers"], str((scope["client"] or ("", 0))[0]))
        if answer is None:
            app = self._page_at(scope["path"]) or self._app
            if scope["path"] == METRICS_PATH:
                app = self._metrics
            if app is self._app and _is_json(scope["headers"]):
                app = self._json_app
            await app(scope, receive, send)
            return
        status, body = answer
        await send({"type": "http.response.start", "status": status, "headers": [(b"content-type", b"text/plain")]})
        await send({"type": "http.response.body", "body": body})

    def _page_at(self, path: str) -> Any:
        """The page under which a path lies; None where none does."""
        return next((page for at, page in self._pages.items() if path == at or path.startswith(f"{at}/")), None)

    def _answer(self, method: str, path: str, raw: list[tuple[bytes, bytes]], host: str) -> tuple[int, bytes] | None:
        """The status and text that end a request here; None lets it through."""
        if path in self._health.pages:
            return self._health.pages[path]()
        try:
            sent = [(name.decode().lower(), value.decode()) for name, value in raw]
        except UnicodeDecodeError:
            return _UNREADABLE
        headers = dict(sent)
        is_visit = method in ("GET", "HEAD") and self._page_at(path) is not None and _navigates(headers)
        if self._proxy and (refusal := self._proxy.refusal(host, sent, is_visit=is_visit)):
            return refusal
        # A web page can point a name of its own at 127.0.0.1 and is then of the same origin (DNS rebinding).
        if not self._has_token and not _names_loopback(headers.get("host", "")):
            return _ELSEWHERE
        if path in FOR_STRANGERS and not _is_short(headers.get("content-length", "")):
            return _LONG
        site = headers.get("sec-fetch-site", "")
        is_guarded = path.startswith((f"/{REVIEW_SERVICE}/", f"{report_page.PATH}/")) and not is_visit
        if is_guarded and site in ("cross-site", "same-site"):
            return _FOREIGN
        kind = headers.get("content-type", "")
        return _NATIVE_GRPC if kind == "application/grpc" or kind.startswith("application/grpc+") else None


def _navigates(headers: Mapping[str, str]) -> bool:
    """Whether somebody goes to a page, from wherever they are: from a link, or from where they signed in."""
    return (headers.get("sec-fetch-mode"), headers.get("sec-fetch-dest")) == ("navigate", "document")


def _is_json(headers: list[tuple[bytes, bytes]]) -> bool:
    return any(name == b"content-type" and b"json" in value for name, value in headers)


def _is_short(length: str) -> bool:
    return length.isdecimal() and len(length) < 10 and int(length) <= MAX_STRANGERS_BYTES


def _names_loopback(host: str) -> bool:
    try:
        return is_loopback(split_address(host)[0])
    except InlayError:
        return False
