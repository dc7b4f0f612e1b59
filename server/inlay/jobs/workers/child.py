"""Inside a worker: one process that paints one job after the other and reports what happens.

It lives exactly as long as its parent: a thread waits on the pipe from the parent and ends the process, whatever it is
doing, as soon as the pipe closes. That holds even where the parent was killed.
"""

import contextlib
import logging
import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from functools import cache, partial
from multiprocessing.connection import Connection
from pathlib import Path
from typing import NamedTuple, Protocol

from inlay.blobs import RECENT_S, BlobStore
from inlay.capabilities import REMOTE
from inlay.engines.interface import Loading as Preparing
from inlay.engines.models.catalog import Catalog
from inlay.engines.registry import Registry
from inlay.errors import Cancelled, InlayError
from inlay.events import Done, Failed, Happening, JobCancelled, Queued, VariationDone
from inlay.hindrances import hindrance_of
from inlay.jobs.event_codec import Encoded, encode
from inlay.jobs.tables import pinned
from inlay.jobs.workers.base import Memory, Paint, Workplace
from inlay.jobs.workers.footprint import measured
from inlay.jobs.workers.ledger import JobLedger, ledgers_beside
from inlay.jobs.workers.progress import Progress
from inlay.logs import about, configure_as_told, words_of
from inlay.recipe import Recipe
from inlay.spool import finish as finish_log
from inlay.statuses import status_of
from inlay.variation import Variation

BEAT_S = 1.0

_log = logging.getLogger(__name__)


class Cancel(NamedTuple):
    """Parent to worker: stop this job at the next step."""

    job_id: str


class Pause(NamedTuple):
    """Parent to worker: let go of this job once its next variation is finished."""

    job_id: str


class Beat(NamedTuple):
    """Worker to parent, every second: it lives."""


class Taken(NamedTuple):
    """Worker to parent: it has the job before it."""

    job_id: str


class Holds(NamedTuple):
    """Worker to parent: these models are in its memory, and how much of that it takes."""

    models: tuple[str, ...]
    memory: Memory


class LetGo(NamedTuple):
    """Worker to parent: the job is not over, but it is no longer at it."""

    job_id: str


class Ends(NamedTuple):
    """Worker to parent: all of the job is painted, and only has to be told."""

    job_id: str


class Told(NamedTuple):
    """Worker to parent: this happened to the job."""

    job_id: str
    encoded: Encoded


class Proves(NamedTuple):
    """Worker to parent: everything is prepared, and it begins to paint something tiny."""


class Proved(NamedTuple):
    """Worker to parent: it has painted since it started; or it could not, and ends."""

    why: str = ""
    """What kept it from painting; empty where nothing did."""


Report = Beat | Taken | Holds | LetGo | Ends | Told | Proves | Proved


class Painter(Protocol):
    """What paints; `inlay.jobs.workers.studio.Studio` in earnest."""

    def warm_up(self, progress: Preparing) -> None:
        """Load what is slow to load before the first job waits for it. Raises Cancelled once `progress` does."""
        ...

    def prove(self, progress: Preparing) -> None:
        """Paint something tiny, wholly. Raises Cancelled once `progress` does, and whatever keeps it from painting."""
        ...

    def paint(self, recipe: Recipe, blobs: BlobStore, progress: "Progress", first: int) -> Iterator[Variation]:
        """As `inlay.edit.perform.perform`."""
        ...

    @property
    def held(self) -> tuple[str, ...]:
        """The models that are in memory."""
        ...


def studio(place: Workplace) -> Painter:
    """What paints in earnest."""
    from inlay.jobs.workers.studio import Studio  # and with it everything that edits, which the parent does without

    return Studio(Registry(Catalog(place.models) if place.models else None, place.kind))


def work(
    place: Workplace,
    painter: Callable[[Workplace], Painter],
    orders: "Connection[None, Paint | Cancel | Pause]",
    reports: "Connection[Report, None]",
) -> None:
    """The life of a worker process."""
    configure_as_told()
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C in the terminal is for the parent to decide on
    if place.kind != "mps":
        number = place.device.partition(":")[2]
        os.environ["CUDA_VISIBLE_DEVICES"] = number or "0" if place.kind == "cuda" else ""
    threading.Thread(target=_beat, args=(reports,), daemon=True).start()
    desk = Desk()
    threading.Thread(target=_receive, args=(orders, desk), daemon=True).start()
    blobs = BlobStore(place.blobs, place.quota_bytes, partial(pinned, place.journal), RECENT_S, create=False)
    try:
        work_through(desk, place, painter, blobs, ledgers_beside(place.journal), partial(_send, reports))
    except Unproven:  # a card that does not compute may not let its process end either
        finish_log()
        os._exit(1)


def work_through(
    desk: "Desk",
    place: Workplace,
    painter: Callable[[Workplace], Painter],
    blobs: BlobStore,
    ledgers: Path,
    send: Callable[[Taken | Holds | LetGo | Ends | Told | Proves | Proved], None],
) -> None:
    """Prepare what is slow and prove that it paints, unless a job comes first, then paint what comes to the desk, for ever.
    ledgers: the folder of all jobs' (`JobLedger`).

    Raises Unproven.
    """
    at_hand = cache(partial(painter, place))
    ahead, proven = _Ahead(desk), place.kind == REMOTE
    try:
        at_hand().warm_up(ahead)
    except Cancelled:
        _log.info("a job came before everything was prepared; what it needs is prepared with it")
    except Exception:
        _log.exception("not everything could be prepared; the first job will say so")
    while True:
        proven = proven or _proves(at_hand, ahead, send)
        order = desk.next()
        send(Taken(order.job_id))

        def tell(happening: Happening, job_id: str = order.job_id) -> None:
            send(Told(job_id, encode(happening)))

        def ends(job_id: str = order.job_id) -> None:
            send(Ends(job_id))

        last = _paint(order, at_hand, place.device, blobs, desk, JobLedger(ledgers, order.job_id), tell, ends)
        with contextlib.suppress(Exception):  # where there is nothing to paint with, the job has said so
            send(Holds(at_hand().held, measured(place)))
        if isinstance(last, Done) and not proven:
            proven = True
            send(Proved())
        if last is None:
            send(LetGo(order.job_id))
        else:
            tell(last)


