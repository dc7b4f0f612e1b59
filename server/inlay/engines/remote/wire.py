"""One HTTP call to another server: to the configured host only, without proxies, redirects or packed bodies, never too long or
too large, and over as soon as the job is cancelled.
"""

import asyncio
import contextlib
from collections.abc import Callable, Coroutine, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple, TypeVar

import httpx2

import inlay
from inlay.errors import BadAnswer, Declined, InlayError

CONNECT_S = 10.0
LOOK_S = 0.05
"""How often it is looked whether the job was cancelled."""

MAX_BYTES = 96 * 2**20
"""Of an answer: a picture of 4096 x 4096 px with 16 bits and alpha, as base64."""

T = TypeVar("T")


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
        self._client = httpx2.AsyncClient(
            trust_env=False,
            follow_redirects=False,
            timeout=httpx2.Timeout(timeout_s, connect=CONNECT_S),
            limits=httpx2.Limits(max_keepalive_connections=4 if keeps_lines else 0),
            headers={"user-agent": f"inlay/{inlay.__version__}", "accept": "*/*", "accept-encoding": "identity"},
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
            self._loop.run_until_complete(self._client.aclose())
            self._loop.close()

    async def _call(self, request: Request, most_bytes: int) -> Answer:
        # `from None`: the library's errors hold the request with all its headers.
        try:
            async with asyncio.timeout(self._timeout_s):
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
            if 300 <= response.status_code < 400:
                raise Declined("it sends the request on to another address, which is never followed")
            if headers.get("content-encoding", "identity") != "identity":
                raise BadAnswer(f"the answer is packed ({headers['content-encoding'][:40]}), which was not asked for")
            body = bytearray()
            async for chunk in response.aiter_raw():
                body += chunk
                if len(body) > most_bytes:
                    raise BadAnswer(f"the answer is longer than {most_bytes // 2**20} MiB")
            return Answer(response.status_code, headers, bytes(body))


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
