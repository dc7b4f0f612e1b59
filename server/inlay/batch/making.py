"""The cells of a plan, made: a few are always on their way, and each file is written once, whatever breaks off.

What holds that together: a cell's job has an id that follows from the cell, so that submitting it again is the same job; and a
file counts where its SHA-256 is the one in the manifest, whose line is written last. So whoever starts the plan again after a
kill goes on where it was.
"""

import contextlib
import dataclasses
import hashlib
import os
import threading
import time
from collections import OrderedDict, deque
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from inlay import documents
from inlay.batch.approved import SAID, Judged
from inlay.batch.cells import Cell
from inlay.batch.framed import Framed
from inlay.batch.looking import Looked, Looker, Stops, growing_wish, job_id_of
from inlay.batch.manifest import Manifest, Record, State
from inlay.batch.onlooker import Onlooker, Ran
from inlay.batch.plan import Plan
from inlay.batch.written import check_written, make_folder, sha256_of, write_once
from inlay.client.client import Client
from inlay.client.edit import Capture, fetch, recipe_of, region_of, upload
from inlay.client.probe import probe_document
from inlay.client.watching import outcome
from inlay.documents import Document, PlacedEdit
from inlay.errors import BlobMissing, Cancelled, InlayError, InvalidInput, JobConflict, OverLimit, QuotaExceeded
from inlay.job import MAX_LABEL_CHARACTERS, JobState, Lane, Ticket
from inlay.recipe import Recipe
from inlay.review.events import Verdict
from inlay.variation import Variation

AHEAD = 8
"""Cells whose jobs are at the server at a time: enough for several cards, few enough to take back."""
MOST_ATTEMPTS = 100
ASK_AGAIN_S = 300.0
"""So long at most a plan waits before it asks again whether there is room: limits change, and what waits is taken back."""
_KEPT_GROWN = 4


class Interrupted(Exception):
    """Somebody wants no more of it."""


@dataclass(frozen=True)
class _OnItsWay:
    """A cell whose job is at the server."""

    looked: Looked
    framed: Framed
    placed: tuple[PlacedEdit, ...]
    """What was painted around the master for the format."""
    recipe: Recipe
    capture: Capture
    attempt: int
    final: str = ""
    """The job that a review had painted in earnest; empty: the cell's own."""
    asked: Mapping[str, Any] = field(default_factory=dict[str, Any])
    """Of a final: the draft's recipe, which is the plan's."""

    @property
    def job_id(self) -> str:
        return self.final or self.looked.job_id(self.attempt)