class Unproven(Exception):
    """The device does not paint."""


def _proves(at_hand: Callable[[], Painter], ahead: "_Ahead", send: Callable[[Proves | Proved], None]) -> bool:
    """Whether it has painted something tiny; False where a job came first. Raises Unproven where it cannot."""
    try:
        ahead.check()
        send(Proves())
        at_hand().prove(ahead)
    except Cancelled:
        return False
    except Exception as error:
        _log.exception("the device does not paint")
        why = error.message if isinstance(error, InlayError) else f"{type(error).__name__}: {error}"
        send(Proved(why))
        raise Unproven from error
    send(Proved())
    return True


class Desk:
    """Where orders arrive while the worker paints. Safe for threads."""

    def __init__(self) -> None:
        self._arrived = threading.Condition()
        self._paint: Paint | None = None
        self._cancelled: set[str] = set()
        self._paused = ""

    def put(self, order: Paint) -> None:
        """The job that is next; there may be one that is still being painted."""
        with self._arrived:
            self._paint = order
            self._arrived.notify()

    def cancel(self, job_id: str) -> None:
        """The job is to be stopped at its next step, which may be its first."""
        with self._arrived:
            self._cancelled.add(job_id)

    def pause(self, job_id: str) -> None:
        """The job is to be let go of once its next variation is finished."""
        self._paused = job_id

    def next(self) -> Paint:
        """Wait for the next job."""
        with self._arrived:
            self._arrived.wait_for(lambda: self._paint is not None)
            order, self._paint = self._paint, None
            assert order
            self._paused = ""
            self._cancelled &= {order.job_id}
        return order

    def paused(self, job_id: str) -> bool:
        return self._paused == job_id

    def cancelled(self, job_id: str) -> bool:
        return job_id in self._cancelled

    @property
    def awaited(self) -> bool:
        """Whether a job lies here that nobody has begun."""
        return self._paint is not None


def _receive(orders: "Connection[None, Paint | Cancel | Pause]", desk: Desk) -> None:
    """Read orders until the parent is gone, then end the process in the middle of whatever it does."""
    while True:
        try:
            order = orders.recv()
        except (EOFError, OSError):
            finish_log()
            os._exit(0)
        if isinstance(order, Cancel):
            desk.cancel(order.job_id)
        elif isinstance(order, Pause):
            desk.pause(order.job_id)
        else:
            desk.put(order)


class _Ahead:
    """The progress of what is prepared before the first job: told to the log, and over as soon as a job is there."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def loading(self, what: str) -> None:
        self.check()
        _log.info("preparing %s", what)

    def check(self) -> None:
        if self._desk.awaited:
            raise Cancelled


def _paint(
    order: Paint,
    painter: Callable[[], Painter],
    device: str,
    blobs: BlobStore,
    desk: Desk,
    ledger: JobLedger,
    tell: Callable[[Happening], None],
    ends: Callable[[], None],
) -> Happening | None:
    """Paint a job; its last event, which is not told yet. None where it was let go of before. ends: called once all is painted."""
    from inlay.edit.thumbnail import thumbnail  # in the worker alone, as everything that edits

    start, words, progress = time.monotonic(), (), None
    try:
        recipe = Recipe.parse(order.recipe)
        words = words_of(recipe)
        progress = Progress(recipe.canvas.window, lambda: desk.cancelled(order.job_id), tell, ledger)
        progress.pauses = lambda: desk.paused(order.job_id)
        progress.check()
        left = recipe.sampling.count - order.first
        with about(order.job_id, words):
            for variation in painter().paint(recipe, blobs, progress, order.first):
                left -= 1
                if not left:
                    ends()
                tell(VariationDone(variation, thumbnail(variation.result, blobs)))
                progress.may_pause = True
                progress.check()
        return Done(time.monotonic() - start - progress.waited_s)
    except Cancelled:
        return None if progress and progress.let_go else JobCancelled()
    except Exception as error:
        with about(order.job_id, words):
            return end_of(error, order.job_id, device)


def end_of(error: Exception, job_id: str, device: str) -> Queued | Failed:
    """What an error means for its job: that it waits, or that it failed."""
    if hindrance := hindrance_of(error):
        return Queued(0, why=hindrance.message)
    if isinstance(error, InlayError):
        return Failed(status_of(error), error.message, error.field)
    if isinstance(error, MemoryError):
        return Failed(status_of(error), f"not enough memory on {device} ({error}); select less, or a lower tier")
    _log.error("job %s failed", job_id, exc_info=error)
    return Failed(status_of(error), f"{type(error).__name__}: {error} (the server's log has more)")


_sending = threading.Lock()


def _send(reports: "Connection[Report, None]", report: Report) -> None:
    try:
        with _sending:
            reports.send(report)
    except OSError:  # the parent is gone
        os._exit(0)


def _beat(reports: "Connection[Report, None]") -> None:
    while True:
        _send(reports, Beat())
        time.sleep(BEAT_S)
