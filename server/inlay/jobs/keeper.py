"""Sees to it that what the journal has committed reaches the disk soon, and lets those wait who want to tell of it."""

import asyncio
import math
from collections.abc import Callable

from inlay.errors import Hindered, StorageFull
from inlay.jobs.journal import Journal
from inlay.jobs.occurrences import Committed
from inlay.jobs.standstill import DATA_FOLDER, Standstill, pauses


class Keeper:
    """Of a journal, on one event loop; where each commit waits for the disk itself, there is nothing to do.

    show: called whenever something has reached the disk.
    """

    def __init__(self, journal: Journal, standstill: Standstill, show: Callable[[], None]) -> None:
        self._durability = journal.durability
        self._tell = journal.onlookers.tell
        self._standstill = standstill
        self._show = show
        self._turned = asyncio.Event()
        self._hindrance: Hindered | StorageFull | None = None
        """Why it does not get there, since the last try."""
        self._keeping: asyncio.Task[None] | None = None

    @property
    def owed(self) -> int:
        """How many commits there were that have to be on the disk before anybody is told."""
        return self._durability.owed if self._durability else 0

    def has_kept(self, owed: int) -> bool:
        """Whether so many of them are."""
        return self._durability is None or self._durability.kept >= owed

    @property
    def is_hindered(self) -> bool:
        """Whether the last try to bring something there failed."""
        return self._hindrance is not None

    def begin(self) -> None:
        """Bring to the disk what is not there yet, unless that is under way."""
        if not self.has_kept(self.owed) and (self._keeping is None or self._keeping.done()):
            self._keeping = asyncio.create_task(self._keep())

    async def kept(self, patience_s: float = math.inf) -> None:
        """Wait until all that is committed by now is on the disk.

        Raises what hinders that once it did for `patience_s`, a full disk at once unless they are endless.
        """
        owed, clock, until_s = self.owed, asyncio.get_running_loop().time, math.inf
        while not self.has_kept(owed):
            self.begin()
            if self._hindrance:
                until_s = min(until_s, clock() + patience_s)
                if clock() >= until_s or (isinstance(self._hindrance, StorageFull) and patience_s < math.inf):
                    raise self._hindrance
            try:
                async with asyncio.timeout_at(None if math.isinf(until_s) else until_s):
                    await self._turned.wait()
            except TimeoutError:
                continue

    def brought(self) -> None:
        """What was owed reached the disk in another way: whoever tried the disk saw to it."""
        self._hindrance = None
        self._show()
        self._turn()

    def stop(self) -> None:
        """Bring nothing more to the disk; closing the journal does."""
        if self._keeping:
            self._keeping.cancel()

    async def _keep(self) -> None:
        durability, growing = self._durability, pauses()
        while durability and durability.kept < durability.owed:
            try:
                seconds = await asyncio.get_running_loop().run_in_executor(durability.thread, durability.sync)
            except (Hindered, StorageFull) as hindrance:
                self._hindrance = hindrance
                self._standstill.met(DATA_FOLDER, hindrance)
                self._turn()
                await asyncio.sleep(next(growing))
            else:
                growing = pauses()
                self._tell(Committed(seconds, True))
                self.brought()

    def _turn(self) -> None:
        self._turned.set()
        self._turned = asyncio.Event()
