"""One edit on its way: captured, sent, followed, fetched and placed. Reads top to bottom."""

import traceback
import uuid
from typing import Any

from .client import blobs
from .client.follow import follow, insist, persist
from .client.messages import inlay_pb2, memory_pb2, recipe_pb2, verbs_pb2
from .client.tasks import Cancelled, Task, in_thread, sleep
from .client.trouble import Trouble
from .host import advice, capture, hands, identity, options, pictures, place, regions, results, scratch, touched
from .host.capture import Mask, Rect, rect_of
from .host.facts import CannotEdit, facts_of
from .host.fit import fit
from .host.memories import Kept, id_of, recall, remember_other
from .inputs import bring
from .landing import Arrival, Beside, Candidate, land, rolled
from .standing import Standing
from .wish import Wish, alone, fill, plan_request, recipe_message
from .words import say

IN_HAND = "layer"
"""The role of the active layer, which comes along where a verb needs one; what comes of it stands for it."""


class Edit(Standing):
    """An edit, begun by `begin`, `begin_through`, `begin_again`, `begin_another` or `adopt`."""

    def __init__(self, connection, title: str, places_itself: bool):
        super().__init__()
        self.connection = connection
        self.document_id = ""
        self.title = title
        """What it is called: the verb, until the server named the result."""
        self.places_itself = places_itself
        self.job_id = str(uuid.uuid4())
        self.candidates: list[Candidate] = []
        self.notes: list[str] = []
        self.said = ""
        """What is to be told of a result that was placed and no layer of it remembers."""
        self.suggested: dict[str, str] = {}
        """What the result says of fields of the form, by their paths."""
        self.group_id = ""
        """Unique id of the group in the document, once placed."""
        self.uploaded_bytes = 0
        self.called = ""
        """What its variation is named; empty: by its number and seed."""
        self.recipe = recipe_pb2.Recipe()
        self._lands = "top"
        self._asked = b""
        """The samples of the selection."""
        self._shown: Any = None
        """The Mask; None until it was read."""
        self._beside: Any = None
        """The Beside that this is a further roll of, if there is one."""
        self._only: int | None = None
        """The one variation that is wanted; None: all of them."""
        self._fetched: list[tuple] = []
        """Of results that are no patches: each variation with the samples of its rasters."""
        self._others = {}
        """What those remember, by the variation's number."""
        self._aside: list[str] = []
        """Ids or names of layers that are no part of the picture."""
        self._task: Any = None

    def begin(self, document, wish: Wish) -> None:
        """Captures the selection now and the rest soon. Raises CannotEdit."""
        facts, around = facts_of(document), regions.around(document, wish)
        mask = (
            capture.all_of(around) if around else capture.asked_of(document, wish.form, place.drawn_on(document, wish))
        )
        advice.check_selection(document, wish.verb, mask)
        self.document_id = identity.id_of(document)
        self._lands = wish.lands
        if wish.form.needs == capture.NEEDS_LAYER:
            identity.keep_read_by(document, self.job_id, id_of(capture.layer_in_hand(document)))
        elif wish.reads == "below":
            identity.keep_read_by(document, self.job_id, id_of(document.activeNode()))
        self._start(self._make(wish, facts, mask, identity.label_of(document)))

    def begin_through(self, document, wish: Wish, mask: Mask, read_by: str = "") -> None:
        """Does in a document, through a mask of it, what a wish says. Raises CannotEdit.

        read_by: the layer above which nothing is read, and on which the result lands; empty: on top of all that is seen.
        """
        self.document_id = identity.id_of(document)
        identity.keep_read_by(document, self.job_id, read_by)
        self._start(self._make(wish, facts_of(document), mask, identity.label_of(document)))

    def begin_again(
        self,
        document,
        group,
        layer,
        *,
        finishes: bool = False,
        seed: "int | None" = None,
        changes: "dict | None" = None,
    ) -> None:
        """Runs the recipe of a result's variation anew: the same recipe gives the same pixels. Raises CannotEdit.

        finishes: paint what the variation shows anew instead, at the final tier. seed: another than the recipe's, for more.
        changes: what of this one variation shall be otherwise, by its paths; its own seed stays.
        """
        facts_of(document)
        result = recall(document, group)
        kept = result.layers[id_of(layer)]
        self._asked, self._beside = result.mask, Beside(id_of(group), id_of(layer), kept.blob)
        self.recipe.CopyFrom(kept.memory.recipe)
        self.document_id = identity.id_of(document)
        identity.keep_read_by(document, self.job_id, identity.read_by(document, kept.memory.job_id))
        if seed is not None:
            fill(self.recipe, {"sampling.seed": seed})
        if changes is not None:
            self.recipe.CopyFrom(alone(kept.memory))
            fill(self.recipe, changes)
        self._start((self._finish if finishes else self._repeat)(layer, kept, identity.label_of(document)))

    def begin_another(self, document, node, mask: bytes, kept: Kept) -> None:
        """Runs the recipe of a result that is no patch anew, right above it. Raises CannotEdit."""
        facts_of(document)
        self._asked, self._lands = mask, "above"
        document.setActiveNode(node)
        self.recipe.CopyFrom(kept.memory.recipe)
        self.document_id = identity.id_of(document)
        identity.keep_read_by(document, self.job_id, identity.read_by(document, kept.memory.job_id))
        self._start(self._repeat(node, kept, identity.label_of(document)))

    def adopt(self, document, job_id: str, variation: "int | None" = None) -> None:
        """Takes over a job that was submitted before: follows it, and fetches all that it made, or one variation."""
        self.document_id, self.job_id, self._only = identity.id_of(document), job_id, variation
        self._start(self._follow())

    def cancel(self) -> None:
        """Takes the job back, wherever it is; what it painted in the meantime is never offered."""
        if self.has_ended:
            return
        was_submitted = self.phase not in ("capturing", "uploading")
        self._task.cancel()
        if was_submitted:
            options.dismiss(self.job_id)
            Task(persist(self.connection, inlay_pb2.CancelJobRequest(job_id=self.job_id)))

    def place(self) -> None:
        """Places a finished edit."""
        if self.phase == "finished":
            self._start(self._place())

    # --- the way of an edit ---------------------------------------------------

    async def _make(self, wish: Wish, facts, mask: Mask, label: str) -> None:
        await self.connection.ready()
        request = plan_request(wish, facts, mask.region, pictures.sizes(self._document(), wish))
        plan = await persist(self.connection, request, self._lost)
        self.notes = list(plan.notes)
        window = rect_of(plan.window)
        mask_blob, self._asked = await blobs.name_of(mask.data), mask.data
        self.recipe = recipe_message(wish, facts, window, mask, mask_blob)
        brought = [one.raster.blob for one in self.recipe.inputs]
        if brought and await self._on_line(blobs.missing, brought):
            raise CannotEdit(say("plan.input_gone"))
        await self._free_hands()
        self._aside = [wish.get(asked.path) for asked in capture.asides(wish.form) if wish.get(asked.path)]
        if not wish.build_on:
            self._beside = await self._on_line(rolled, self._document, self.recipe, mask.data)
        source = await self._seen(window)
        if facts_of(self._document()) != facts:
            raise CannotEdit(say("changed.while_read"))
        icc, source_blob = await self._prepare(facts), await blobs.name_of(source)
        self.recipe.canvas.source.CopyFrom(facts.raster(window.width, window.height, source_blob, icc))
        content = {source_blob: source, mask_blob: mask.data}
        layers = wish.layers()
        if wish.form.needs == capture.NEEDS_LAYER:
            layers[IN_HAND] = self._read_by()
        profiles = self.connection.info.profiles
        content.update(await bring(self.recipe, wish, layers, window, facts, self._document, profiles))
        await self._send(content)
        await self._submit(label)

    async def _seen(self, window: Rect) -> bytes:
        """What this edit reads: what is seen, earlier results and all; without the one that is only rolled again."""
        document = self._document()
        group = place.result_with(document, self._beside.group_id) if self._beside else None
        above = place.above(document, identity.read_by(document, self.job_id))
        aside = [layer for one in self._aside if (layer := place.layer_meant(document, one)) is not None]
        async with capture.without(document, [*above, *aside, *([group] if group else [])]):
            return await capture.pixels_of(self._document(), window)

    async def _free_hands(self):
        """The document, once nobody paints in it; tells what it waits for."""
        document = self._document()
        if not hands.are_free(document):
            self.tell(say("state.busy"))
            await hands.free(document)
            self.tell("")
        return self._document()

    async def _prepare(self, facts) -> bytes:
        """Has what placing needs ready before anything is painted: opening it takes the UI thread some 40 ms.

        Returns the ICC bytes of a profile whose name the server does not know; none where the name is enough.
        """
        await sleep(0)
        scratch.ready(facts)
        return scratch.icc_unless(self.connection.info.profiles, facts)

    async def _finish(self, draft, kept: Kept, label: str) -> None:
        """Has the draft painted in earnest, from what its layer shows now."""
        document = self._document()
        await hands.free(document)
        patch = rect_of(kept.memory.patch.bounds).moved(touched.offset_of(draft, kept) or kept.offset)
        pixels = await capture.pixels_of(document, patch, draft)
        blob = await blobs.name_of(pixels)
        self._beside = self._beside._replace(blob=blob)
        await self._bring(draft, kept, {blob: pixels})
        request = memory_pb2.FinishVariationRequest(
            job_id=self.job_id,
            memory=kept.memory,
            pixels=kept.memory.patch.pixels,
            source=self.recipe.canvas.source,
            label=label,
        )
        request.pixels.blob = blob
        self.turn("queued")
        await self._accepted(request)

    async def _repeat(self, layer, kept: Kept, label: str) -> None:
        await self._bring(layer, kept, {})
        await self._submit(label, kept.memory.job_id)

    async def _bring(self, layer, kept: Kept, content: "dict[str, bytes]") -> None:
        """Has the server know again what the recipe was made with, and `content`, wherever the picture is now."""
        await self.connection.ready()
        form = self.connection.forms.get(self.recipe.verb, verbs_pb2.VerbForm())
        roles = [asked.path.partition(".")[2] for asked in capture.asides(form)]
        self._aside = [one.name for one in self.recipe.inputs if one.role in roles]
        hint = touched.offset_of(layer, kept)
        fitted = await fit(self.connection, self._document(), self.recipe, hint, self._read_by())
        await self._prepare(facts_of(self._document()))
        source, content = self.recipe.canvas.source, {self.recipe.where.mask.blob: self._asked, **content}
        inputs = [one.raster.blob for one in self.recipe.inputs]
        lacking = await self._on_line(blobs.missing, [source.blob, *inputs, *content])
        if any(blob in lacking and blob not in content for blob in inputs):
            raise CannotEdit(say("plan.input_gone"))
        if source.blob in lacking:
            window = rect_of(self.recipe.canvas.window).moved(fitted.offset)
            if window.intersection(capture.canvas_of(self._document())) != window:
                raise CannotEdit(say("changed.cropped_off"))
            pixels = await self._seen(window)
            blob = await blobs.name_of(pixels)
            if blob != source.blob:
                self.notes.append(say("plan.changed_below"))
                source.blob = blob
            content[blob] = pixels
        await self._send(content)

    async def _send(self, content: "dict[str, bytes]") -> None:
        self.turn("uploading")
        if content:
            self.uploaded_bytes = await self._on_line(blobs.upload, content, self.progress)

    async def _on_line(self, transfer, *what):
        """What `transfer(line, *what)` gives, however often the line is lost meanwhile: what arrived is not sent again."""
        return await insist(lambda: transfer(self.connection.line, *what), self._lost)

    async def _submit(self, label: str, parent: str = "") -> None:
        self.turn("queued")
        request = inlay_pb2.SubmitEditRequest(job_id=self.job_id, recipe=self.recipe, label=label, parent=parent)
        request.no_hints = not options.wants_hints()
        await self._accepted(request)

    async def _accepted(self, request) -> None:
        """Hands a job over until the server took it, and follows it; the same id again is the same job."""
        self.title = (await persist(self.connection, request, self._lost)).job.title
        await self._follow()

    async def _follow(self) -> None:
        self.turn("queued")
        last = await follow(self.connection, self.job_id, self.heard, self._lost)
        if last == "cancelled":
            raise Cancelled
        if last == "failed":
            return
        if identity.find(self.document_id) is None:
            self.turn("waiting", say("state.closed"))
            return
        await self._fetch()
        if self.places_itself:
            await self._place()
        else:
            self.turn("finished")

    async def _fetch(self) -> None:
        self.turn("fetching")
        request = memory_pb2.DescribeResultRequest(job_id=self.job_id)
        answer = await persist(self.connection, request, self._lost)
        self.title = answer.title
        if not answer.memories:
            for report in (one.report for one in self.variations):
                self.suggested.update(report.suggested)
                self.notes += [note for note in report.notes if note not in self.notes]
            self._fetched = [
                (one, [await self._on_line(blobs.download, raster.blob) for raster in results.rasters_of(one)])
                for one in results.to_place(self.variations)
            ]
            self._others = {memory.variation: memory for memory in answer.others}
            if answer.others:
                self.recipe = answer.others[0].recipe
                self._asked = self._asked or await self._on_line(blobs.download, self.recipe.where.mask.blob)
            return
        wanted = [one for one in answer.memories if self._only in (None, one.variation)]
        for number, memory in enumerate(wanted):
            notes = [*self.notes, *(note for note in memory.report.notes if note not in self.notes)]
            memory.report.notes[:] = notes
            pixels = await self._on_line(blobs.download, memory.patch.pixels.blob)
            self.candidates.append(Candidate(memory, pixels, self.called))
            self.progress(number + 1, len(wanted))
        self.recipe, patch = wanted[0].recipe, wanted[0].patch
        self._shown = Mask(rect_of(patch.bounds), await self._on_line(blobs.download, patch.mask.blob))
        if not self._asked:  # It was submitted before Krita, or its document, was opened.
            self._beside = await self._on_line(rolled, self._document, self.recipe)
            self._asked = await self._on_line(blobs.download, self.recipe.where.mask.blob)

    async def _place(self) -> None:
        self.turn("placing")
        document = await self._free_hands()
        if not self.candidates:
            for variation, pixels in self._fetched:
                source, region = self._document(), rect_of(self.recipe.where.region)
                active, there = source.activeNode(), identity.documents()
                put = await results.put(source, self.title, variation, pixels, self._lands, self._read_by(), region)
                if put and put[0] != source and put[0] in there:
                    self.notes.append(say("finding.is_in", document=identity.caption_of(put[0])))
                if put and advice.is_in_hidden(*put):
                    self.notes.append(say("finding.in_hidden"))
                if put and variation.index in self._others:
                    remember_other(put, self._asked, self._others[variation.index], place.bounds_of(put[1]))
                if put and results.kind_of(variation) == "layers":
                    is_in_hand = any(one.role == IN_HAND for one in self.recipe.inputs)
                    results.watch(*put, active, self._read_by() if is_in_hand else "")
            options.dismiss(self.job_id)
            self.said = " ".join(self.notes)
            self.turn("placed", self.said)
            return
        facts, told = facts_of(document), []
        if advice.is_animated(document):
            told.append(say("finding.animated"))
        if await in_thread(lambda: any(advice.is_above_white(one.pixels, facts) for one in self.candidates)):
            told.append(say("finding.above_white"))
        for candidate in self.candidates:
            candidate.memory.report.notes.extend(told)
        notes = list(dict.fromkeys(note for one in self.candidates for note in one.memory.report.notes))
        arrival = Arrival(self.title, self.recipe, self.candidates, self._shown, self._asked, self._lands)
        self.group_id, said = await land(self.connection, arrival, self._document, self._beside, self._read_by())
        document = self._document()
        group = place.result_with(document, self.group_id)
        if advice.is_isolated(document, self._shown.region):
            said.append(say("finding.isolated"))
        if group is not None and advice.is_in_hidden(document, group):
            said.append(say("finding.in_hidden"))
        self.said = " ".join(said)
        self.turn("placed", " ".join([*notes, *said]))

    # --- what happens meanwhile -----------------------------------------------

    def _document(self):
        document = identity.find(self.document_id)
        if document is None:
            raise CannotEdit(say("plan.closed") + " " + say("state.offered_again"))
        return document

    def _read_by(self) -> str:
        return identity.read_by(self._document(), self.job_id)

    def _lost(self, trouble: Trouble) -> None:
        is_there = self.phase not in ("capturing", "uploading")
        self.tell(f"{trouble.message} {say('state.goes_on' if is_there else 'state.trying_again')}")
        self.connection.check()

    def _start(self, coroutine) -> None:
        self._task = Task(coroutine)
        self._task.add_done_callback(self._settled)

    def _settled(self, task) -> None:
        error = task.exception()
        if isinstance(error, Cancelled):
            self.turn("cancelled")
        elif isinstance(error, (Trouble, CannotEdit)):
            self.turn("failed", str(error))
        elif error is not None:
            traceback.print_exception(type(error), error, error.__traceback__)  # Raising in a slot would end Krita.
            self.turn("failed", f"The plugin failed: {type(error).__name__}: {error}")
