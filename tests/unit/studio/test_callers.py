"""Whoever is let in is looked at again as long as their calls are under way."""

import asyncio
import contextlib
from types import SimpleNamespace
from typing import Any, cast

import pytest

from inlay.errors import InlayError, Unauthenticated, Unavailable
from inlay.person import Person
from inlay.rpc import callers
from inlay.rpc.callers import Callers
from inlay.rpc.security import Token
from inlay.studio.people import Bearer

TOKEN = "Bearer inlay_0a0a0a0a_" + "A" * 43


class Doorman:
    """Knows one person, and is asked for them."""

    def __init__(self) -> None:
        self.asked = 0
        self.heard = asyncio.Event()
        self.refusal: InlayError | None = None

    def bearer(self, token: str) -> Bearer:
        self.asked += 1
        self.heard.set()
        if self.refusal:
            raise self.refusal
        return Bearer(Person("anna"), "0a0a0a0a")

    def used(self, token_id: str) -> None:
        pass

    async def next(self) -> None:
        """Wait until somebody asks."""
        self.heard.clear()
        await self.heard.wait()


def under_way(doorman: Doorman) -> tuple[Callers, Any]:
    people, reviews = cast(Any, doorman), cast(Any, None)
    call = SimpleNamespace(principal=None, authorization=TOKEN, signed_in=None)
    return Callers(Token("another", None), reviews, people), call


@pytest.fixture(autouse=True)
def soon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(callers, "LOOK_S", 0.05)


def test_a_person_with_many_calls_is_looked_at_once() -> None:
    async def many() -> None:
        doorman = Doorman()
        door, call = under_way(doorman)
        async with contextlib.AsyncExitStack() as calls:
            for _ in range(200):
                await calls.enter_async_context(door.present(call, "/PollJob"))
            doorman.asked = 0
            await doorman.next()
            assert doorman.asked == 1

    asyncio.run(many())


def test_a_person_who_cannot_be_looked_up_for_a_moment_stays_and_is_sent_away_once_revoked() -> None:
    async def moments() -> None:
        doorman = Doorman()
        door, call = under_way(doorman)
        async with asyncio.timeout(30), door.present(call, "/PollJob"):
            doorman.refusal = Unavailable("who may come in cannot be read")
            await doorman.next()
            await doorman.next()
            doorman.refusal = Unauthenticated("this token was revoked")
            await asyncio.Event().wait()

    with pytest.raises(Unauthenticated, match="was revoked"):
        asyncio.run(moments())
