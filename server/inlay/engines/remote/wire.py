"""One HTTP call to another server: to the configured host only, without proxies, redirects or packed bodies, never too long or
too large, and over as soon as the job is cancelled.
"""

import asyncio
import contextlib
import http.client
from collections.abc import Callable, Coroutine, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple, TypeVar

import httpcore2
import httpx2

import inlay
from inlay.engines.remote.lines import Lines, target_of
from inlay.errors import BadAnswer, Declined, InlayError

CONNECT_S = 10.0
HEADERS = {"user-agent": f"inlay/{inlay.__version__}", "accept": "*/*", "accept-encoding": "identity"}
LOOK_S = 0.05
"""How often it is looked whether the job was cancelled."""

MAX_BYTES = 96 * 2**20
"""Of an answer: a picture of 4096 x 4096 px with 16 bits and alpha, as base64."""

T = TypeVar("T")

# As much as asyncio hands over at once; in pieces of 64 KiB, as it is set, a window of floats costs three times as much.
httpcore2.AsyncHTTP11Connection.READ_NUM_BYTES = 256 * 2**10  # pyright: ignore[reportAttributeAccessIssue]


class NotReached(Exception):
    """Nothing was sent: nobody listens there. how: in words."""

    def __init__(self, how: str) -> None:
        super().__init__(how)
        self.how = how


class BrokenOff(Exception):
    """It was sent, and no whole answer came. how: in words."""

    def __init__(self, how: str) -> None:
        super().__init__(how)
        self.how = how


class Answer(NamedTuple):
    """status: HTTP's. headers: by lower-case names."""

    status: int
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True)
class Request:
    """path: after the address. headers: besides those that every call has; they may hold a key, so nothing shows them."""

    method: str
    path: str
    headers: Mapping[str, str] = field(default_factory=dict[str, str], repr=False)
    json: Any = field(default=None, repr=False)
    data: Mapping[str, str] | None = field(default=None, repr=False)
    files: list[tuple[str, tuple[str, bytes, str]]] | None = field(default=None, repr=False)
    params: Mapping[str, str] | None = None


class Wire:
    """Calls to one address, one after the other.

    keeps_lines: connections are used again. Not for what costs money: whether a call on a connection that was just closed has
    arrived cannot be told.
    """

    def __init__(self, address: str, timeout_s: float, *, keeps_lines: bool = False) -> None:
        self._address = address
        self._timeout_s = timeout_s
        self._loop = asyncio.new_event_loop()
        self._lines = Lines(address, CONNECT_S, timeout_s) if keeps_lines else None
        self._client = httpx2.AsyncClient(
            trust_env=False,
            follow_redirects=False,
            timeout=httpx2.Timeout(timeout_s, connect=CONNECT_S),
            limits=httpx2.Limits(max_keepalive_connections=0),
            headers=HEADERS,
        )

    def call(self, request: Request, check: Callable[[], None], most_bytes: int = MAX_BYTES) -> Answer:
        """The answer to `request`, whatever its status but a redirect. check: raises once the job was cancelled.

        Raises NotReached, BrokenOff, BadAnswer for more than `most_bytes`, Declined for a redirect, what `check` raises.
        """
        return self.watched(self._call(request, most_bytes), check)

    def watched(self, doing: Coroutine[Any, Any, T], check: Callable[[], None]) -> T:
        """What `doing` returns; it is ended as soon as `check` raises."""
        return self._loop.run_until_complete(_watched(doing, check))

    async def sent(self, request: Request, most_bytes: int = MAX_BYTES) -> Answer:
        """As `call`, from within what is `watched`."""
        return await self._call(request, most_bytes)

    def close(self) -> None:
        """End all connections."""
        with contextlib.suppress(RuntimeError):
            if self._lines:
                self._lines.close()
            self._loop.run_until_complete(self._client.aclose())
            self._loop.close()

    async def _call(self, request: Request, most_bytes: int) -> Answer:
        # `from None`: the library's errors hold the request with all its headers.
        try:
            async with asyncio.timeout(self._timeout_s):
                if self._lines:
                    return await _kept(self._lines, request, most_bytes)
                return await self._exchange(request, most_bytes)
        except InlayError:
            raise
        except (httpx2.ConnectError, httpx2.ConnectTimeout, httpx2.PoolTimeout) as error:
            raise NotReached(_words(error)) from None
        except (TimeoutError, httpx2.TimeoutException):
            raise BrokenOff(f"did not answer within {self._timeout_s:g} s") from None
        except httpx2.HTTPError as error:
            raise BrokenOff(f"broke the connection off ({_words(error)})") from None

    async def _exchange(self, request: Request, most_bytes: int) -> Answer:
        async with self._client.stream(
            request.method,
            self._address + request.path,
            headers=dict(request.headers),
            json=request.json,
            data=dict(request.data) if request.data is not None else None,
            files=request.files,
            params=dict(request.params) if request.params is not None else None,
        ) as response:
            headers = {name.lower(): value for name, value in response.headers.items()}
            _check_head(response.status_code, headers)
            pieces, length = list[bytes](), 0
            async for piece in response.aiter_raw():
                pieces.append(piece)
                length += len(piece)
                if length > most_bytes:
                    raise BadAnswer(f"the answer is longer than {most_bytes // 2**20} MiB")
            return Answer(response.status_code, headers, b"".join(pieces))


async def _kept(lines: Lines, request: Request, most_bytes: int, new: bool = False) -> Answer:
    """As `Wire.call`, on a connection that stays. new: none that was asked before."""
    try:
        line, is_old = await lines.line(new)
    except (OSError, TimeoutError) as error:
        raise NotReached(_words(error)) from None
    # What httpx2 makes of a form and of JSON.
    made = httpx2.Request(request.method, "http://x", data=request.data, files=request.files, json=request.json)
    kind = made.headers.get("content-type")
    headers = {**HEADERS, **request.headers, **({"content-type": kind} if kind else {})}
    try:
        target = target_of(request.path, request.params)
        head, answer = await lines.exchange(line, request.method, target, headers, made.read(), most_bytes)
    except ConnectionError as error:
        # Closed while it was idle; what only asks may be asked again (RFC 9110, 9.2.2).
        if is_old and request.method == "GET":
            return await _kept(lines, request, most_bytes, new=True)
        raise BrokenOff(f"broke the connection off ({_words(error)})") from None
    except (OSError, ValueError, http.client.HTTPException) as error:
        raise BrokenOff(f"broke the connection off ({_words(error)})") from None
    _check_head(*head)
    return Answer(*head, answer)


def _check_head(status: int, headers: Mapping[str, str]) -> None:
    if 300 <= status < 400:
        raise Declined("it sends the request on to another address, which is never followed")
    if headers.get("content-encoding", "identity") != "identity":
        raise BadAnswer(f"the answer is packed ({headers['content-encoding'][:40]}), which was not asked for")


async def _watched(doing: Coroutine[Any, Any, T], check: Callable[[], None]) -> T:
    task = asyncio.ensure_future(doing)
    try:
        while not (await asyncio.wait({task}, timeout=LOOK_S))[0]:
            check()
    except BaseException:
        task.cancel()
        await asyncio.wait({task})
        raise
    return task.result()


def _words(error: Exception) -> str:
    return str(error)[:120] or type(error).__name__
