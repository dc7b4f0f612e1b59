"""One result, many deliverables: its edit in other open documents, and tables of its variations in several formats."""

from typing import Any

from .client import blobs
from .client.follow import insist
from .client.messages import production_pb2, verbs_pb2
from .client.tasks import Cancelled, Task, sleep
from .client.trouble import Trouble
from .edit import Edit
from .host import canvas, capture, composite, hands, identity, pictures, place, results, scratch, touched
from .host.capture import Mask, Rect, rect_of
from .host.colors import readable
from .host.facts import CannotEdit, facts_of
from .host.memories import Kept, id_of, recall
from .landing import LOOK_S
from .qt import QObject, Signal
from .session import tell_fault
from .wish import Wish, alone, elsewhere
from .words import say

CARRY_S = 120.0
"""Looking for what was selected takes some seconds, on a busy machine more."""

HERE = ""
"""The column that is no format: this picture."""

PROMPT, COLOR = "words.prompt", "words.target_color"


class Flagged(CannotEdit):
    """A person must look; the message says why."""


class Cell:
    """One edit of several."""

    def __init__(self, row: str, column: str = HERE):
        self.row, self.column = row, column
        self.state = "waiting"
        """waiting, working, done, flagged, failed or cancelled."""
        self.said = ""
        """Why."""


class Work(QObject):
    """Edits like that of the result in hand, one after the other. `changed`: of a cell something is another than before.

    Raises CannotEdit, Trouble where there is no such result.
    """

    changed = Signal()

    def __init__(self, session, document, cells: "list[Cell]"):
        super().__init__()
        self.session, self.cells = session, cells
        group, layer, self.kept = session.variation_in_hand(document)
        self.recipe = alone(self.kept.memory)
        self.form = form_of(session, self.kept)
        self._document, self._ids = document, (id_of(group), id_of(layer))
        self._task: Any = None
        self._is_stopped = False

    @property
    def is_over(self) -> bool:
        return self._task is not None and self._task.done()

    def start(self) -> Task:
        """Begins; the task ends once each cell has its last state."""
        self._task = Task(self._run())
        self._task.add_done_callback(tell_fault)
        return self._task

    def cancel(self) -> None:
        """Takes back what is being made, and begins nothing else. What was made stays."""
        self._is_stopped = True
        if self._task is not None:
            self._task.cancel()

    async def _run(self) -> None:
        try:
            await self._prepare()
            for cell in self.cells:
                self._turn(cell, "working")
                self._go_on()
                try:
                    await self._do(cell)
                    self._turn(cell, "done")
                except Flagged as why:
                    self._turn(cell, "flagged", str(why))
                except (CannotEdit, Trouble) as why:
                    self._turn(cell, "failed", str(why))
        except Cancelled:
            self._rest("cancelled", "")
        except (CannotEdit, Trouble) as why:
            self._rest("failed", str(why))

    def _go_on(self) -> None:
        """Raises Cancelled where it was taken back: a task cannot be cancelled from within."""
        if self._is_stopped:
            raise Cancelled

    def _rest(self, state: str, said: str) -> None:
        for cell in self.cells:
            if cell.state in ("waiting", "working"):
                self._turn(cell, state, said)

    def _turn(self, cell: Cell, state: str, said: str = "") -> None:
        cell.state, cell.said = state, said
        self.changed.emit()

    async def _on_line(self, ask):
        """What `await ask(line)` gives, asked again however often the line is lost; what is made next says so meanwhile."""
        cell = next(cell for cell in self.cells if cell.state in ("waiting", "working"))

        def lost(trouble: Trouble) -> None:
            self._turn(cell, cell.state, f"{trouble.message} {say('state.trying_again')}")
            self.session.connection.check()

        answer = await insist(lambda: ask(self.session.connection.line), lost)
        if cell.said:
            self._turn(cell, cell.state)
        return answer

    async def _prepare(self) -> None:
        """What all cells need."""

    async def _do(self, cell: Cell) -> None:
        """Makes one. Raises CannotEdit, Trouble."""
        raise NotImplementedError

    def _there(self) -> "tuple[Any, Any, Any]":
        """The document, the result's group, and its variation. Raises CannotEdit where they are gone."""
        document = identity.must_be_open(self._document)
        group = place.result_with(document, self._ids[0])
        layer = place.layer_with(document, self._ids[1]) if group is not None else None
        if layer is None:
            raise CannotEdit(say("many.gone"))
        return document, group, layer

    def _mask(self) -> Mask:
        """What the result was asked for with, where that lies now. Raises CannotEdit where the canvas no longer holds it."""
        document, group, layer = self._there()
        region = region_of(layer, self.kept)
        if region.intersection(capture.canvas_of(document)) != region:
            raise CannotEdit(say("changed.cropped_off"))
        return Mask(region, recall(document, group).mask)

    async def _painted(self, edit: Edit) -> None:
        """Waits for an edit that began. Raises CannotEdit where nothing came of it."""
        self.session.follow(edit)
        try:
            while not edit.has_ended:
                self._go_on()
                await sleep(LOOK_S)
        except Cancelled:
            edit.cancel()
            raise
        if edit.phase != "placed":
            raise CannotEdit(edit.message or say("many.cancelled"))

    def _begun(self, document, wish: Wish, mask: Mask, called: str = "", read_by: str = "") -> Edit:
        edit = Edit(self.session.connection, wish.form.title, places_itself=True)
        edit.called = called
        edit.begin_through(document, wish, mask, read_by)
        return edit

    def _varied(self, document, group, layer, value: "dict[str, str]", called: str) -> Edit:
        """Another variation of a result, which differs in one thing."""
        edit = Edit(self.session.connection, self.kept.memory.title, places_itself=True)
        edit.called = called
        edit.begin_again(document, group, layer, changes=value)
        return edit


