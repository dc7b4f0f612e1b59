"""The calls by which an artist's machine comes to a token of its own, and an admin lets it in."""

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass

from inlay.errors import InvalidInput, QuotaExceeded, Unsupported
from inlay.person import Role
from inlay.rpc.context import Context
from inlay.studio.pairing import MAX_LISTENING, REQUEST_S, Admission, Pairings, Request
from inlay.v1 import pairing_pb2
from inlay.wire.contract import SERVICE

FOR_STRANGERS = frozenset({f"/{SERVICE}/RequestPairing", f"/{SERVICE}/AwaitPairing"})
"""The paths that need no token where machines may ask to be let in, at the HTTP door."""

MAX_STRANGERS_BYTES = 4096
"""The longest request there."""

MAX_WAIT_MS = 30_000

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class PairingDesk:
    """Who asks to be let in. shown: SHA-256 of the certificate that a new connection is shown now."""

    pairings: Pairings
    shown: Callable[[], bytes]


class PairingCalls:
    """What of the service is about machines that ask to be let in."""

    pairing: PairingDesk | None = None
    """None: this server lets nobody ask."""

    async def request_pairing(
        self, request: pairing_pb2.RequestPairingRequest, context: Context
    ) -> pairing_pb2.RequestPairingResponse:
        desk = self._desk()
        begun = desk.pairings.begin(request.name, request.machine, request.commitment, context.host)
        _log.info("%s asks to be let in, from %s", request.name, context.caller, extra={"event": "pairing.asked"})
        return pairing_pb2.RequestPairingResponse(
            pairing_id=begun.pairing_id,
            nonce=begun.nonce,
            certificate_sha256=desk.shown(),
            good_ms=round(REQUEST_S * 1000),
        )

    async def await_pairing(
        self, request: pairing_pb2.AwaitPairingRequest, context: Context
    ) -> pairing_pb2.AwaitPairingResponse:
        desk = self._desk()
        if request.wait_ms > MAX_WAIT_MS:
            raise InvalidInput("wait_ms", request.wait_ms, f"it must be 0 .. {MAX_WAIT_MS}")
        asked = desk.pairings.reveal(request.pairing_id, request.nonce, desk.shown())
        if asked.listening >= MAX_LISTENING:
            raise QuotaExceeded(f"{MAX_LISTENING} calls wait for this request, and no more are let in")
        asked.listening += 1
        try:
            async with asyncio.timeout(min(request.wait_ms, asked.good_ms) / 1000):
                await asked.decided.wait()
        except TimeoutError:
            return pairing_pb2.AwaitPairingResponse()
        finally:
            asked.listening -= 1
        token = await desk.pairings.collect(asked)
        person = asked.admission.name if asked.admission else ""
        return pairing_pb2.AwaitPairingResponse(token=token, person=person)

    async def list_pairings(
        self, request: pairing_pb2.ListPairingsRequest, context: Context
    ) -> pairing_pb2.ListPairingsResponse:
        return pairing_pb2.ListPairingsResponse(pairings=[_told(one) for one in self._desk().pairings.waiting()])

    async def decide_pairing(
        self, request: pairing_pb2.DecidePairingRequest, context: Context
    ) -> pairing_pb2.DecidePairingResponse:
        decided = await self._desk().pairings.decide(
            request.words, _admission(request) if request.accept else None, context.person
        )
        person = decided.admission.name if decided.admission else ""
        said = f"lets {person} in" if person else f"turns away who called themselves {decided.name}"
        _log.info("%s %s, by %s", context.caller, said, decided.words, extra={"event": "pairing.decided"})
        return pairing_pb2.DecidePairingResponse(pairing=_told(decided), person=person)

    def _desk(self) -> PairingDesk:
        if self.pairing is None:
            raise Unsupported("this server lets no machine ask; start it with `inlay serve --pair` or --announce")
        return self.pairing


def _admission(request: pairing_pb2.DecidePairingRequest) -> Admission:
    try:
        role = Role(request.role or Role.ARTIST)
    except ValueError:
        raise InvalidInput("role", repr(request.role), f"it must be one of {', '.join(Role)}") from None
    return Admission(request.name, role, tuple(request.projects), request.expires_days or None, request.known)


def _told(request: Request) -> pairing_pb2.Pairing:
    return pairing_pb2.Pairing(
        name=request.name,
        machine=request.machine,
        came_from=request.came_from,
        words=request.words,
        good_ms=request.good_ms,
    )
