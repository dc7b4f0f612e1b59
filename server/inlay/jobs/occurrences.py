"""What happens in a server as whoever operates it sees it: told at a few places, heard by metrics and by the log."""

import logging
from collections.abc import Callable, Collection
from dataclasses import dataclass

from inlay.events import Happening
from inlay.job import Job
from inlay.jobs.workers.base import Memory

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Accepted:
    """The job waits, because somebody submitted it or because a former process left it."""

    job: Job


@dataclass(frozen=True)
class Taken:
    """A worker has the job. held: the models that it need not load."""

    job_id: str
    device: str
    held: Collection[str]


@dataclass(frozen=True)
class Happened:
    """Something was written down about the job."""

    job_id: str
    happening: Happening


@dataclass(frozen=True)
class Released:
    """A worker is done with the job, whose end is told next. held: the models that are in its memory by now."""

    job_id: str
    device: str
    held: Collection[str]
    memory: Memory


@dataclass(frozen=True)
class Returned:
    """The job waits again: it could not begin, or not go on."""

    job_id: str


@dataclass(frozen=True)
class Died:
    """A worker died under the job, or was ended for doing nothing."""

    job_id: str
    device: str
    why: str
    hung: bool


@dataclass(frozen=True)
class Turned:
    """A device is ready, for it has painted since its worker started; or it is not any more, and why."""

    device: str
    painted: bool
    why: str


@dataclass(frozen=True)
class Committed:
    """The journal was written. seconds: from its lock to its end. synced: until it was on the disk."""

    seconds: float
    synced: bool


Occurrence = Accepted | Taken | Happened | Released | Returned | Died | Turned | Committed
Onlooker = Callable[[Occurrence], None]


class Onlookers:
    """Whoever hears what happens. None of them can keep a job from going on."""

    def __init__(self) -> None:
        self._hearing: list[Onlooker] = []

    def add(self, onlooker: Onlooker) -> None:
        self._hearing.append(onlooker)

    def tell(self, occurrence: Occurrence) -> None:
        for onlooker in self._hearing:
            try:
                onlooker(occurrence)
            except Exception:
                _log.exception("%s could not be noted", type(occurrence).__name__)
