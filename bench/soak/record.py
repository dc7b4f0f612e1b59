"""What the soak's clients asked for, were promised and got, in their own words; and what of it breaks a promise."""

import hashlib
import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path

from bench.soak import painting
from inlay.events import LAST, Done, Event, Failed, JobCancelled, Preview, Queued, VariationDone
from inlay.recipe import Recipe

STEPS_AFTER_CANCEL = 1
"""The step that is being painted ends; of the next one the painter may just have begun as it was told."""

ONE_STEP_S = 0.5
"""A cancellation that was answered has so long to reach its painter before it is a step too late, on a machine with more
processes than cores."""

BLAMED = frozenset({"painter", "worker"})
"""Victims whose death counts against the job that they had; a job says that it ends at the second."""


@dataclass
class Asked:
    """One job, as its client knows it. Times are those of the machine's monotonic clock."""

    job_id: str
    recipe: Recipe
    accepted_s: float = 0.0
    """0: the server never said so."""
    events: list[tuple[float, Event]] = field(default_factory=list[tuple[float, Event]])
    """As they came, and when."""
    hashes: dict[int, str] = field(default_factory=dict[int, str])
    """By variation: SHA-256 of the samples that were fetched."""
    cancelled_s: float = 0.0
    """When the server had answered that it takes the job back; 0: never asked, or it was over."""
    again: list[Event] | None = None
    """All that the server tells of it once everything is over."""

    @property
    def last(self) -> Event | None:
        return self.events[-1][1] if self.events and isinstance(self.events[-1][1].happening, LAST) else None

    @property
    def got_s(self) -> dict[int, float]:
        """When a variation was first told of."""
        found: dict[int, float] = {}
        for at_s, event in self.events:
            if isinstance(event.happening, VariationDone):
                found.setdefault(event.happening.variation.index, at_s)
        return found


