"""What `inlay report` says, as a page beside /review/ for the owner of the server: an ASGI app without a line of script.

The token comes in the body of a form, never in an address; nothing keeps it, and nothing is answered to a reviewer's link or to a
person's token: money, names and documents of everybody are in it.
"""

import base64
import contextlib
import datetime
import hashlib
import urllib.parse
from collections.abc import Mapping
from html import escape
from pathlib import Path
from typing import Any

from inlay.errors import Forbidden, InlayError, InvalidInput, Unauthenticated
from inlay.forms import Catalogue
from inlay.forms.catalogue import Catalogues
from inlay.jobs.probing import Prober, Question
from inlay.person import OWNER
from inlay.report import KEYS
from inlay.report.asked import ReportQuestion
from inlay.report.page import STYLE, Say
from inlay.rpc.callers import Callers
from inlay.rpc.language import first_of
from inlay.rpc.review_page import HEADERS

PATH = "/report"

_STYLE_SHA256 = base64.b64encode(hashlib.sha256(STYLE.encode()).digest()).decode()

_POLICY = "; ".join(
    (
        "default-src 'none'",
        f"style-src 'sha256-{_STYLE_SHA256}'",
        "base-uri 'none'",
        "form-action 'self'",
        "frame-ancestors 'none'",
    )
)

_STATUS: Mapping[type[InlayError], int] = {Unauthenticated: 401, Forbidden: 403, InvalidInput: 400}

MAX_FORM_BYTES = 8 * 2**10
_FORM = "application/x-www-form-urlencoded"
_HTML = "text/html; charset=utf-8"
_TEXT = "text/plain; charset=utf-8"


class ReportPage:
    """Answers under /report. callers: who may see it. has_token: whether anybody has to show one. journal: what it reads.
    words: of the languages."""

    def __init__(self, callers: Callers, has_token: bool, journal: Path, blobs: Path, words: Catalogues) -> None:
        self._callers = callers
        self._has_token = has_token
        self._journal = journal
        self._words = words
        self._prober = Prober(blobs)

    def stop(self) -> None:
        """End the process that makes reports."""
        self._prober.stop()

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        status, kind, body = await self._answer(scope, receive)
        raw = {**HEADERS, "content-security-policy": _POLICY, "content-type": kind, "content-length": str(len(body))}
        if status == 308:
            raw["location"] = f"{PATH}/"
        elif status == 405:
            raw["allow"] = "GET, HEAD, POST"
        headers = [(name.encode(), value.encode()) for name, value in raw.items()]
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": b"" if scope["method"] == "HEAD" else body})

    async def _answer(self, scope: Any, receive: Any) -> tuple[int, str, bytes]:
        method, path = scope["method"], scope["path"]
        headers = {name.decode().lower(): value.decode("latin-1") for name, value in scope["headers"]}
        words = self._words.speaking(first_of(headers.get("accept-language", "")))
        if path == PATH and method in ("GET", "HEAD"):
            return 308, _TEXT, b""
        if path != f"{PATH}/":
            return 404, _TEXT, b"there is no such file\n"
        match method:
            case "GET" | "HEAD":
                given: dict[str, str] | None = None if self._has_token else {}
            case "POST":
                given = await form_in(scope, receive)
                if given is None:
                    return 415, _TEXT, f"a form of at most {MAX_FORM_BYTES} bytes is taken here\n".encode()
            case _:
                return 405, _TEXT, b"this is a page; it can be read\n"
        status, page = (200, _empty(words, self._form(words, {}))) if given is None else await self._page(words, given)
        return status, _HTML, page.encode()

    async def _page(self, words: Catalogue, given: dict[str, str]) -> tuple[int, str]:
        asked = self._form(words, given)
        try:
            principal = self._callers.admit(f"{PATH}/", f"Bearer {given.get('token', '')}")
            if principal.person != OWNER:
                raise Forbidden("the report is for who has the server's own token", field="token")
            page = await self._prober.ask(Question("inlay.report.asked:page_asked", self._question(words, given)))
        except InlayError as error:
            return _STATUS.get(type(error), 500), _empty(
                words, f'<p class="refused" role="alert">{escape(words.translated(error.message))}</p>{asked}'
            )
        head, heading, rest = page.partition("<h1>")
        return 200, f"{head}{asked}{heading}{rest}"

    def _question(self, words: Catalogue, given: dict[str, str]) -> ReportQuestion:
        by = given.get("by") or "document"
        if by not in KEYS:
            raise InvalidInput("by", by[:40], f"it must be one of {', '.join(KEYS)}")
        return ReportQuestion(self._journal, words, by, _day(given, "since"), _day(given, "until", 1))

    def _form(self, words: Catalogue, given: dict[str, str]) -> str:
        say = Say(words)
        by = "".join(
            f'<option value="{one}"{" selected" if one == given.get("by") else ""}>{escape(say(f"row.{one}"))}</option>'
            for one in KEYS
        )
        days = "".join(
            f'<label>{escape(say(name))} <input type="date" name="{name}" value="{escape(given.get(name, "")[:10])}"></label>'
            for name in ("since", "until")
        )
        token = (
            f'<label>{escape(say("token"))} <input type="password" name="token" autocomplete="current-password" required></label>'
            if self._has_token
            else ""
        )
        rows = f'<label>{escape(say("by"))} <select name="by">{by}</select></label>'
        return f'<form method="post" action="{PATH}/">{token}{rows}{days}<button>{escape(say("show"))}</button></form>'


async def form_in(scope: Any, receive: Any) -> dict[str, str] | None:
    """What a form says; None where it is none."""
    kinds = [value.decode("latin-1") for name, value in scope["headers"] if name.lower() == b"content-type"]
    body = b""
    while len(body) <= MAX_FORM_BYTES:
        message = await receive()
        body += message.get("body", b"")
        if not message.get("more_body"):
            break
    if len(body) > MAX_FORM_BYTES or [kind.partition(";")[0].strip() for kind in kinds] != [_FORM]:
        return None
    with contextlib.suppress(ValueError):
        return dict(urllib.parse.parse_qsl(body.decode("latin-1"), max_num_fields=16))
    return None


def _day(given: dict[str, str], name: str, later: int = 0) -> datetime.datetime | None:
    if not (text := given.get(name, "")):
        return None
    try:
        day = datetime.datetime.strptime(text, "%Y-%m-%d") + datetime.timedelta(days=later)
        return day.astimezone()
    except (ValueError, OverflowError, OSError):
        raise InvalidInput(name, repr(text[:40]), "it must be a day, such as 2026-11-30") from None


def _empty(words: Catalogue, body: str) -> str:
    title = escape(Say(words)("title"))
    return (
        f'<!doctype html><html lang="{words.locale}"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>Inlay: {title}</title><style>{STYLE}</style></head><body><h1>{title}</h1>{body}</body></html>\n"
    )
