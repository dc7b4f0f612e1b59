"""On a node: one painter, which fetches the pixels that it lacks and keeps them. Ray calls its methods from several threads.

What happens is asked for (`more`) and numbered, so that nothing is lost or told twice, and an answer carries all there is.
"""

import contextlib
import logging
import os
import threading
import time
from collections import deque
from collections.abc import Callable, Collection
from functools import partial
from itertools import count
from pathlib import Path

import inlay
from inlay.blobs import RECENT_S, BlobStore
from inlay.errors import BlobMissing, BlobOffset, Cancelled
from inlay.jobs.workers.base import Paint, Workplace
from inlay.jobs.workers.child import (
    Desk,
    Ends,
    Holds,
    LetGo,
    Painter,
    Proved,
    Proves,
    Taken,
    Told,
    Unproven,
    work_through,
)
from inlay.jobs.workers.cluster.messages import Hello, Lacks, More, Numbered
from inlay.lock import HeldLock, try_hold
from inlay.node import Node
from inlay.recipe import Recipe

PIECE_BYTES = 8 * 2**20
"""So much of a blob travels at a time: large enough for the line, small enough for Ray's object store, which has 75 MB at least."""

CALLS = 8
"""Ray's threads in a painter: one waits in `more`, others bring and fetch pieces, one is free to hear a cancellation."""


UNFIT_S, LONGEST_UNFIT_S = 5.0, 30.0
"""So long a painter that cannot paint stays, that the server may hear why, and twice as long each time that it cannot again. Ray
places another then, which reads everything anew that it paints with."""


class FetchingStore(BlobStore):
    """The node's cache of pixels. What is not in it is asked for, and waited for.

    ask: called with what is lacking. wanted: raises Cancelled once nobody waits for the job any more.
    """

    def __init__(
        self, folder: Path, quota_bytes: int, ask: Callable[[Lacks], None], wanted: Callable[[], None]
    ) -> None:
        self.in_use: Collection[str] = ()
        super().__init__(folder, quota_bytes, lambda: self.in_use, RECENT_S)
        self._ask = ask
        self._wanted = wanted
        self._came = threading.Condition()
        self._nowhere: set[str] = set()

    def read(self, sha256: str) -> memoryview:
        """As a store's; waits for what has to be fetched. Raises BlobMissing where the server has it neither; Cancelled."""
        with contextlib.suppress(BlobMissing):
            return super().read(sha256)
        self._ask(Lacks(sha256, self.received(sha256).received))
        with self._came:
            while not self.received(sha256).present:
                if sha256 in self._nowhere:
                    self._nowhere.discard(sha256)
                    raise BlobMissing(sha256)
                self._came.wait(1.0)
                self._wanted()
        return super().read(sha256)

    def take(self, sha256: str, offset: int, total: int, piece: bytes) -> int:
        """A piece arrived. How many bytes are here now: what comes next begins there. Raises as `put_chunk` does."""
        try:
            status = self.put_chunk(sha256, offset, total, piece)
        except BlobOffset as elsewhere:  # another painter of this node is being sent the same
            return elsewhere.expected
        if not status.present:
            return status.received
        with self._came:
            self._came.notify_all()
        return total

    def nowhere(self, sha256: str) -> None:
        """The server does not have it."""
        with self._came:
            self._nowhere.add(sha256)
            self._came.notify_all()


