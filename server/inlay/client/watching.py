"""How an edit goes on, as whoever waits for it sees it: each step, its outcome, and how long each phase took."""

import time
from collections.abc import Generator, Iterable, Iterator
from contextlib import contextmanager
from typing import Protocol

from inlay.client.answers import EditPlan
from inlay.errors import Cancelled, JobFailed
from inlay.events import Event, Failed, JobCancelled, Queued, VariationDone
from inlay.variation import Variation


class Watcher(Protocol):
    """Whoever wants to see how an edit goes on."""

    def planned(self, plan: EditPlan) -> None: ...

    def uploaded(self, sent: int, total: int) -> None:
        """Bytes of this edit that are at the server."""
        ...

    def submitted(self, job_id: str) -> None: ...

    def happened(self, event: Event) -> None: ...

    def fetched(self, done: int, total: int) -> None:
        """Variations that are here."""
        ...


class Unwatched:
    """A watcher that does not look; the base of one that looks at some of it."""

    def planned(self, plan: EditPlan) -> None: ...

    def uploaded(self, sent: int, total: int) -> None: ...

    def submitted(self, job_id: str) -> None: ...

    def happened(self, event: Event) -> None: ...

    def fetched(self, done: int, total: int) -> None: ...


NOBODY = Unwatched()


def outcome(job_id: str, events: Iterable[Event], watcher: Watcher) -> tuple[Variation, ...]:
    """Follow a job to its end. Raises JobFailed, Cancelled."""
    variations: dict[int, Variation] = {}
    for event in events:
        watcher.happened(event)
        match event.happening:
            case VariationDone(variation):
                variations[variation.index] = variation
            case Failed() as failed:
                raise JobFailed(job_id, failed.code, failed.message, field=failed.field)
            case JobCancelled():
                raise Cancelled(f"job {job_id} was cancelled")
            case _:
                pass
    return tuple(variations[index] for index in sorted(variations))


class Timed:
    """Events as they pass, and when the first of the work and the last one passed."""

    def __init__(self, events: Iterator[Event], submitted: float) -> None:
        self._events = events
        self._submitted = submitted
        self._began: float | None = None
        self._ended = submitted

    def __iter__(self) -> Iterator[Event]:
        for event in self._events:
            self._ended = time.perf_counter()
            if self._began is None and not isinstance(event.happening, Queued):
                self._began = self._ended
            yield event

    @property
    def queue_s(self) -> float:
        return (self._began or self._ended) - self._submitted

    @property
    def paint_s(self) -> float:
        return self._ended - (self._began or self._ended)


class Clock:
    """Seconds by phase."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}

    @contextmanager
    def measure(self, phase: str) -> Generator[None]:
        start = time.perf_counter()
        yield
        self.seconds[phase] = time.perf_counter() - start
