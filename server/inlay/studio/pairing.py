"""The machines that ask to be let in: in memory, for ten minutes, and not many."""

import asyncio
import secrets
import time
from dataclasses import dataclass, field, replace

from inlay.errors import Forbidden, InvalidInput, NotFound, QuotaExceeded
from inlay.pairing import NONCE_BYTES, commitment, heard, keeps, words_of
from inlay.person import OWNER, Person, Role
from inlay.studio.people import People, checked_name

REQUEST_S = 600.0
"""So long a request is good."""

REVEAL_S = 30.0
"""So long a machine may take to reveal its nonce; ours does at once."""

MAX_WAITING = 32
"""Requests that nobody has decided on; each is a few hundred bytes, and a list that a person reads."""

MAX_FROM_ONE = 4
"""Of those, from one address."""

MAX_LISTENING = 4
"""Calls that wait for one request."""


@dataclass(frozen=True)
class Admission:
    """As whom the studio lets a machine in."""

    name: str = ""
    """Empty: who it says."""
    role: Role = Role.ARTIST
    projects: tuple[str, ...] = ()
    expires_days: int | None = None
    known: bool = False
    """It is one more machine of somebody who is there already."""


@dataclass
class Request:
    """One machine that asks. Its words are there once it revealed its nonce."""

    pairing_id: str
    name: str
    machine: str
    came_from: str
    commitment: bytes
    nonce: bytes
    """The server's."""
    until_s: float
    """On the monotonic clock."""
    words: str = ""
    admission: Admission | None = None
    """None, once it is decided: it was turned away."""
    token: str = ""
    """Kept until the request runs out, for a machine whose line dropped as it was told."""
    decided: asyncio.Event = field(default_factory=asyncio.Event)
    collecting: asyncio.Lock = field(default_factory=asyncio.Lock)
    listening: int = 0

    @property
    def good_ms(self) -> int:
        return max(0, round((self.until_s - time.monotonic()) * 1000))


class Pairings:
    """The requests to one server. people: who gets the tokens."""

    def __init__(self, people: People) -> None:
        self._people = people
        self._requests: dict[str, Request] = {}

    def begin(self, name: str, machine: str, bound: bytes, came_from: str) -> Request:
        """A machine asks. Raises InvalidInput, and QuotaExceeded where too many do."""
        checked_name("name", name)
        checked_name("machine", machine)
        if len(bound) != len(commitment(b"")):
            raise InvalidInput("commitment", f"{len(bound)} bytes long", f"it must have {len(commitment(b''))}")
        self._forget()
        waiting = [one for one in self._requests.values() if not one.decided.is_set()]
        if len(waiting) >= MAX_WAITING or sum(one.came_from == came_from for one in waiting) >= MAX_FROM_ONE:
            raise QuotaExceeded("too many machines wait to be let in; try again in ten minutes", field="name")
        pairing_id, until_s = secrets.token_urlsafe(16), time.monotonic() + REVEAL_S
        nonce = secrets.token_bytes(NONCE_BYTES)
        self._requests[pairing_id] = Request(pairing_id, name, machine, came_from, bound, nonce, until_s)
        return self._requests[pairing_id]

    def reveal(self, pairing_id: str, nonce: bytes, certificate_sha256: bytes) -> Request:
        """The machine tells its nonce, now that it knows the server's: from here on there are words. Raises NotFound, Forbidden."""
        self._forget()
        request = self._requests.get(pairing_id)
        if request is None:
            raise NotFound("pairing", pairing_id, field="pairing_id", hint="it ran out; ask anew")
        if len(nonce) != NONCE_BYTES or not keeps(nonce, request.commitment):
            raise Forbidden("the nonce is not the one that the request is bound to; ask anew", field="nonce")
        if not request.words:
            request.until_s = time.monotonic() + REQUEST_S
            request.words = words_of(certificate_sha256, request.name, request.machine, nonce, request.nonce)
        return request

    def waiting(self) -> list[Request]:
        """Those with words that nobody has decided on, the oldest first."""
        self._forget()
        return [one for one in self._requests.values() if one.words and not one.decided.is_set()]

    async def decide(self, words: str, admission: Admission | None, by: Person) -> Request:
        """Let in the machine that shows these words, or (None) turn it away.

        Raises NotFound where none shows them, InvalidInput for a name that cannot be taken, Forbidden for what an admin may not:
        they see of others' work neither pixels nor words, so they can make themselves neither a lead nor somebody who is there.
        """
        request = self._showing(words)
        if admission:
            admission = replace(admission, name=admission.name or request.name)
            if by != OWNER and (admission.role is not Role.ARTIST or admission.known):
                limit = "an admin lets in new artists; anybody else is let in with the server's own token"
                raise Forbidden(limit, field="known" if admission.known else "role")
            await asyncio.to_thread(self._check, admission)
            request = self._showing(words)  # another may have decided meanwhile
        request.admission = admission
        request.decided.set()
        return request

    async def collect(self, request: Request) -> str:
        """The token of a machine that was decided on, made as it is fetched. Raises Forbidden for one that was turned away."""
        admission = request.admission
        if admission is None:
            raise Forbidden("the studio turned this machine away", field="pairing_id")
        async with request.collecting:
            if not request.token:
                request.token = await asyncio.to_thread(self._token, admission)
        return request.token

    def _showing(self, words: str) -> Request:
        request = next((one for one in self.waiting() if one.words == heard(words)), None)
        if request is None:
            hint = "if a machine shows them, somebody sits between: do not go on; else they ran out"
            raise NotFound("pairing", heard(words), field="words", hint=hint)
        return request

    def _check(self, admission: Admission) -> None:
        """Raise what making the token would."""
        checked_name("name", admission.name)
        for project in admission.projects:
            checked_name("projects", project)
        if admission.known:
            self._people.entry(admission.name)
        elif self._people.is_taken(admission.name):
            raise InvalidInput(
                "name", repr(admission.name), "there is such a person; --known gives them one more machine"
            )

    def _token(self, admission: Admission) -> str:
        if admission.known:
            return self._people.another(admission.name, admission.expires_days)[1]
        return self._people.add(admission.name, admission.role, admission.projects, admission.expires_days)[1]

    def _forget(self) -> None:
        """Nothing is kept of what ran out."""
        now_s = time.monotonic()
        for one in [one for one in self._requests.values() if one.until_s <= now_s]:
            del self._requests[one.pairing_id]