class Making:
    """The cells of one plan, made one after the other, a few of them on their way at a time."""

    def __init__(
        self, plan: Plan, client: Client, onlooker: Onlooker, stop_after: int, review: Mapping[str, Judged]
    ) -> None:
        self._plan = plan
        self._review = review
        self._client = client
        self._onlooker = onlooker
        self._stop_after = stop_after
        self._looker = Looker(plan, client)
        self._manifest = Manifest(plan.beside("manifest.jsonl"))
        self._on_their_way: deque[_OnItsWay] = deque()
        self._grown: OrderedDict[str, PlacedEdit] = OrderedDict()
        self._failures = 0
        self._done = Ran()
        self._interrupted = threading.Event()
        self._watched = ""

    def interrupt(self) -> None:
        """From another thread: have it end soon, and take back what is on its way."""
        self._interrupted.set()
        if self._watched:
            with contextlib.suppress(InlayError):
                self._client.cancel(self._watched)

    def all(self, cells: Sequence[Cell]) -> Ran:
        self._onlooker.began(len(cells))
        found: dict[Path, Record] = {}
        with contextlib.suppress(Interrupted):
            for record in self._records(cells):
                found[self._plan.folder / record.out] = record
                if self._stop_after and self._failures >= self._stop_after:
                    self._done.stopped = True
                    break
        self._take_back()
        self._done.records = [found[path] for cell in cells if (path := self._path(cell)) in found]
        return self._done

    def _records(self, cells: Sequence[Cell]) -> Iterator[Record]:
        for cell in cells:
            self._check_wanted()
            looked = self._looker.look(cell)
            known = self._manifest.get(looked.id)
            if known and known.has_file and sha256_of(cell.out) == known.sha256:
                yield self._known(looked, known)
                continue
            while True:
                try:
                    record = self._begin(looked)
                except QuotaExceeded as full:
                    if self._on_their_way:
                        yield self._finish()
                        continue
                    if isinstance(full, OverLimit):
                        self._wait(full)
                        continue
                    record = self._failed(looked, full)
                break
            if record:
                yield record
            if len(self._on_their_way) >= AHEAD:
                yield self._finish()
        while self._on_their_way:
            yield self._finish()

    def _wait(self, full: OverLimit) -> None:
        """Until there may be room for another job. Raises Interrupted; `full` where nobody knows when that is."""
        if full.retry_s is None:
            raise full
        seconds = min(full.retry_s, ASK_AGAIN_S)
        self._onlooker.held_up(full.message, seconds)
        until_s = time.monotonic() + seconds
        while time.monotonic() < until_s:
            self._check_wanted()
            time.sleep(min(1.0, seconds))

    def _known(self, looked: Looked, known: Record) -> Record:
        """The record of a cell whose file is there: as it was, or as a review has judged it since."""
        said = self._review.get(known.job_id)
        if said is None or known.verdict == said.verdict:
            self._onlooker.ended(known, new=False)
            return known
        if said.verdict != SAID[Verdict.APPROVE]:
            turned = dataclasses.replace(known, state=State.FLAGGED, verdict=said.verdict, error=said.words)
            return self._told(looked, turned)
        if not said.final:
            self._onlooker.ended(known, new=False)
            return known
        if said.final == known.job_id:  # an engine that paints no better at a higher tier
            return self._told(looked, dataclasses.replace(known, state=State.DONE, verdict=said.verdict, error=""))
        try:
            return self._made(self._final(looked, said.final, known))
        except Stops:
            raise
        except InlayError as error:
            return self._failed(looked, error)

    def _final(self, looked: Looked, job_id: str, draft: Record) -> _OnItsWay:
        """A cell on its way, painted by the job that made its draft's final."""
        framed, placed, capture = self._captured(looked)
        (memory, *_) = self._client.memories(job_id)
        return _OnItsWay(looked, framed, placed, memory.recipe, capture, draft.attempts, job_id, draft.recipe)

    def _begin(self, looked: Looked) -> Record | None:
        """Have it painted; what is to be told of it at once, where that cannot be."""
        if looked.needs_a_person:
            return self._told(looked, self._record(looked, State.FLAGGED, error=looked.needs_a_person))
        if looked.error:
            return self._failed(looked, looked.error)
        try:
            self._on_their_way.append(self._submitted(looked))
        except (*Stops, QuotaExceeded):
            raise
        except InlayError as error:
            return self._failed(looked, error)
        return None

    def _captured(self, looked: Looked) -> tuple[Framed, tuple[PlacedEdit, ...], Capture]:
        assert looked.framed
        assert looked.plan
        framed, placed = self._grown_as_needed(looked, looked.framed)
        captured = Capture.of(framed.document, framed.mask, looked.region, looked.plan.window)
        return framed, placed, dataclasses.replace(captured, inputs=looked.pictures)

    def _submitted(self, looked: Looked, first: int = 1) -> _OnItsWay:
        assert looked.wish
        framed, placed, capture = self._captured(looked)
        recipe = recipe_of(framed.document.size, capture, looked.wish)
        attempt = self._submit(looked.painted_by, recipe, capture, looked.cell.document.name, first)
        return _OnItsWay(looked, framed, placed, recipe, capture, attempt)

    def _submit(self, identity: str, recipe: Recipe, capture: Capture, name: str, first: int) -> int:
        """Hand a job in; the number of the attempt under whose id it is done, or under way."""
        ticket = Ticket(name[:MAX_LABEL_CHARACTERS], Lane.BATCH, batch=self._plan.name)
        uploaded = False
        for attempt in range(first, MOST_ATTEMPTS):
            job_id = job_id_of(identity, attempt)
            try:
                try:
                    job = self._client.submit(job_id, recipe, ticket)
                except BlobMissing:
                    if uploaded:
                        raise
                    upload(self._client, capture, self._onlooker)
                    uploaded = True
                    job = self._client.submit(job_id, recipe, ticket)
            except JobConflict:  # of a server that proposed another window then
                continue
            if job.state not in (JobState.FAILED, JobState.CANCELLED):
                self._onlooker.submitted(job_id)
                return attempt
        raise InvalidInput("job_id", job_id_of(identity), f"it was tried {MOST_ATTEMPTS} times; change the plan's name")

    def _grown_as_needed(self, looked: Looked, framed: Framed) -> tuple[Framed, tuple[PlacedEdit, ...]]:
        """With what the format shows beyond the master painted, once for all cells that need the same."""
        if framed.missing is None or looked.growing is None or looked.wish is None or looked.source is None:
            return framed, ()
        wish = dataclasses.replace(growing_wish(looked.wish), model=looked.growing.model)
        capture = Capture.of(framed.document, framed.missing, region_of(framed.missing), looked.growing.window)
        recipe = recipe_of(framed.document.size, capture, wish)
        identity = hashlib.sha256(f"{looked.source.sha256} {recipe.sha256}".encode()).hexdigest()
        if identity not in self._grown:
            attempt = self._submit(identity, recipe, capture, looked.cell.document.name, 1)
            self._onlooker.waits_for(looked.cell)
            _, placed, _ = self._painted(identity, attempt, recipe, capture, looked.cell.document.name)
            self._grown[identity] = placed
            while len(self._grown) > _KEPT_GROWN:
                self._grown.popitem(last=False)
        placed = self._grown[identity]
        shown = dataclasses.replace(framed.document, samples=documents.composite(framed.document, [placed]))
        return framed._replace(document=shown), (placed,)

    def _painted(
        self, identity: str, attempt: int, recipe: Recipe, capture: Capture, name: str
    ) -> tuple[tuple[Variation, ...], PlacedEdit, int]:
        """Wait for a job and fetch it; painted anew where its pixels were cleared away since. Last: the attempt that it was."""
        while True:
            try:
                return *self._fetched(job_id_of(identity, attempt), recipe), attempt
            except BlobMissing:
                attempt = self._submit_again(identity, attempt + 1, recipe, capture, name)

    def _submit_again(self, identity: str, attempt: int, recipe: Recipe, capture: Capture, name: str) -> int:
        """Once there is room for it: what came before it on this plan's list is waited for, not failed."""
        while True:
            try:
                return self._submit(identity, recipe, capture, name, attempt)
            except OverLimit as full:
                self._wait(full)

    def _fetched(self, job_id: str, recipe: Recipe) -> tuple[tuple[Variation, ...], PlacedEdit]:
        """Wait for a job and fetch it. Raises BlobMissing where its pixels were cleared away."""
        self._watched = job_id
        self._check_wanted()
        try:
            variations = outcome(job_id, self._client.watch(job_id), self._onlooker)
        except Cancelled:
            self._check_wanted()
            raise
        return variations, fetch(self._client, job_id, recipe, variations, self._onlooker)

    def _finish(self) -> Record:
        """The record of the cell that was submitted first, once its job has ended."""
        way = self._on_their_way[0]
        self._onlooker.waits_for(way.looked.cell)
        try:
            record = self._made(way)
        except Stops:
            raise
        except InlayError as error:
            record = self._failed(way.looked, error, way)
        self._on_their_way.popleft()
        return record

    def _made(self, way: _OnItsWay) -> Record:
        looked = way.looked
        cell, source = looked.cell, looked.source
        assert source
        assert looked.wish
        name = cell.document.name
        if way.final:
            (variations, placed), attempt = self._fetched(way.final, way.recipe), way.attempt
        else:
            variations, placed, attempt = self._painted(looked.painted_by, way.attempt, way.recipe, way.capture, name)
        own = looked.framed.document if looked.framed else way.framed.document
        make_folder(cell.out.parent)
        part, notes = write_once(cell.out, own, (*way.placed, placed), way.framed.resampled)
        checked = check_written(part.path, source.document, way.framed, looked.wish)
        delta_e = self._delta_e(part.path, way.framed, looked)
        part.settle()
        flags = [*way.framed.flags]
        foreseen = (note for one in looked.plans for note in one.notes)
        told = (note for one in variations for note in one.report.notes)
        if checked.differing:
            flags.append(f"{checked.differing} samples outside the mask are not the master's")
        record = self._record(
            looked,
            State.FLAGGED if checked.differing else State.DONE,
            job_id=way.final or looked.job_id(attempt),
            sha256=part.sha256,
            bytes=part.bytes,
            delta_e=delta_e,
            outside_identical=not checked.differing,
            outside_samples=checked.samples,
            outside_differing=checked.differing,
            attempts=attempt,
            seconds=round(sum(one.seconds or 0.0 for one in variations), 3),
            error="; ".join(flags) if checked.differing else "",
            safe=tuple(way.framed.safe or ()),
            notes=(*flags, *notes, *foreseen, *told),
            recipe=way.asked or way.recipe.plain(),
            receipt=variations[0].receipt,
            verdict=SAID[Verdict.APPROVE] if way.final else "",
        )
        self._done.painted += 1
        self._failures = 0
        return self._told(looked, record)

    def _delta_e(self, path: Path, framed: Framed, looked: Looked) -> float | None:
        """How far the written file is from the colour that was asked for; None where none was."""
        if looked.wish is None or not looked.wish.target_color:
            return None
        written: Document = documents.read(path)
        return probe_document(self._client, written, framed.mask_written(), self._looker.color_of(looked.wish)).delta_e

    def _failed(self, looked: Looked, error: InlayError, way: _OnItsWay | None = None) -> Record:
        self._failures += 1
        job_id, attempts = (way.job_id, way.attempt) if way else ("", 0)
        recipe = way.recipe.plain() if way else {}
        record = self._record(
            looked, State.FAILED, error=error.message, job_id=job_id, attempts=attempts, recipe=recipe
        )
        return self._told(looked, record)

    def _record(self, looked: Looked, state: State, **facts: object) -> Record:
        cell = looked.cell
        return Record(
            id=looked.id,
            out=Path(os.path.relpath(cell.out, self._plan.folder)).as_posix(),
            document=cell.document.name,
            axes=cell.labels,
            fields=cell.filling,
            seed=cell.asked.wish.seed,
            state=state,
            source_sha256=looked.source.sha256 if looked.source else "",
            **facts,  # pyright: ignore[reportArgumentType]
        )

    def _told(self, looked: Looked, record: Record) -> Record:
        self._manifest.add(record)
        self._onlooker.ended(record, new=True)
        return record

    def _path(self, cell: Cell) -> Path:
        return self._plan.folder / Path(os.path.relpath(cell.out, self._plan.folder)).as_posix()

    def _check_wanted(self) -> None:
        if self._interrupted.is_set():
            raise Interrupted

    def _take_back(self) -> None:
        for way in self._on_their_way:
            with contextlib.suppress(InlayError):  # one that just ended, or a server that is gone
                self._client.cancel(way.job_id)
        self._on_their_way.clear()
