"""Whether somebody may have one more job: their limits, what they have used, and what stands in the line."""

import asyncio
from collections.abc import Callable, Collection, Sequence
from dataclasses import replace

from inlay.blobs import BlobStore
from inlay.engines.registry import Registry
from inlay.job import Lane, Ticket, lane_of
from inlay.jobs.announcer import Announcer
from inlay.jobs.entry import Entry
from inlay.jobs.journal import Journal
from inlay.jobs.limits import LIMITS_FILE, LimitBook, Standing, Used, admitted
from inlay.jobs.line import Line
from inlay.jobs.room import result_bytes
from inlay.recipe import Recipe


class Allowance:
    """Of everybody who asks for jobs of `line`. devices: those that paint here."""

    def __init__(
        self,
        journal: Journal,
        blobs: BlobStore,
        line: Line,
        announcer: Announcer,
        devices: Callable[[], Collection[str]],
        registry: Registry,
    ) -> None:
        """Raises InvalidInput where there are limits beside the journal that are none."""
        self._limits = LimitBook(journal.path.with_name(LIMITS_FILE))
        self._usage = journal.usage
        self._blobs = blobs
        self._line = line
        self._announcer = announcer
        self._devices = devices
        self._registry = registry

    async def used(self, person: str) -> Used:
        """What somebody has used of what is limited."""
        limits, used = self._limits.of(person), Used()
        if limits.gpu_seconds or limits.gpu_seconds_soft:
            used = replace(used, spent=self._usage.today(person))
        if limits.storage_gib:
            used = replace(used, stored_bytes=await asyncio.to_thread(self._blobs.bytes_of, self._usage.blobs(person)))
        return used

    def admitted(self, recipe: Recipe, ticket: Ticket, used: Used) -> Ticket:
        """As `inlay.jobs.limits.admitted`."""
        person = ticket.by.name
        owed = [*self._owed(person)]
        standing = Standing(
            self._line.of(person),
            [*self._line.in_order()],
            sum(seconds for _, seconds in owed),
            sum(seconds for lane, seconds in owed if lane is not Lane.BATCH),
            self._begins_s,
            lambda: sum(result_bytes(entry.recipe, self._registry) for entry in self._unfinished(person)),
        )
        return admitted(ticket, ticket.lane or lane_of(recipe.sampling.tier), self._limits.of(person), standing, used)

    def _owed(self, person: str) -> Sequence[tuple[Lane, float]]:
        """What each of somebody's jobs that wait or are being painted here will take, and in which lane."""
        now_s = asyncio.get_running_loop().time()
        waiting = [(entry, entry.cost_s) for entry in self._line.of(person)]
        begun = [
            (turn.entry, max(turn.entry.cost_s, now_s - turn.began_s))
            for turn in self._line.begun
            if turn.entry.person == person
        ]
        return [(entry.lane, seconds) for entry, seconds in (*waiting, *begun) if not entry.is_away]

    def _unfinished(self, person: str) -> Sequence[Entry]:
        """Somebody's jobs that wait or are being painted."""
        return [*self._line.of(person), *(turn.entry for turn in self._line.begun if turn.entry.person == person)]

    def _begins_s(self, entries: Sequence[Entry]) -> float:
        """As `Standing.begins_s`; where nothing was measured, what all of them would take."""
        seconds = self._announcer.begins_s(entries, asyncio.get_running_loop().time())
        if seconds is None:
            return sum(entry.cost_s for entry in entries) / max(1, len(self._devices()))
        return seconds
