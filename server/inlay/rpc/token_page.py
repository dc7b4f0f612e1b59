"""Where somebody who is signed in by the studio's proxy makes tokens for their plugins: an ASGI app, without a line of script.

It is there behind a proxy only (`inlay.rpc.proxy`). A token is shown once, in the answer to the form that asked for it. What
changes something is taken from this page alone: by Sec-Fetch-Site, or by Origin where a browser sends none (OWASP's
Cross-Site Request Forgery Prevention, "Fetch Metadata").
"""

import asyncio
import base64
import datetime
import hashlib
import urllib.parse
from collections.abc import Mapping
from html import escape
from typing import Any

from inlay.errors import Forbidden, InlayError, InvalidInput, NotFound, OverLimit, Unauthenticated
from inlay.forms import Catalogue
from inlay.forms.catalogue import Catalogues
from inlay.jobs.audit import Line
from inlay.jobs.queue import Jobs
from inlay.person import Person
from inlay.rpc.callers import Callers
from inlay.rpc.language import first_of
from inlay.rpc.proxy import SignedIn
from inlay.rpc.report_page import MAX_FORM_BYTES, form_in
from inlay.rpc.review_page import HEADERS
from inlay.statuses import status_of
from inlay.studio.people import OWN_DAYS, People
from inlay.studio.tokens import PROXY_TOKEN, Token

PATH = "/token"

STYLE = """
:root { color-scheme: light dark; --ink: #1d1f21; --soft: #5b6066; --page: #fff; --line: #d6d9dc; --mark: #eef4f9 }
@media (prefers-color-scheme: dark) {
:root { --ink: #e6e8ea; --soft: #a3a9af; --page: #17191b; --line: #3a3f44; --mark: #1d2833 } }
body { background: var(--page); color: var(--ink); font: 16px/1.5 system-ui, sans-serif; margin: 0 auto; max-width: 40rem;
padding: 1.5rem 1rem; overflow-wrap: anywhere }
h1 { font-size: 1.4rem; margin: 0 0 .5rem } h2 { font-size: 1.1rem; margin: 2rem 0 .5rem } p { margin: .4rem 0 }
.soft { color: var(--soft) } .refused { font-weight: 600 }
.made { background: var(--mark); border: 1px solid var(--line); border-radius: .4rem; padding: .8rem 1rem; margin: 1rem 0 }
.made code { display: block; font: 1rem/1.6 ui-monospace, monospace; user-select: all }
ul { list-style: none; margin: 0; padding: 0 }
li { align-items: center; border-top: 1px solid var(--line); display: flex; flex-wrap: wrap; gap: .3rem 1rem; padding: .6rem 0 }
li div { flex: 1 1 14rem } li p { margin: 0 }
button { font: inherit; min-height: 2.75rem; padding: 0 1rem }
"""

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

_STATUS: Mapping[type[InlayError], int] = {
    Unauthenticated: 401,
    Forbidden: 403,
    InvalidInput: 400,
    NotFound: 404,
    OverLimit: 429,
}
_HTML, _TEXT = "text/html; charset=utf-8", "text/plain; charset=utf-8"

Answer = tuple[int, str, str]
"""Status, content type, body."""


