"""One edit on its way: captured, sent, followed, fetched and placed. Reads top to bottom."""

import time
import traceback
import uuid
from typing import NamedTuple

from .client import blobs
from .client.follow import follow, submit
from .client.messages import inlay_pb2, recipe_pb2
from .client.tasks import Cancelled, Task, sleep
from .client.trouble import Trouble
from .host import capture, composite, identity, place, recipes, scratch
from .host.capture import Mask, Rect
from .host.facts import CannotEdit, Facts, facts_of
from .qt import QObject, QtGui, Signal
from .wish import Wish, finishing, plan_request, recipe_message, wish_of

ENDED = frozenset({"finished", "waiting", "placed", "failed", "cancelled"})
SETTLE_S = 0.3
"""Krita makes an inserted group the active layer a moment later; after this the retoucher's own is active again."""


class Candidate(NamedTuple):
    """A variation that arrived."""

    variation: object
    """The contract's Variation."""
    pixels: bytes

    @property
    def name(self) -> str:
        return f"Variation {self.variation.index + 1} (seed {self.variation.seed})"


class Edit(QObject):
    """An edit; `changed` is emitted whenever something below is another than before."""

    changed = Signal()

    def __init__(self, connection, wish: Wish, places_itself: bool):
        super().__init__()
        self.connection = connection
        self.wish = wish
        self.document_id = ""
        self.places_itself = places_itself
        self.job_id = str(uuid.uuid4())
        self.phase = "capturing"
        """capturing, uploading, queued, painting, fetching, finished, placing, placed, waiting, failed or cancelled."""
        self.message = ""
        """For people: why it failed, what it waits for, or what the server noted."""
        self.fraction = 0.0
        """0 .. 1 of the painting, or of the upload."""
        self.position = None
        """Jobs before this one, while it is queued."""
        self.eta_s = None
        self.preview = None
        """QImage of an early look, or None."""
        self.candidates: list[Candidate] = []
        self.notes: list[str] = []
        self.group_id = ""
        """Unique id of the group in the document, once placed."""
        self.uploaded_bytes = 0
        self.holds_ms: dict[str, float] = {}
        """How long each part held the UI thread at a stretch, in milliseconds."""
        self._recipe = None
        self._mask: Mask | None = None
        self._facts: Facts | None = None
        self._patch_mask: Mask | None = None
        self._variations = []
        self._task = None

    @property
    def has_ended(self) -> bool:
        return self.phase in ENDED

    def begin(self, document) -> None:
        """Captures the selection now and the rest soon. Raises CannotEdit."""
        with self._holding("read selection"):
            self._facts = facts_of(document)
            self._mask = capture.selection_of(document)
        self.document_id = identity.id_of(document)
        self._start(self._make())

    def begin_again(self, document, group, memory: recipes.Memory, draft=None) -> None:
        """Runs a stored recipe anew: the same recipe gives the same pixels. Raises CannotEdit.

        draft: the layer of a variation that is to be finished instead: painted at the final tier, with what it shows.
        """
        self._facts = facts_of(document)
        self._mask = memory.mask
        self.document_id = identity.id_of(document)
        recipe, group_id = recipe_pb2.Recipe.FromString(memory.recipe), recipes.id_of(group)
        self._start(self._finish(recipe, group_id, draft, memory.patch) if draft else self._repeat(recipe, group_id))

    def adopt(self, job) -> None:
        """Takes over a job that another run of Krita submitted: follows it and fetches what it made."""
        self.job_id, self.document_id = job.job_id, job.label
        self._recipe = job.recipe
        self.wish = wish_of(job.recipe)
        self._start(self._resume(job.recipe))

    def cancel(self) -> None:
        """Takes the job back, wherever it is."""
        if self.has_ended:
            return
        submitted = self.phase in ("queued", "painting")
        self._task.cancel()
        if submitted:
            request = inlay_pb2.CancelJobRequest(job_id=self.job_id)
            Task(self.connection.line.call("CancelJob", request, inlay_pb2.CancelJobResponse))

    def place(self) -> None:
        """Places a finished edit."""
        if self.phase == "finished":
            self._start(self._place())

    # --- the way of an edit ---------------------------------------------------

    async def _make(self) -> None:
        plan = await self._plan()
        window = Rect(plan.window.x, plan.window.y, plan.window.width, plan.window.height)
        self.notes = list(plan.notes)
        source = await self._read(window)
        await self._prepare()
        icc = self._profile()
        source_blob, mask_blob = await blobs.name_of(source), await blobs.name_of(self._mask.data)
        self._recipe = recipe_message(self.wish, self._facts, window, source_blob, self._mask, mask_blob, icc)
        await self._send({source_blob: source, mask_blob: self._mask.data})
        await self._run()

    async def _plan(self):
        request = plan_request(self.wish, self._facts, self._mask.region)
        return await self.connection.line.call("PlanEdit", request, inlay_pb2.PlanEditResponse)

    async def _read(self, window: Rect) -> bytes:
        await composite.settled()
        document = self._document()
        with self._holding("find earlier results"):
            earlier = [] if self.wish.build_on else place.same_region(document, self._mask)
        if earlier:
            return await capture.window_of(document, window, [group for group, _ in earlier])
        with self._holding("read window"):
            return await capture.window_of(document, window)

    async def _prepare(self) -> None:
        """Has what placing needs ready before anything is painted: opening it takes the UI thread some 40 ms."""
        await sleep(0)
        with self._holding("prepare"):
            scratch.ready(self._facts)

    def _profile(self) -> bytes:
        """The ICC bytes of a profile whose name the server does not know; empty where the name is enough."""
        if self._facts.profile in self.connection.info.profiles:
            return b""
        with self._holding("read profile"):
            return scratch.icc_of(self._facts.model, self._facts.depth, self._facts.profile)

    async def _finish(self, recipe, group_id: str, draft, patch: Rect) -> None:
        pixels = await capture.layer_of(self._document(), draft, patch)
        blob = await blobs.name_of(pixels)
        await self._repeat(finishing(recipe, patch, draft.name(), blob), group_id, {blob: pixels})

    async def _repeat(self, recipe, group_id: str, known: "dict[str, bytes] | None" = None) -> None:
        self._recipe = recipe
        await self._prepare()
        data = {recipe.mask.blob: self._mask.data, **(known or {})}
        needed = [recipe.source.blob, recipe.mask.blob, *([recipe.structure.blob] if recipe.structure.blob else [])]
        lacking = await blobs.missing(self.connection.line, needed)
        if recipe.structure.blob in lacking and recipe.structure.blob not in data:
            raise CannotEdit("The server no longer has the draft that this result finished. Finish a draft again.")
        if recipe.source.blob in lacking:
            source = await self._read_below(recipe, group_id)
            blob = await blobs.name_of(source)
            if blob != recipe.source.blob:
                self.notes.append("The picture below changed since, so the result is not the same as before.")
                recipe.source.blob = blob
            data[blob] = source
        await self._send({name: content for name, content in data.items() if lacking})
        await self._run()

    async def _read_below(self, recipe, group_id: str) -> bytes:
        document = self._document()
        group = place.result_with(document, group_id)
        window = Rect(recipe.window.x, recipe.window.y, recipe.window.width, recipe.window.height)
        return await capture.window_of(document, window, [group] if group else [])

    async def _send(self, content: "dict[str, bytes]") -> None:
        self._turn("uploading")
        if content:
            self.uploaded_bytes = await blobs.upload(self.connection.line, content, self._uploaded)

    def _uploaded(self, sent: int, total: int) -> None:
        self.fraction = sent / total if total else 1.0
        self.changed.emit()

    async def _run(self) -> None:
        self._turn("queued")
        await submit(self.connection, self.job_id, self._recipe, self.document_id, self._lost)
        await self._resume(self._recipe)

    async def _resume(self, recipe) -> None:
        self._turn("queued")
        last = await follow(self.connection, self.job_id, self._heard, self._lost)
        if last == "cancelled":
            raise Cancelled
        if last == "failed":
            return
        if identity.find(self.document_id) is None:
            self._end("waiting", "Its document is closed; the result waits at the server until it is opened again.")
            return
        await self._fetch(recipe)
        if self.places_itself:
            await self._place()
        else:
            self._turn("finished")

    async def _fetch(self, recipe) -> None:
        self._turn("fetching")
        for number, variation in enumerate(self._variations):
            pixels = await blobs.download(self.connection.line, variation.patch.pixels.blob)
            self.candidates.append(Candidate(variation, pixels))
            self.fraction = (number + 1) / len(self._variations)
            self.changed.emit()
        patch = self._variations[0].patch
        region = Rect(patch.bounds.x, patch.bounds.y, patch.bounds.width, patch.bounds.height)
        mask = await blobs.download(self.connection.line, patch.mask.blob)
        self._patch_mask = Mask(region, mask)
        if self._mask is None:
            rect = Rect(recipe.region.x, recipe.region.y, recipe.region.width, recipe.region.height)
            self._mask = Mask(rect, await blobs.download(self.connection.line, recipe.mask.blob))
        for variation in self._variations:
            self.notes += [note for note in variation.report.notes if note not in self.notes]

    async def _place(self) -> None:
        """In steps that each leave the UI thread between them."""
        self._turn("placing")
        document = self._document()
        facts = facts_of(document)
        if self._facts is not None and facts != self._facts:
            raise CannotEdit("The document's size or colour space changed while the edit ran. Run the edit again.")
        with self._holding("place: prepare"):
            hidden = scratch.ready(facts)
        await sleep(0)
        document = self._document()
        with self._holding("place: find earlier results"):
            earlier = [] if self.wish.build_on else place.same_region(document, self._mask)
            carried = [
                node for group, memory in earlier if memory.mask == self._mask for node in place.variations_of(group)
            ]
        layers = [place.Layer(candidate.name, candidate.pixels) for candidate in self.candidates]
        mask = self._patch_mask
        steps = place.build(hidden, document, self.wish.name, mask.region, layers, mask, carried)
        group = await place.built(document, steps, lambda: self._holding("place: build"))
        await composite.settled()
        document = self._document()
        with self._holding("place: attach"):
            active = document.activeNode()
            is_empty_around = place.attach(document, group)
        for old, _ in earlier:
            await sleep(0)
            document = self._document()
            with self._holding("place: remove earlier result"):
                place.remove(document, old)
        with self._holding("place: remember"):
            self._remember(document, group, earlier, carried)
        if is_empty_around:
            await composite.refresh(document)
        self.group_id = recipes.id_of(group)
        await sleep(SETTLE_S)
        document = self._document()
        if active is not None:
            place.activate(document, active, group)
        self._end("placed", " ".join(self.notes))

    def _remember(self, document, group, earlier, carried) -> None:
        """The recipe, and what was found out about each variation; `earlier` results knew about those of `carried`."""
        receipts = tuple(candidate.variation.receipt_json for candidate in self.candidates)
        known = {layer: finding for _, memory in earlier for layer, finding in memory.findings.items()}
        found = [
            *(self._finding(candidate.variation.report) for candidate in self.candidates),
            *(known.get(recipes.id_of(node)) for node in carried),
        ]
        layers = [recipes.id_of(layer) for layer in place.variations_of(group)]
        findings = {layer: finding for layer, finding in zip(layers, found, strict=True) if finding}
        patch = self._patch_mask.region
        memory = recipes.Memory(self.job_id, self._recipe.SerializeToString(), self._mask, receipts, findings, patch)
        recipes.remember(document, group, memory)

    def _finding(self, report) -> recipes.Finding:
        told = {note for variation in self._variations for note in variation.report.notes}
        notes = (*(note for note in self.notes if note not in told), *report.notes)
        before, after = (
            getattr(report, name) if report.HasField(name) else None
            for name in ("ring_delta_e_before", "ring_delta_e_after")
        )
        return recipes.Finding(before, after, notes)

    # --- what happens meanwhile -----------------------------------------------

    def _document(self):
        document = identity.find(self.document_id)
        if document is None:
            raise CannotEdit(f"{capture.CLOSED} The result is offered again when it is opened.")
        return document

    def _heard(self, event) -> None:
        kind = event.WhichOneof("event")
        happening = getattr(event, kind)
        self.message = ""
        if kind == "queued":
            self.phase, self.position = "queued", happening.position
            self.eta_s = happening.eta_s if happening.HasField("eta_s") else None
        elif kind == "loading":
            self.phase, self.message = "painting", f"Loading {happening.what}"
        elif kind == "step":
            self.phase, self.fraction = "painting", happening.index / max(1, happening.total)
            self.eta_s = happening.eta_s if happening.HasField("eta_s") else None
        elif kind == "preview":
            self.preview = _image(happening)
        elif kind == "variation":
            if happening.variation.index not in [known.index for known in self._variations]:
                self._variations.append(happening.variation)
        elif kind == "failed":
            self._end("failed", happening.message)
        self.changed.emit()

    def _lost(self, trouble: Trouble) -> None:
        self.message = f"{trouble.message} The job goes on there; trying again…"
        self.connection.check()
        self.changed.emit()

    def _turn(self, phase: str) -> None:
        self.phase, self.fraction, self.message = phase, 0.0, ""
        self.changed.emit()

    def _end(self, phase: str, message: str) -> None:
        self.phase, self.message = phase, message
        self.changed.emit()

    def _start(self, coroutine) -> None:
        self._task = Task(coroutine)
        self._task.when_settled(self._settled)

    def _settled(self, task: Task) -> None:
        error = task.error
        if error is None:
            return
        if isinstance(error, Cancelled):
            self._end("cancelled", "")
        elif isinstance(error, (Trouble, CannotEdit)):
            self._end("failed", str(error))
        else:
            traceback.print_exception(type(error), error, error.__traceback__)  # Raising in a slot would end Krita.
            self._end("failed", f"The plugin failed: {type(error).__name__}: {error}")

    def _holding(self, what: str) -> "_Hold":
        return _Hold(self.holds_ms, what)


class _Hold:
    """Measures how long a block holds the UI thread."""

    def __init__(self, table: "dict[str, float]", what: str):
        self._table, self._what = table, what

    def __enter__(self):
        self._began = time.perf_counter()

    def __exit__(self, *_):
        took = 1000 * (time.perf_counter() - self._began)
        self._table[self._what] = max(self._table.get(self._what, 0.0), took)


def _image(preview) -> QtGui.QImage:
    width, height = preview.size.width, preview.size.height
    image = QtGui.QImage(preview.rgb, width, height, 3 * width, QtGui.QImage.Format.Format_RGB888)
    return image.copy()  # Owns its bytes.
