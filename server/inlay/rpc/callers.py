"""Who calls, and may they: the server's token is its owner's, people have theirs, a reviewer's opens a review and nothing else."""

import asyncio
import contextlib
from collections.abc import AsyncGenerator, Collection
from typing import Protocol

from inlay.errors import Forbidden, Unauthenticated, Unavailable
from inlay.jobs.review_links import TOKEN_PREFIX as LINK_PREFIX
from inlay.jobs.reviewing import Reviews
from inlay.person import NOBODY, OWNER, Principal
from inlay.rpc.proxy import Proxy, SignedIn
from inlay.rpc.security import Token
from inlay.studio.people import People, checked_name
from inlay.studio.tokens import PROXY_TOKEN, TOKEN_PREFIX
from inlay.wire.contract import FOR_REVIEWERS

LOOK_S = 1.0
"""So late a call that is under way learns that its token was revoked or ran out."""


class Call(Protocol):
    """A door's call, which is told whose it is."""

    principal: Principal

    @property
    def authorization(self) -> str:
        """As it stands there; empty without one."""
        ...

    @property
    def signed_in(self) -> SignedIn | None:
        """What the studio's proxy says of whoever calls; None where none is in front of the door."""
        ...


class Callers:
    """token: the server's. reviews: where reviewers' are known. people: the studio's. strangers: the paths that need no token."""

    def __init__(
        self,
        token: Token,
        reviews: Reviews,
        people: People,
        proxy: Proxy | None = None,
        strangers: Collection[str] = (),
    ) -> None:
        self.proxy = proxy
        self.strangers = strangers
        self._token = token
        self._reviews = reviews
        self._people = people
        self._present: dict[asyncio.Timeout, tuple[str, str, SignedIn | None]] = {}
        """The calls of people under way, and what they showed."""
        self._looking: asyncio.Task[None] | None = None

    def admit(self, path: str, authorization: str, signed_in: SignedIn | None = None) -> Principal:
        """Who calls the method at `path`. signed_in: what the studio's proxy says of them, which counts before the server's token.

        Raises Unauthenticated for a token that is none, Forbidden for a reviewer's that does not open it. What a reviewer or a
        person may do there, the method itself decides.
        """
        if path in self.strangers and not authorization:
            return Principal(NOBODY)
        token = bearer_token(authorization)
        if token.startswith(LINK_PREFIX):
            self._reviews.access(token)
            if path not in FOR_REVIEWERS:
                raise Forbidden("a review link opens its review and nothing else", field="authorization")
            return Principal(NOBODY, link=token)
        if token.startswith(TOKEN_PREFIX) and not self._token.is_(token):
            bearer = self._people.bearer(token)
            self._people.used(bearer.token_id)
            return Principal(bearer.person, bearer.token_id)
        if signed_in and self.proxy:
            person = self._people.signed_in(checked_name("user", signed_in.user), self.proxy.person(signed_in))
            if person is None:
                raise Forbidden("you are signed in, and nobody here knows you; ask the studio", field="authorization")
            return Principal(person, PROXY_TOKEN)
        self._token.check(authorization)
        return Principal(OWNER)

    @contextlib.asynccontextmanager
    async def present(self, call: Call, path: str) -> AsyncGenerator[None]:
        """A call, until the block ends; from then on it knows its principal.

        Raises as `admit` does, at once and as soon as whoever calls may not come in any more.
        """
        shown = path, call.authorization, call.signed_in
        call.principal = self.admit(*shown)
        if not call.principal.token_id:
            yield
            return
        until = asyncio.timeout(None)
        try:
            async with until:
                self._present[until] = shown
                if self._looking is None:
                    self._looking = asyncio.create_task(self._look())
                try:
                    yield
                finally:
                    del self._present[until]
        except TimeoutError:
            if until.expired():
                self.admit(*shown)
                raise Unauthenticated("this token is not good any more", field="authorization") from None
            raise

    async def _look(self) -> None:
        """End the calls of those who may not come in any more, as long as there are any."""
        while self._present:
            await asyncio.sleep(LOOK_S)
            # A person polls for many jobs at once: what all those calls show is looked at once.
            out = {shown for shown in {*self._present.values()} if not self._may_come_in(*shown)}
            for until, shown in self._present.items():
                if shown in out:
                    until.reschedule(asyncio.get_running_loop().time())
        self._looking = None

    def _may_come_in(self, path: str, authorization: str, signed_in: SignedIn | None) -> bool:
        try:
            self.admit(path, authorization, signed_in)
        except (Unauthenticated, Forbidden):
            return False
        except Unavailable:  # that cannot be read now; what is under way goes on, and is looked at again
            return True
        return True


def bearer_token(authorization: str) -> str:
    """What an `authorization` header shows; empty where it shows nothing."""
    scheme, _, given = authorization.partition(" ")
    return given.strip() if scheme.lower() == "bearer" else ""
