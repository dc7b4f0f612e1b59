"""One edit on its way: captured, sent, followed, fetched and placed. Reads top to bottom."""

import time
import traceback
import uuid

from .client import blobs
from .client.follow import follow, submit, take_back
from .client.messages import inlay_pb2, recipe_pb2
from .client.tasks import Cancelled, Task, in_thread, sleep
from .client.trouble import Trouble
from .host import advice, capture, hands, identity, options, place, recipes, results, scratch, touched
from .host.capture import Mask, Rect
from .host.facts import CannotEdit, Facts, facts_of
from .host.fit import fit
from .host.recipes import Finding, Made, Roll
from .landing import Arrival, Beside, Candidate, land
from .qt import QObject, QtGui, Signal
from .wish import Wish, fill, finishing, pixels_message, plan_request, recipe_message, rect_message, rect_of
from .words import say

ENDED = frozenset({"finished", "waiting", "placed", "failed", "cancelled"})


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
        self._label = ""
        self._recipe = None
        self._mask: Mask | None = None
        self._facts: Facts | None = None
        self._shown: Mask | None = None
        self._source: bytes | None = None
        """The window's pixels as the server sees them, until the result is placed."""
        self._beside: Beside | None = None
        self._variations = []
        self._others = []
        """Results that are no patches: each variation with the bytes of its rasters."""
        self._task = None

    @property
    def has_ended(self) -> bool:
        return self.phase in ENDED

    def begin(self, document) -> None:
        """Captures the selection now and the rest soon. Raises CannotEdit."""
        with self._holding("read selection"):
            self._facts = facts_of(document)
            self._mask = capture.asked_of(document, self.wish.form)
            advice.check_selection(document, self.wish.verb, self._mask)
        self._belong_to(document)
        self._start(self._make())

    def begin_again(self, document, group, layer, *, finishes: bool = False, seed: "int | None" = None) -> None:
        """Runs the recipe of a result's variation anew: the same recipe gives the same pixels. Raises CannotEdit.

        finishes: paint what the variation shows anew instead, at the final tier. seed: another than the recipe's, for more.
        """
        memory, layer_id = recipes.recall(document, group), recipes.id_of(layer)
        made, roll = memory.variations[layer_id], memory.roll_of(layer_id)
        self._facts = facts_of(document)
        self._mask = memory.mask.moved((-roll.offset[0], -roll.offset[1]))
        self._beside = Beside(recipes.id_of(group), layer_id, made.pixels)
        self._belong_to(document)
        recipe = recipe_pb2.Recipe.FromString(roll.recipe)
        if seed is not None:
            fill(recipe, {"sampling.seed": seed})
        self._start(self._finish(recipe, layer, made, roll) if finishes else self._repeat(recipe, layer, made, roll))

    def adopt(self, job, document) -> None:
        """Takes over a job that another run of Krita submitted: follows it and fetches what it made for `document`."""
        self.job_id, self.document_id = job.job_id, identity.id_of(document)
        self._recipe = job.recipe
        self._start(self._resume(job.recipe))

    def _belong_to(self, document) -> None:
        self.document_id, self._label = identity.id_of(document), identity.label_of(document)

    def cancel(self) -> None:
        """Takes the job back, wherever it is; what it painted in the meantime is never offered."""
        if self.has_ended:
            return
        was_submitted = self.phase not in ("capturing", "uploading")
        self._task.cancel()
        if was_submitted:
            options.dismiss(self.job_id)
            Task(take_back(self.connection, self.job_id))

    def place(self) -> None:
        """Places a finished edit."""
        if self.phase == "finished":
            self._start(self._place())

    # --- the way of an edit ---------------------------------------------------

    async def _make(self) -> None:
        await self.connection.ready()
        plan = await self._plan()
        window = rect_of(plan.window)
        self.notes = list(plan.notes)
        source = self._source = await self._read(window)
        await self._prepare()
        icc = self._profile()
        source_blob, mask_blob = await blobs.name_of(source), await blobs.name_of(self._mask.data)
        self._recipe = recipe_message(self.wish, self._facts, window, source_blob, self._mask, mask_blob, icc)
        await self._send({source_blob: source, mask_blob: self._mask.data, **await self._inputs(window)})
        await self._run()

    async def _inputs(self, window: Rect) -> "dict[str, bytes]":
        """Adds to the recipe the layers that it brings along, as they are in the window; their bytes, by name."""
        content = {}
        for role, layer_id in self.wish.layers().items():
            document = self._document()
            layer = place.layer_with(document, layer_id)
            if layer is None or (layer.colorModel(), layer.colorDepth(), layer.colorProfile()) != self._facts[2:5]:
                raise CannotEdit(say("plan.no_layer"))
            pixels = await capture.pixels_of(document, window, layer)
            blob = await blobs.name_of(pixels)
            raster = pixels_message(self._facts, window.width, window.height, blob, self._profile())
            self._recipe.inputs.add(role=role, raster=raster, place=rect_message(window), name=layer.name())
            content[blob] = pixels
        return content

    async def _plan(self):
        request = plan_request(self.wish, self._facts, self._mask.region)
        return await self.connection.line.call("PlanEdit", request, inlay_pb2.PlanEditResponse)

    async def _read(self, window: Rect) -> bytes:
        """What is seen, earlier results and all; without the one that this run only rolls again."""
        document, wish = await self._free_hands(), self.wish
        group = None
        if not wish.build_on:
            group = await self._rolled(self._mask, wish)
        return await capture.window_of(document, window, [group] if group else [])

    async def _free_hands(self):
        """The document, once nobody paints in it; tells what it waits for."""
        document = self._document()
        if not hands.are_free(document):
            self.message = say("state.busy")
            self.changed.emit()
            await hands.free(document)
            self.message = ""
            self.changed.emit()
        return self._document()

    async def _rolled(self, mask: Mask, wish: Wish):
        document = self._document()
        group = await touched.rolled(document, mask, wish)
        if group:
            layer = place.variations_of(document, group)[place.shown(document, group)]
            made = recipes.recall(document, group).variations[recipes.id_of(layer)]
            self._beside = Beside(recipes.id_of(group), recipes.id_of(layer), made.pixels)
        return group

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

    async def _finish(self, recipe, draft, made: Made, roll: Roll) -> None:
        patch = roll.patch.moved(touched.offset_of(draft, made) or (0, 0))
        document = self._document()
        await hands.free(document)
        pixels = await capture.pixels_of(document, patch, draft)
        blob = await blobs.name_of(pixels)
        self._beside = self._beside._replace(pixels=blob)
        final = finishing(recipe, patch, made.receipt, blob)
        await self._repeat(final, draft, made, roll, {blob: pixels})

    async def _repeat(self, recipe, layer, made: Made, roll: Roll, known: "dict[str, bytes] | None" = None) -> None:
        await self.connection.ready()
        self._recipe = recipe
        moved = touched.offset_of(layer, made)
        hint = None if moved is None else (roll.offset[0] + moved[0], roll.offset[1] + moved[1])
        fitted = await fit(self._document(), recipe, self._fetch_source, hint)
        await self._prepare()
        content = {recipe.where.mask.blob: self._mask.data, **(known or {})}
        inputs = [one.raster.blob for one in recipe.inputs]
        lacking = await blobs.missing(
            self.connection.line, [recipe.canvas.source.blob, recipe.where.mask.blob, *inputs]
        )
        if any(blob in lacking and blob not in content for blob in inputs):
            raise CannotEdit("The server no longer has the draft that this result finished. Finish a draft again.")
        if recipe.canvas.source.blob in lacking:
            source = self._source = await self._read_below(recipe, fitted.offset)
            blob = await blobs.name_of(source)
            if blob != recipe.canvas.source.blob:
                self.notes.append(say("plan.changed_below"))
                recipe.canvas.source.blob = blob
            content[blob] = source
        await self._send(
            {name: content[name] for name in content if name in lacking or name == recipe.canvas.source.blob}
        )
        await self._run()

    async def _read_below(self, recipe, offset: "tuple[int, int]") -> bytes:
        document = self._document()
        group = place.result_with(document, self._beside.group_id)
        window = rect_of(recipe.canvas.window).moved(offset)
        if window.intersection(Rect(0, 0, document.width(), document.height())) != window:
            raise CannotEdit("A part of what this edit saw was cropped off. Select and run the edit again.")
        return await capture.window_of(document, window, [group] if group else [])

    async def _fetch_source(self) -> "bytes | None":
        """The window's pixels as the server saw them; None where nobody has them any more."""
        blob = self._recipe.canvas.source.blob
        if self._source is None and not await blobs.missing(self.connection.line, [blob]):
            self._source = await blobs.download(self.connection.line, blob)
        return self._source

    async def _send(self, content: "dict[str, bytes]") -> None:
        self._turn("uploading")
        if content:
            self.uploaded_bytes = await blobs.upload(self.connection.line, content, self._uploaded)

    def _uploaded(self, sent: int, total: int) -> None:
        self.fraction = sent / total if total else 1.0
        self.changed.emit()

    async def _run(self) -> None:
        self._turn("queued")
        await submit(self.connection, self.job_id, self._recipe, self._label, self._lost)
        await self._resume(self._recipe)

    async def _resume(self, recipe) -> None:
        self._turn("queued")
        last = await follow(self.connection, self.job_id, self._heard, self._lost)
        if last == "cancelled":
            raise Cancelled
        if last == "failed":
            return
        if identity.find(self.document_id) is None:
            self._end("waiting", say("state.closed"))
            return
        await self._fetch(recipe)
        if self.places_itself:
            await self._place()
        else:
            self._turn("finished")

    async def _fetch(self, recipe) -> None:
        self._turn("fetching")
        if results.kind_of(self._variations[0]) != "patch":
            await self._fetch_others()
            return
        for number, variation in enumerate(self._variations):
            pixels = await blobs.download(self.connection.line, variation.patch.pixels.blob)
            self.candidates.append(Candidate(variation, pixels))
            self.fraction = (number + 1) / len(self._variations)
            self.changed.emit()
        patch = self._variations[0].patch
        self._shown = Mask(rect_of(patch.bounds), await blobs.download(self.connection.line, patch.mask.blob))
        if self._mask is None:
            self._mask = Mask(
                rect_of(recipe.where.region), await blobs.download(self.connection.line, recipe.where.mask.blob)
            )
            await self._rolled(self._mask, self.wish)
        for variation in self._variations:
            self.notes += [note for note in variation.report.notes if note not in self.notes]

    async def _fetch_others(self) -> None:
        """Results that are no patches: see `host.results`."""
        for variation in self._variations:
            rasters = results.rasters_of(variation)
            pixels = [await blobs.download(self.connection.line, raster.blob) for raster in rasters]
            self._others.append((variation, pixels))

    async def _place_others(self) -> None:
        for variation, pixels in self._others:
            await results.put(self._document(), self.wish.name, variation, pixels, self.wish.lands)
        options.dismiss(self.job_id)
        self._end("placed", " ".join(self.notes))

    async def _place(self) -> None:
        self._turn("placing")
        if self._others:
            await self._place_others()
            return
        document = await self._free_hands()
        facts = facts_of(document)
        if advice.is_animated(document):
            self.notes.append(say("finding.animated"))
        if await in_thread(lambda: any(advice.is_above_white(one.pixels, facts) for one in self.candidates)):
            self.notes.append(say("finding.above_white"))
        findings = [self._finding(candidate.variation.report) for candidate in self.candidates]
        recipe, name = self._recipe, self.wish.name
        arrival = Arrival(
            self.job_id, name, recipe, self.candidates, findings, self._shown, self._mask, self.wish.lands
        )
        landed = await land(arrival, self._document, self._beside, self._fetch_source, self._holding)
        self.group_id, self._source = landed.group_id, None
        hidden = [advice.ISOLATED] if advice.is_isolated(document, self._shown.region) else []
        self._end("placed", " ".join([*self.notes, *landed.notes, *hidden]))

    def _finding(self, report) -> Finding:
        told = {note for variation in self._variations for note in variation.report.notes}
        notes = (*(note for note in self.notes if note not in told), *report.notes)
        before, after = (
            getattr(report, name) if report.HasField(name) else None
            for name in ("ring_delta_e_before", "ring_delta_e_after")
        )
        return Finding(before, after, notes)

    # --- what happens meanwhile -----------------------------------------------

    def _document(self):
        document = identity.find(self.document_id)
        if document is None:
            raise CannotEdit(f"{capture.CLOSED} The result is offered again when it is opened.")
        return document

    def _heard(self, event) -> None:
        kind = event.WhichOneof("happening")
        happening = getattr(event, kind)
        self.message = ""
        if kind == "queued":
            self.phase, self.position = "queued", happening.position
            self.eta_s = happening.eta_s if happening.HasField("eta_s") else None
            self.message = say("state.hindered", why=happening.why) if happening.why else ""
        elif kind == "loading":
            self.phase, self.message = "painting", say("state.loading", what=happening.what)
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