@dataclass
class Record:
    """Everything that happened in a part of the soak. Safe for threads: each job is one client's."""

    notes: Path
    """Where painters note their steps."""
    asked: dict[str, Asked] = field(default_factory=dict[str, Asked])
    kills: list[tuple[float, str]] = field(default_factory=list[tuple[float, str]])
    told: int = 0
    """Events that clients got, but those that a job waits."""
    errors: list[str] = field(default_factory=list[str])
    """What clients were refused with, and must not have been."""
    lock: threading.Lock = field(default_factory=threading.Lock)

    def hear(self, asked: Asked, event: Event) -> None:
        with self.lock:
            asked.events.append((time.monotonic(), event))
            self.told += not isinstance(event.happening, Queued)

    def kill(self, victim: str) -> None:
        with self.lock:
            self.kills.append((time.monotonic(), victim))

    def killed_between(self, begin_s: float, end_s: float, who: frozenset[str] | None = None) -> int:
        return sum(begin_s <= at_s <= end_s and (who is None or victim in who) for at_s, victim in self.kills)

    @property
    def accepted(self) -> list[Asked]:
        return [one for one in self.asked.values() if one.accepted_s]

    @property
    def cancelled(self) -> list[Asked]:
        return [one for one in self.accepted if one.cancelled_s]

    def violations(self, listed: Sequence[str]) -> list[str]:
        """Each broken promise in a sentence. listed: the ids of all jobs that the server says it has."""
        found = [*self.errors]
        for one in self.accepted:
            found += [f"job {one.job_id} (seed {one.recipe.sampling.seed}): {what}" for what in self._of(one)]
        unknown, lost = set(listed) - set(self.asked), {one.job_id for one in self.accepted} - set(listed)
        found += [f"the server has a job that nobody asked for: {job_id}" for job_id in unknown]
        found += [f"the server no longer has job {job_id}, which it accepted" for job_id in lost]
        return found

    def _of(self, one: Asked) -> Iterator[str]:
        yield from self._ended(one)
        yield from self._twice(one)
        if one.cancelled_s:
            yield from self._cancelled(one)
        yield from self._shown(one)
        yield from self._kept(one)

    def _ended(self, one: Asked) -> Iterator[str]:
        """Nothing accepted is lost: it is finished, with the pixels that its recipe decides, or it says why."""
        count = one.recipe.sampling.count
        match one.last and one.last.happening:
            case None:
                yield "lost: accepted, and never ended"
            case Done():
                if sorted(one.got_s) != list(range(count)):
                    yield f"lost: done with variations {sorted(one.got_s)} of {count}"
            case JobCancelled():
                if not one.cancelled_s:
                    yield "lost: it was taken back, and nobody asked for that"
            case Failed() as failed:
                died = self.killed_between(one.accepted_s, one.events[-1][0], BLAMED)
                if died < 2 or "second" not in failed.message:
                    yield f"lost: it failed after {died} deaths: {failed.message}"
            case other:
                yield f"ended with {other}"
        for index, sha256 in one.hashes.items():
            if sha256 != hashlib.sha256(painting.pixels_of(one.recipe, index)).hexdigest():
                yield f"variation {index} has not the pixels that its recipe decides"

    def _twice(self, one: Asked) -> Iterator[str]:
        """Nothing is done twice: told once, and never painted again once it was told."""
        numbers = [
            event.seq for _, event in one.events if not (isinstance(event.happening, Queued) and event.happening.why)
        ]
        if any(later <= earlier for earlier, later in pairwise(numbers)):
            yield f"events came out of order or twice: {numbers}"
        indices = [
            event.happening.variation.index for _, event in one.events if isinstance(event.happening, VariationDone)
        ]
        if len(indices) != len(set(indices)):
            yield f"done twice: variations {indices}"
        got_s = one.got_s
        for step in painting.begun(self.notes, one.recipe.sampling.seed):
            if step.step == 1 and step.at_s > got_s.get(step.variation, float("inf")):
                late_s = step.at_s - got_s[step.variation]
                yield f"done twice: variation {step.variation} was begun again {late_s:.2f} s after its client had it"

    def _cancelled(self, one: Asked) -> Iterator[str]:
        """Within one step of its answer nobody paints what was taken back."""
        if one.last and not isinstance(one.last.happening, JobCancelled):
            yield f"it was taken back, and ended with {type(one.last.happening).__name__}"
        late = [
            step
            for step in painting.begun(self.notes, one.recipe.sampling.seed)
            if step.at_s > one.cancelled_s + ONE_STEP_S
        ]
        if len(late) > STEPS_AFTER_CANCEL:
            yield f"{len(late)} steps were begun after it was taken back"

    def _shown(self, one: Asked) -> Iterator[str]:
        """Previews flow to whoever listened while it was painted, wherever nothing was killed meanwhile.

        Who looks for the server again, after it was killed, hears of a short job once it is done; its end removes previews.
        """
        steps = painting.begun(self.notes, one.recipe.sampling.seed)
        if not (steps and one.last and isinstance(one.last.happening, Done)):
            return
        listened = any(at_s < steps[-1].at_s for at_s, event in one.events if not isinstance(event.happening, Queued))
        whole = not self.killed_between(steps[0].at_s, one.events[-1][0])
        if listened and whole and not any(isinstance(event.happening, Preview) for _, event in one.events):
            yield "finished without a preview, and nothing was killed meanwhile"

    def _kept(self, one: Asked) -> Iterator[str]:
        """What a client was told is so for ever, whatever was killed since."""
        if one.again is None or one.last is None:
            return
        for kind in (VariationDone, *LAST):
            told = [event for _, event in one.events if isinstance(event.happening, kind)]
            now = [event for event in one.again if isinstance(event.happening, kind)]
            if told != now:
                yield f"its client was told {len(told)} x {kind.__name__}, and now the server tells {len(now)} or other ones"

    @property
    def figures(self) -> str:
        """What happened, in a line."""
        victims = [victim for _, victim in self.kills]
        killed = ", ".join(f"{victims.count(one)} {one}" for one in sorted(set(victims)))
        variations = sum(len(one.got_s) for one in self.asked.values())
        previews = sum(isinstance(event.happening, Preview) for one in self.accepted for _, event in one.events)
        last = [type(one.last.happening) for one in self.accepted if one.last]
        late = [
            sum(step.at_s > one.cancelled_s for step in painting.begun(self.notes, one.recipe.sampling.seed))
            for one in self.cancelled
        ]
        return (
            f"{len(self.accepted)} jobs accepted, {last.count(Done)} done, {last.count(JobCancelled)} taken back "
            f"(at most {max(late, default=0)} steps begun after), {last.count(Failed)} ended by their second death; "
            f"{variations} variations, {previews} previews; {len(victims)} kills ({killed})"
        )