class TokenPage:
    """Answers under /token. callers: who is signed in. jobs: in whose journal it is noted. words: of the languages."""

    def __init__(self, callers: Callers, people: People, jobs: Jobs, words: Catalogues) -> None:
        self._callers = callers
        self._people = people
        self._jobs = jobs
        self._words = words

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        headers = {name.decode().lower(): value.decode() for name, value in scope["headers"]}
        status, kind, text = await self._answer(scope, receive, headers)
        body = text.encode()
        raw = {**HEADERS, "content-security-policy": _POLICY, "content-type": kind, "content-length": str(len(body))}
        if status in (303, 308):
            raw["location"] = f"{PATH}/"
        elif status == 405:
            raw["allow"] = "GET, HEAD, POST"
        sent = [(name.encode(), value.encode()) for name, value in raw.items()]
        await send({"type": "http.response.start", "status": status, "headers": sent})
        await send({"type": "http.response.body", "body": b"" if scope["method"] == "HEAD" else body})

    async def _answer(self, scope: Any, receive: Any, headers: Mapping[str, str]) -> Answer:
        method, host = scope["method"], str((scope["client"] or ("", 0))[0])
        signed_in = self._callers.proxy.signed_in(host, headers) if self._callers.proxy else None
        if signed_in is None or scope["path"] not in (PATH, f"{PATH}/"):
            return 404, _TEXT, "there is no such page\n"
        if method not in ("GET", "HEAD", "POST"):
            return 405, _TEXT, "this is a page; it can be read\n"
        if scope["path"] == PATH and method != "POST":
            return 308, _TEXT, ""
        words = self._words.speaking(first_of(headers.get("accept-language", "")))
        try:
            person = self._callers.admit(f"{PATH}/", "", signed_in).person
        except InlayError as error:
            return _STATUS.get(type(error), 500), _HTML, _page(words, _refused(words, error))
        if method != "POST":
            return 200, _HTML, self._shown(words, person)
        if not _is_same_origin(headers):
            return 403, _TEXT, "pages from elsewhere may not ask this\n"
        given = await form_in(scope, receive)
        if given is None:
            return 415, _TEXT, f"a form of at most {MAX_FORM_BYTES} bytes is taken here\n"
        peer = ":".join(map(str, scope["client"] or ("?",)))
        return await self._changed(words, person, given, _peer(signed_in, peer))

    async def _changed(self, words: Catalogue, person: Person, given: Mapping[str, str], peer: str) -> Answer:
        facts = {"person": person.name, "project": person.project, "token": PROXY_TOKEN, "peer": peer}
        token = ""
        try:
            if given.get("make"):
                facts |= {"method": "MakeToken"}
                facts["about"], token = await asyncio.to_thread(self._people.make_own, person)
            else:
                which = given.get("revoke", "")[:8]
                facts |= {"method": "RevokeToken", "about": which}
                await asyncio.to_thread(self._people.revoke, person.name, which or "none")
        except InlayError as error:
            self._note(facts, status_of(error))
            return _STATUS.get(type(error), 500), _HTML, self._shown(words, person, _refused(words, error))
        self._note(facts, "OK")
        if not token:
            return 303, _TEXT, ""
        made = f"<p>{_said(words, 'made')}</p><code>{escape(token)}</code><p>{_said(words, 'paste')}</p>"
        return 200, _HTML, self._shown(words, person, f'<div class="made" role="status">{made}</div>')

    def _note(self, facts: Mapping[str, str], outcome: str) -> None:
        line = Line({name: value for name, value in facts.items() if value})
        self._jobs.try_to(lambda: self._jobs.journal.audit.note(line, outcome))

    def _shown(self, words: Catalogue, person: Person, told: str = "") -> str:
        tokens = self._people.own(person.name)
        make = (
            f'<form method="post" action="{PATH}/"><button name="make" value="1">{_said(words, "make")}</button></form>'
        )
        listed = "".join(_listed(words, token) for token in tokens)
        return _page(
            words,
            f'<p class="soft">{_said(words, "who", name=person.name)}</p><p>{_said(words, "what", days=OWN_DAYS)}</p>{told}{make}'
            f"<h2>{_said(words, 'yours')}</h2>"
            + (f"<ul>{listed}</ul>" if tokens else f"<p>{_said(words, 'none')}</p>"),
        )


def _listed(words: Catalogue, token: Token) -> str:
    until = _said(words, "until", day=_day(token.expires_unix_ms)) if token.expires_unix_ms else _said(words, "always")
    used = _said(words, "used", day=_day(token.used_unix_ms)) if token.used_unix_ms else _said(words, "unused")
    told = f"{_said(words, 'since', day=_day(token.made_unix_ms))}; {until}; {used}"
    name = f"{_said(words, 'revoke')} {token.id}"
    button = f'<button name="revoke" value="{token.id}" aria-label="{name}">{_said(words, "revoke")}</button>'
    return (
        f'<li><div><p><code>{token.id}</code></p><p class="soft">{told}</p></div>'
        f'<form method="post" action="{PATH}/">{button}</form></li>'
    )


def _page(words: Catalogue, body: str) -> str:
    title = _said(words, "title")
    return (
        f'<!doctype html><html lang="{words.locale}"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>Inlay: {title}</title><style>{STYLE}</style></head><body><h1>{title}</h1>{body}</body></html>\n"
    )


def _refused(words: Catalogue, error: InlayError) -> str:
    return f'<p class="refused" role="alert">{escape(words.translated(error.message))}</p>'


def _said(words: Catalogue, key: str, **values: object) -> str:
    return escape(words.say(f"server.own_tokens.{key}", **values))


def _day(unix_ms: int) -> str:
    return f"{datetime.datetime.fromtimestamp(unix_ms / 1000).astimezone():%Y-%m-%d}"


def _peer(signed_in: SignedIn, address: str) -> str:
    return f"{signed_in.came_from} by {address}" if signed_in.came_from else address


def _is_same_origin(headers: Mapping[str, str]) -> bool:
    """Whether this page itself sent a form."""
    if site := headers.get("sec-fetch-site"):
        return site == "same-origin"
    try:
        origin = urllib.parse.urlsplit(headers.get("origin", ""))
    except ValueError:
        return False
    return origin.scheme in ("http", "https") and origin.netloc == headers.get("host")
