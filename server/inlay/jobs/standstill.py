"""Why accepted jobs wait although a worker is free, and how whoever must write outlasts it."""

import asyncio
import contextlib
import logging
import math
from collections.abc import Callable, Iterator
from typing import TypeVar

from inlay.errors import InlayError, StorageFull
from inlay.hindrances import hindrance_of

DATA_FOLDER = "data folder"
"""What is hindered where nothing can be written. Otherwise it is a device whose worker cannot be started, or a job."""

_FIRST_PAUSE_S = 0.05
_LONGEST_PAUSE_S = 2.0

_T = TypeVar("_T")

_log = logging.getLogger(__name__)


def pauses(longest_s: float = _LONGEST_PAUSE_S) -> Iterator[float]:
    """Seconds between one try and the next: they double up to `longest_s`, for ever."""
    pause_s = _FIRST_PAUSE_S
    while True:
        yield pause_s
        pause_s = min(2 * pause_s, longest_s)


class Standstill:
    """What is hindered, and by what. All methods belong to one event loop.

    attempt: writes to the data folder for real, and raises what hinders it; it decides when the journal's standstill is over.
    tell: called whenever `why` changed.
    """

    def __init__(self, attempt: Callable[[], None], tell: Callable[[], None]) -> None:
        self._attempt = attempt
        self._tell = tell
        self._turned = asyncio.Event()
        self._causes: dict[str, InlayError] = {}
        self._watching: asyncio.Task[None] | None = None

    @property
    def why(self) -> str:
        """A sentence; empty where nothing hinders."""
        return next((cause.message for cause in self._causes.values()), "")

    def met(self, what: str, cause: InlayError) -> None:
        """`what` cannot go on because of `cause`."""
        before, self._causes[what] = self.why, cause
        if self.why != before:
            _log.warning("jobs wait: %s", self.why)
            self._turn()
        if what == DATA_FOLDER and self._watching is None:
            self._watching = asyncio.create_task(self._watch())

    def over(self, what: str) -> None:
        """`what` goes on."""
        before = self.why
        self._causes.pop(what, None)
        if self.why != before:
            _log.warning("jobs wait no longer because %s", before)
            self._turn()

    async def changed(self, known: str) -> str:
        """Wait until `why` is no longer `known`; what it is then."""
        while self.why == known:
            await self._turned.wait()
        return self.why

    async def outlast(self, action: Callable[[], _T], patience_s: float = math.inf) -> _T:
        """Do `action`, again and again as long as something outside hinders it.

        Raises what is no hindrance; a hindrance once `patience_s` are over, a full disk at once unless they are endless.
        """
        deadline = asyncio.get_running_loop().time() + patience_s
        for pause_s in pauses():
            try:
                return action()
            except Exception as error:
                hindrance = hindrance_of(error)
                if hindrance is None:
                    raise
                self.met(DATA_FOLDER, hindrance)
                full = isinstance(hindrance, StorageFull) and patience_s < math.inf
                if full or asyncio.get_running_loop().time() + pause_s > deadline:
                    raise hindrance from error
            await asyncio.sleep(pause_s)
        raise AssertionError("pauses never end")

    async def stop(self) -> None:
        """Watch no more."""
        if self._watching:
            self._watching.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._watching

    def _turn(self) -> None:
        self._turned.set()
        self._turned = asyncio.Event()
        self._tell()

    async def _watch(self) -> None:
        for pause_s in pauses():
            await asyncio.sleep(pause_s)
            try:
                self._attempt()
            except Exception as error:
                hindrance = hindrance_of(error)
                if hindrance is None:
                    _log.exception("whether jobs can go on cannot be told")
                    break
                self.met(DATA_FOLDER, hindrance)
            else:
                break
        self._watching = None
        self.over(DATA_FOLDER)