class Apply(Work):
    """The same edit in other documents, each through the mask as it lies there. Where that is not sure, a person must look."""

    def __init__(self, session, document, others: list):
        listed = others_of(document)
        names = identity.captions_of(listed)
        super().__init__(session, document, [Cell(names[listed.index(other)]) for other in others])
        self._others = dict(zip(self.cells, others, strict=True))
        self._wish = elsewhere(self.form, self.recipe)
        self._asked = production_pb2.CarryMaskRequest()

    async def _prepare(self) -> None:
        """Shows the server the document as it was before the edit, and what was selected."""
        document, group, _ = self._there()
        mask = self._mask()
        if self.form.inverts:  # What is to be found is what stays.
            mask = canvas.complement(mask, capture.canvas_of(document))
        self._asked.master_size.CopyFrom(facts_of(document).size)
        self._asked.region.CopyFrom(mask.region.message)
        self._asked.mask.CopyFrom(mask.raster(await blobs.name_of(mask.data)))
        async with capture.without(document, [group, *place.above(document, id_of(group))]):
            picture = pictures.looked_at(document)
        await self._send(picture, self._asked.master, {self._asked.mask.blob: mask.data})

    async def _do(self, cell: Cell) -> None:
        other = self._others[cell]
        await hands.free(other)
        self._asked.sibling_size.CopyFrom(facts_of(other).size)
        await self._send(pictures.looked_at(other), self._asked.sibling, {})
        answer = await self._on_line(lambda line: line.call(self._asked, CARRY_S))
        found = answer.found.mask.blob
        data = await self._on_line(lambda line: blobs.download(line, found)) if answer.HasField("found") else b""
        identity.must_be_open(other)
        if not answer.is_sure:
            if data:
                results.select(other, answer.found, data)
            raise Flagged(answer.sentence)
        mask = Mask(rect_of(answer.found.bounds), data)
        if self.form.inverts:
            mask = canvas.complement(mask, capture.canvas_of(other))
        await self._painted(self._begun(other, self._wish, mask))

    async def _send(self, picture: pictures.Picture, raster, content: "dict[str, bytes]") -> None:
        """Uploads a picture, and fills in what the question says of it."""
        blob = await blobs.name_of(picture.pixels)
        raster.CopyFrom(picture.facts.raster(*picture.facts[:2], blob, b""))
        await self._on_line(lambda line: blobs.upload(line, {blob: picture.pixels, **content}))


class Home:
    """A format's document: how far the picture moved in it, the layer that the result lies on, and the result once there is one."""

    def __init__(self, document, moved: "tuple[int, int]", lies_on: str):
        self.document, self.moved, self.lies_on = document, moved, lies_on
        self.group_id = ""

    def result(self) -> "tuple[Any, Any]":
        """The result's group and its variation that shows; None, None before the first one, and where it was thrown away."""
        document = identity.must_be_open(self.document)
        group = place.result_with(document, self.group_id) if self.group_id else None
        number = place.shown(document, group) if group is not None else -1
        return (group, place.variations_of(document, group)[number]) if number >= 0 else (None, None)


