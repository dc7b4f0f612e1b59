"""The review page's files on the HTTP door, under the strictest policy that they work with: an ASGI app."""

from importlib.resources import files
from typing import Any

PATH = "/review"

_POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src blob:",
        "connect-src 'self'",
        "base-uri 'none'",
        "form-action 'none'",
        "frame-ancestors 'none'",
        "require-trusted-types-for 'script'",
    )
)

HEADERS = {
    "content-security-policy": _POLICY,
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "cache-control": "no-store",
}
"""Of every answer. No picture is a URL, nothing is fetched from elsewhere, and no other page may frame or read this one."""

_TYPES = {
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".svg": "image/svg+xml",
    ".txt": "text/plain; charset=utf-8",
}

_NOT_FOUND = (404, "text/plain; charset=utf-8", b"there is no such file\n")
_NOT_ALLOWED = (405, "text/plain; charset=utf-8", b"this is a page; it can be read\n")


class ReviewPage:
    """Answers GET and HEAD under /review with the files that come with Inlay, by their names: no path is ever opened."""

    def __init__(self) -> None:
        folder = files("inlay.review") / "page"
        self._files = {
            one.name: (_TYPES[suffix], one.read_bytes())
            for one in folder.iterdir()
            if (suffix := f".{one.name.rpartition('.')[2]}") in _TYPES
        }

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        status, kind, body = self._answer(scope["method"], scope["path"])
        headers = {**HEADERS, "content-type": kind, "content-length": str(len(body))}
        if status == 308:
            headers["location"] = f"{PATH}/"
        elif status == 405:
            headers["allow"] = "GET, HEAD"
        raw = [(name.encode(), value.encode()) for name, value in headers.items()]
        await send({"type": "http.response.start", "status": status, "headers": raw})
        await send({"type": "http.response.body", "body": b"" if scope["method"] == "HEAD" else body})

    def _answer(self, method: str, path: str) -> tuple[int, str, bytes]:
        if method not in ("GET", "HEAD"):
            return _NOT_ALLOWED
        if path == PATH:
            return 308, "text/plain; charset=utf-8", b""
        found = self._files.get(path.removeprefix(f"{PATH}/") or "index.html")
        return (200, *found) if found else _NOT_FOUND
