"""What happens, written down and told: the journal, and everyone who waits for the next event of a job."""

import asyncio
import math
import time
from collections import OrderedDict
from collections.abc import Callable, Sequence
from typing import NamedTuple

from inlay.errors import Unavailable
from inlay.events import Event, Happening, Queued
from inlay.hindrances import hindrance_of
from inlay.job import canonical_id
from inlay.jobs.journal import Journal
from inlay.jobs.keeper import Keeper
from inlay.jobs.occurrences import Happened
from inlay.jobs.standstill import DATA_FOLDER, Standstill

REMEMBERED = 16
"""Jobs that many may watch at once; events of one are a few megabytes at most."""


class _Hidden(NamedTuple):
    """What happened from event number `seq` on is told once so many commits are on the disk."""

    owed: int
    seq: int


class Chronicle:
    """The journal and its readers. Everything here belongs to one event loop.

    attempt: writes beside the journal for real, and raises what hinders it. position: how many jobs stand before one.
    """

    def __init__(self, journal: Journal, attempt: Callable[[], None], position: Callable[[str], int]) -> None:
        self._journal = journal
        self._attempt_beside = attempt
        self._position = position
        self._bells: dict[str, asyncio.Event] = {}
        self._read: OrderedDict[str, dict[int, Sequence[Event]]] = OrderedDict()
        """What is behind which number of the jobs that were read last, until more happens: many watchers ask for the same."""
        self._closed = False
        self._hidden: dict[str, list[_Hidden]] = {}
        """Of which jobs nobody is told what, for it is not on the disk yet."""
        self.tell = journal.onlookers.tell
        self.standstill = Standstill(self._attempt, self._ring_all)
        self._keeper = Keeper(journal, self.standstill, self._show)

    def append(self, happenings: Sequence[tuple[str, Happening]]) -> None:
        """Write down what happened, and wake whoever waits for it. Raises as `Journal.append_each` does."""
        if not happenings:
            return
        before = self._keeper.owed
        events = self._journal.append_each(happenings)
        for (job_id, happening), event in zip(happenings, events, strict=True):
            self.tell(Happened(job_id, happening))
            if self._keeper.owed > before:
                self._hidden.setdefault(canonical_id(job_id), []).append(_Hidden(self._keeper.owed, event.seq))
            self._ring(job_id)
        self._keeper.begin()

    def try_to(self, write: Callable[[], None]) -> None:
        """Write what may be missing, unless something outside hinders it."""
        try:
            write()
        except Exception as error:
            hindrance = hindrance_of(error)
            if hindrance is None:
                raise
            self.standstill.met(DATA_FOLDER, hindrance)

    async def kept(self, patience_s: float = math.inf) -> None:
        """As `inlay.jobs.keeper.Keeper.kept`."""
        await self._keeper.kept(patience_s)

    def _show(self) -> None:
        """Something reached the disk: whoever waits for it may be told."""
        for job_id, hidden in [*self._hidden.items()]:
            hidden[:] = [one for one in hidden if not self._keeper.has_kept(one.owed)]
            if not hidden:
                del self._hidden[job_id]
            self._ring(job_id)

    async def next(self, job_id: str, after_seq: int, told: str | None = None) -> Sequence[Event]:
        """Wait for the events after number `after_seq`; none once the job ended.

        told: why jobs wait, as the caller knows it; where there is another reason, `waiting` is the answer. None: only what
        is in the journal will do. Raises NotFound, InvalidInput; Unavailable once this is closed.
        """
        job_id = canonical_id(job_id)
        while True:
            if self._closed:
                raise Unavailable("the server stops; the job goes on when it is back")
            events, hidden = self._events(job_id, after_seq), self._hidden.get(job_id)
            if hidden:
                events = [event for event in events if event.seq < hidden[0].seq]
            if events or (not hidden and self._journal.state(job_id).ended):
                return events
            if told is not None and (not hidden or self._keeper.is_hindered):  # else what is hidden is about to be told
                if self.standstill.why not in ("", told):
                    return self.waiting(job_id, after_seq)
                told = self.standstill.why
            await self._bells.setdefault(job_id, asyncio.Event()).wait()

    def waiting(self, job_id: str, seq: int) -> Sequence[Event]:
        """That a job waits and why, numbered `seq`: the one event that is in no journal. None where nothing is hindered."""
        if not self.standstill.why:
            return []
        waits = Queued(self._position(canonical_id(job_id)), None, self.standstill.why)
        return [Event(seq, time.time_ns() // 1_000_000, waits)]

    def close(self) -> None:
        """Whoever waits gets Unavailable."""
        self._closed = True
        self._keeper.stop()
        self._ring_all()

    def _attempt(self) -> None:
        self._attempt_beside()
        self._journal.attempt()
        self._keeper.brought()

    def _events(self, job_id: str, after_seq: int) -> Sequence[Event]:
        known = self._read.setdefault(job_id, {})
        if after_seq in known:
            return known[after_seq]
        events = self._journal.events(job_id, after_seq)
        known[after_seq] = events
        while len(self._read) > REMEMBERED:
            self._read.popitem(last=False)
        return events

    def _ring(self, job_id: str) -> None:
        self._read.pop(job_id, None)
        bell = self._bells.pop(job_id, None)
        if bell:
            bell.set()

    def _ring_all(self) -> None:
        for job_id in list(self._bells):
            self._ring(job_id)