class Table(Work):
    """Variations of one result that differ in one thing, each in the formats that are asked for; the seed stays.

    path: what differs. rows: its values. formats: by name; HERE is this picture, every other one a new document.
    """

    def __init__(self, session, document, path: str, rows: "list[str]", formats: "list[str]"):
        super().__init__(session, document, [Cell(row, name) for name in formats for row in rows])
        self._path = path
        self._homes: dict[str, Any] = {}
        """By format: its Home, or what is wrong."""

    async def _do(self, cell: Cell) -> None:
        value = readable(cell.row) if self._path == COLOR else cell.row
        if cell.column == HERE:
            await self._painted(self._varied(*self._there(), {self._path: value}, cell.row))
            return
        if cell.column not in self._homes:
            try:
                self._homes[cell.column] = await self._framed(cell.column)
            except (CannotEdit, Trouble) as why:
                self._homes[cell.column] = why
        home = self._homes[cell.column]
        if isinstance(home, Exception):
            raise CannotEdit(str(home))
        group, layer = home.result()
        if group is not None:
            await self._painted(self._varied(home.document, group, layer, {self._path: value}, cell.row))
            return
        mask = self._mask()
        moved = mask.region.moved(home.moved)
        own = moved.x - self.recipe.where.region.x, moved.y - self.recipe.where.region.y
        wish = elsewhere(self.form, self.recipe, own)
        wish.values[self._path] = value
        edit = self._begun(home.document, wish, mask._replace(region=moved), cell.row, home.lies_on)
        await self._painted(edit)
        home.group_id = edit.group_id

    async def _framed(self, name: str) -> Home:
        """A new document in a format, with what it shows beyond the picture painted."""
        document, *_ = self._there()
        asked = production_pb2.FrameFormatsRequest(document=facts_of(document).size, formats=[name])
        asked.focus.CopyFrom(self._mask().region.message)
        found = (await self._on_line(lambda line: line.call(asked))).formats[0]
        await hands.free(self._there()[0])
        document, group, _ = self._there()
        crop = rect_of(found.crop)
        made, lies_on = canvas.copy_without(document, group, f"{identity.caption_of(document)} {found.title}")
        fresh = canvas.framed(made, crop)
        await composite.refresh(made)
        whole = capture.canvas_of(made)
        if crop.intersection(capture.canvas_of(document)) != crop:
            sampling = self.recipe.sampling
            wish = self.session.wish("expand", seed=0, tier=sampling.tier, style=sampling.style)
            mask = Mask(whole, bytes(fresh.pixelData(*whole)))
            expanded = self._begun(made, wish, mask, read_by=lies_on)
            await self._painted(expanded)
            lies_on = expanded.group_id
        return Home(made, (-crop.x, -crop.y), lies_on)


def region_of(layer, kept: Kept) -> Rect:
    """Where what a variation was asked for lies in its document now."""
    return rect_of(kept.memory.recipe.where.region).moved(touched.offset_of(layer, kept) or kept.offset)


def form_of(session, kept: Kept) -> verbs_pb2.VerbForm:
    """The form of what a variation was made by. Raises CannotEdit where the server that is there has none."""
    form = session.connection.forms.get(kept.memory.recipe.verb)
    if form is None:
        raise CannotEdit(say("many.other_server", title=kept.memory.title))
    return form


def others_of(document) -> list:
    """The other open documents that people see."""
    return [one for one in identity.documents() if one != document and not scratch.is_hidden(one)]


def paths_of(session, document) -> "list[tuple[str, str]]":
    """What rows of a table can be of the result in hand, each with its title: what it was asked for by comes first.

    Raises CannotEdit.
    """
    kept = session.variation_in_hand(document)[2]
    recipe = kept.memory.recipe
    titles = {asked.path: asked.title for asked in form_of(session, kept).fields}
    order = (COLOR, PROMPT) if recipe.words.target_color else (PROMPT, COLOR)
    found = [(path, titles[path]) for path in order if path in titles]
    if not found:
        raise CannotEdit(say("many.no_words"))
    return found
