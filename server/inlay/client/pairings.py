"""Machines that ask a server to be let in, as its admins see them."""

from collections.abc import Sequence
from typing import NamedTuple

from inlay.client.reviews import Ask
from inlay.person import Role
from inlay.v1 import pairing_pb2


class Waiting(NamedTuple):
    """A machine that asks, and what it says of itself."""

    words: str
    """What it shows, if nobody sits between."""
    name: str
    machine: str
    came_from: str
    good_s: int
    """So long it still may be let in."""


class Pairings:
    """once: a call of the contract by its name, made once."""

    def __init__(self, once: Ask) -> None:
        self._once = once

    def list(self) -> list[Waiting]:
        """Those that nobody has decided on, the oldest first. Raises Forbidden for who is no admin."""
        answer = self._once("ListPairings", pairing_pb2.ListPairingsRequest())
        return [
            Waiting(one.words, one.name, one.machine, one.came_from, one.good_ms // 1000) for one in answer.pairings
        ]

    def accept(
        self,
        words: str,
        name: str = "",
        role: Role = Role.ARTIST,
        projects: Sequence[str] = (),
        expires_days: int = 0,
        *,
        known: bool = False,
    ) -> str:
        """Let in the machine that shows these words; who came in. name: as whom, empty: who it says. expires_days 0: for ever.

        known: one more machine of somebody who is there. Raises NotFound, InvalidInput, Forbidden.
        """
        request = pairing_pb2.DecidePairingRequest(
            words=words,
            accept=True,
            name=name,
            role=role,
            projects=projects,
            expires_days=expires_days,
            known=known,
        )
        return str(self._once("DecidePairing", request).person)

    def refuse(self, words: str) -> None:
        """Turn away the machine that shows these words. Raises NotFound, Forbidden."""
        self._once("DecidePairing", pairing_pb2.DecidePairingRequest(words=words))
