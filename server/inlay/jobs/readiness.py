"""Which devices are ready: a device is once it has painted since its worker started, and until that ends."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from functools import partial

from inlay.errors import Hindered
from inlay.jobs.chronicle import Chronicle
from inlay.jobs.entry import is_away
from inlay.jobs.occurrences import Turned
from inlay.jobs.workers.base import Proof, Worker

DEVICES = "devices"
"""What is hindered where none of them paints."""


class Readiness:
    """Of those of `workers` that are no other server's. All methods belong to one event loop.

    stir: called whenever one is or is not ready any more.
    """

    def __init__(self, workers: Sequence[Worker], chronicle: Chronicle, stir: Callable[[], None]) -> None:
        self._workers = workers
        self._stir = stir
        self._chronicle = chronicle
        self._turned = asyncio.Event()
        self._told: dict[str, Proof] = {}
        for worker in workers:
            self.watch(worker)

    @property
    def devices(self) -> Mapping[str, Proof]:
        """How each stands."""
        return {worker.device: worker.proof for worker in self._workers if not is_away(worker.device)}

    async def changed(self, known: Mapping[str, Proof]) -> Mapping[str, Proof]:
        """Wait until `devices` is no longer `known`; what it is then."""
        while (now := self.devices) == known:
            await self._turned.wait()
        return now

    def watch(self, worker: Worker) -> None:
        """There is another."""
        worker.turned = partial(self.look, worker)
        self._ring()

    def look(self, worker: Worker) -> None:
        """Something about a worker is otherwise; or it has left."""
        devices, standstill = self.devices, self._chronicle.standstill
        proof = devices.get(worker.device, Proof())
        if proof != self._told.get(worker.device, Proof()):
            self._told[worker.device] = proof
            self._chronicle.tell(Turned(worker.device, *proof))
        if proof.painted:
            standstill.over(worker.device)
        if devices and all(one.why for one in devices.values()):
            standstill.met(DEVICES, Hindered(next(iter(devices.values())).why))
        else:
            standstill.over(DEVICES)
        self._ring()
        self._stir()

    def _ring(self) -> None:
        self._turned.set()
        self._turned = asyncio.Event()