class ClusterPainter:
    """What Ray places on a card. paints: what paints in it; called here with its `Workplace`."""

    def __init__(self, paints: Callable[[Workplace], Painter]) -> None:
        logging.basicConfig(format="%(asctime)s %(levelname)s %(name)s: %(message)s", level=logging.INFO)
        node = Node.here()
        if node.leaving.exists():
            raise RuntimeError(f"{node.name} is leaving")
        self._node = node
        self._slot, self._device = _claim(node)
        self._unfit = Path(node.data) / f"{self._device.rpartition('/')[2]}.unfit"
        data = Path(node.data)
        place = Workplace(
            self._device,
            data / "blobs",
            node.quota_bytes,
            data / "journal.sqlite",  # there is none: the server has it
            Path(node.models) if node.models else None,
        )
        self._desk = Desk()
        self._order, self._job_id = 0, ""
        self._told: deque[tuple[int, Numbered]] = deque()
        self._numbers = count(1)
        self._news = threading.Condition()
        self._store = FetchingStore(place.blobs, place.quota_bytes, self._tell, self._check)
        working = partial(work_through, self._desk, place, paints, self._store, data / "remote", self._tell)
        threading.Thread(target=_or_end, args=(working, self._unfit), daemon=True).start()

    def hello(self) -> Hello:
        """Who it is."""
        return Hello(self._device, inlay.__version__)

    def give(self, order: int, paint: Paint) -> tuple[Lacks, ...]:
        """Take a job. What it needs and is not here: to be brought while everything else is prepared."""
        blobs = tuple(dict.fromkeys(Recipe.parse(paint.recipe).blobs))
        self._store.in_use = blobs
        stand = {sha256: self._store.received(sha256) for sha256 in blobs}
        self._order, self._job_id = order, paint.job_id
        self._desk.put(paint)
        return tuple(Lacks(sha256, status.received) for sha256, status in stand.items() if not status.present)

    def stop(self, job_id: str) -> None:
        """Stop the job at its next step."""
        self._desk.cancel(job_id)

    def pause(self, job_id: str) -> None:
        """Let go of the job once its next variation is finished."""
        self._desk.pause(job_id)

    def more(self, seq: int, wait_s: float) -> More:
        """What happened after number `seq`; waits for it up to `wait_s`. What came before is forgotten."""
        with self._news:
            while self._told and self._told[0][0] <= seq:
                self._told.popleft()
            if not self._told:
                self._news.wait(wait_s)
            told = tuple(self._told)
        return More(told[-1][0] if told else seq, tuple(report for _, report in told), self._node.leaving.exists())

    def take(self, sha256: str, offset: int, total: int, piece: bytes) -> int:
        """As `FetchingStore.take`."""
        return self._store.take(sha256, offset, total, piece)

    def nowhere(self, sha256: str) -> None:
        """As `FetchingStore.nowhere`."""
        self._store.nowhere(sha256)

    def piece(self, sha256: str, offset: int) -> tuple[int, bytes]:
        """The size of a blob, and its bytes from `offset` on, PIECE_BYTES at most. Raises BlobMissing."""
        return self._store.size(sha256), next(self._store.chunks(sha256, offset, PIECE_BYTES), b"")

    def _tell(self, report: Taken | Holds | LetGo | Ends | Told | Proves | Proved | Lacks) -> None:
        if report == Proved():
            self._unfit.unlink(missing_ok=True)
        if isinstance(report, Ends):  # nothing is laid before a painter that is so far away
            return
        with self._news:
            self._told.append((next(self._numbers), Numbered(self._order, report)))
            self._news.notify_all()

    def _check(self) -> None:
        if self._desk.cancelled(self._job_id):
            raise Cancelled


def unfit_s(unfit: Path) -> float:
    """So long a painter stays that could not paint, as many others before it by the size of the file `unfit`."""
    try:
        times = unfit.stat().st_size
    except OSError:
        times = 1
    return min(LONGEST_UNFIT_S, UNFIT_S * 2 ** min(times - 1, 10))


def _claim(node: Node) -> tuple[HeldLock, str]:
    """A lock of the node, held as long as this process lives, and the device that goes with it."""
    node.painters.mkdir(parents=True, exist_ok=True)
    card = os.environ.get("CUDA_VISIBLE_DEVICES", "").partition(",")[0]  # Ray has chosen it
    if card:
        lock = try_hold(node.painters / card, patience_s=30)  # its last painter may be about to end
        if lock is None:
            raise RuntimeError(f"card {card} of {node.name} has a painter already")
        return lock, f"cuda:{node.name}/{card}"
    for slot in count():
        if lock := try_hold(node.painters / f"cpu{slot}"):
            return lock, f"cpu:{node.name}/{slot}"
    raise AssertionError("numbers never end")


def _or_end(work: Callable[[], None], unfit: Path) -> None:
    """A painter that cannot go on ends as a process does: whoever needs it is told, and places another. unfit: the file that
    grows as often as one after the other could not paint."""
    try:
        work()
    except Unproven:  # it has said so
        with contextlib.suppress(OSError), unfit.open("a") as file:
            file.write(".")
        time.sleep(unfit_s(unfit))
        os._exit(1)
    except BaseException:
        logging.getLogger(__name__).exception("this painter ends")
        os._exit(1)
