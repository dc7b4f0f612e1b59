"""Everything that runs in this Krita: the connection, the edits, and finished results that wait for their document."""

import random
import traceback

from . import words
from .client.connection import Connection
from .client.messages import inlay_pb2, job_pb2, style_pb2, verbs_pb2
from .client.tasks import Task
from .client.trouble import Trouble
from .edit import Edit
from .host import canvas, desk, identity, options, place, results, scratch
from .host.facts import CannotEdit
from .host.fit import shows_source
from .host.memories import id_of, job_ids, recall, recall_other
from .landing import keep_only, take_out
from .qt import QObject, QTimer, Signal
from .review import Reviews, place_of, variation_of
from .wish import Wish, initial
from .words import say

MAX_SEED = 2**32
FINAL = "final"
WATCH_MS = 1000
MAX_OFFERS = 20
FORGETFUL = (".psd", ".ora")
"""Files that hold layers, and none of the plugin's notes."""

_OFFERED = (job_pb2.JOB_STATE_DONE, job_pb2.JOB_STATE_RUNNING, job_pb2.JOB_STATE_QUEUED)


class Session(QObject):
    """`changed`: an edit, the connection or the offers are another than before. `told`: so is what the server has to tell.

    `suggested`: an edit's document, by its id, and what its result says of fields of the form, by their paths. `spoke`: what is
    to be told in every window and stands at no edit, and the opening of the document that it is about.
    """

    changed = Signal()
    told = Signal()
    suggested = Signal(str, dict)
    spoke = Signal(str, str)

    def __init__(self):
        super().__init__()
        self.connection = Connection(options.address())
        self.connection.show_forms(words.remembered())
        self.connection.described.connect(words.learn)
        self.edits: list[Edit] = []
        """Those on their way, oldest first."""
        self.left: list[Edit] = []
        """Those that failed, until the retoucher saw it, or that are ready and wait for the retoucher's word."""
        self.offers: dict[str, list] = {}
        """Jobs (the contract's Job) that are not in their document, by the document's opening."""
        self.reviews = Reviews(self.connection)
        self.reviews.painted.connect(self._painted)
        self._newest: dict[str, str] = {}
        self._asked: set[str] = set()
        self._was_ready = False
        self.connection.changed.connect(self._connection_changed)
        self._timer = QTimer(self)
        self._timer.timeout.connect(self._look_for_documents)

    def start(self) -> None:
        """Begins to talk to the server."""
        self.connection.check()
        self._timer.start(WATCH_MS)

    def stop(self) -> None:
        """Lets go of everything; jobs go on at the server."""
        self._timer.stop()
        self.connection.stop()
        scratch.close_all()

    # --- edits ----------------------------------------------------------------

    def wish(self, verb: str, **named) -> Wish:
        """A wish by the last parts of its fields' paths: `prompt`, `count`; and by Wish's own: `build_on`, `lands`, `reads`."""
        form = self.connection.forms.get(verb) or verbs_pb2.VerbForm(id=verb, title=verb)
        own = {name: named.pop(name) for name in ("build_on", "lands", "reads") if name in named}
        paths = {asked.path.rpartition(".")[2]: asked for asked in form.fields}
        values = {asked.path: initial(asked) for asked in paths.values() if initial(asked) is not None}
        return Wish(form, {**values, **{paths[name].path: named[name] for name in named if name in paths}}, **own)

    def run(self, wish: Wish, document=None, places_itself: bool = True) -> Edit:
        """Starts an edit of what is selected; while it still connects, as soon as it is. Raises CannotEdit, Trouble."""
        document = self._editable(document)
        if wish.lack:
            raise CannotEdit(wish.lack)
        edit = Edit(self.connection, wish.form.title, places_itself)
        edit.begin(document, wish)
        return self.follow(edit)

    def run_again(self, document=None, places_itself: bool = True, **how) -> Edit:
        """Runs the recipe of the result that the active layer belongs to. Raises CannotEdit, Trouble."""
        document = self._editable(document)
        other = recall_other(document, document.activeNode())
        if other and not how:
            edit = Edit(self.connection, other[2].memory.title, places_itself)
            edit.begin_another(document, *other)
            return self.follow(edit)
        group, layer, kept = self.variation_in_hand(document)
        edit = Edit(self.connection, kept.memory.title, places_itself)
        edit.begin_again(document, group, layer, **how)
        return self.follow(edit)

    def more(self, document=None, places_itself: bool = True) -> Edit:
        """Paints more variations into the result that the active layer belongs to. Raises CannotEdit, Trouble."""
        return self.run_again(document, places_itself, seed=random.randrange(MAX_SEED))

    def finish(self, document=None, places_itself: bool = True) -> Edit:
        """Paints the variation that shows anew at the final tier, keeping what it shows. Raises CannotEdit, Trouble."""
        document = self._editable(document)
        if not self.can_finish(self.variation_in_hand(document)[2]):
            raise CannotEdit(say("result.no_draft"))
        return self.run_again(document, places_itself, finishes=True)

    def can_finish(self, kept) -> bool:
        """Whether a variation is a draft, below the final tier, of a model that can finish it."""
        sampling = kept.memory.recipe.sampling
        return sampling.tier != FINAL and sampling.resolved.model in [
            one.id for one in self.connection.models if one.promotes
        ]

    def variation_in_hand(self, document):
        """The group of the result in hand, the layer of the variation that shows, and what it remembers. Raises CannotEdit."""
        group = self.result_of(document)
        layers = place.variations_of(document, group)
        if not layers:
            raise CannotEdit(say("result.none"))
        layer = layers[max(0, place.shown(document, group))]
        return group, layer, recall(document, group).layers[id_of(layer)]

    def saved(self, path: str) -> None:
        """Says what a file that was just written does not keep."""
        suffix = path.lower()[-4:]
        document = next((document for document in identity.documents() if document.fileName() == path), None)
        if suffix in FORGETFUL and document is not None and place.results_of(document):
            self.spoke.emit(say("state.forgetful", suffix=suffix), identity.opening_of(document))

    def _editable(self, document):
        document = document or desk.active_document()
        if document is None:
            raise CannotEdit(say("plan.no_picture"))
        if self.connection.trouble:
            raise self.connection.trouble
        return document

    def follow(self, edit: Edit) -> Edit:
        """Takes an edit that began among those on their way."""
        self.edits.append(edit)
        edit.changed.connect(lambda: self._edit_changed(edit))
        self._edit_changed(edit)
        return edit

    def _edit_changed(self, edit: Edit) -> None:
        if edit.phase in ("placed", "placing"):
            self.close(edit)
        if edit.phase == "placed":
            self._newest[edit.document_id] = edit.group_id
            if edit.suggested:
                self.suggested.emit(edit.document_id, edit.suggested)
            for opening, jobs in self.offers.items():
                self.offers[opening] = [job for job in jobs if job.job_id != edit.job_id]
            self.told.emit()
        if edit.has_ended and edit in self.edits:
            self.edits.remove(edit)
            document = identity.find(edit.document_id)
            if edit.phase not in ("placed", "finished") and document is not None:
                self._asked.discard(identity.opening_of(document))  # Its result may have to be offered.
            if edit.phase in ("failed", "finished"):
                self.left.append(edit)
        self.changed.emit()
        document = identity.find(edit.document_id) if edit.phase == "placed" and edit.said else None
        if document is not None:
            self.spoke.emit(edit.said, identity.opening_of(document))

    def close(self, edit: Edit) -> None:
        """The retoucher saw that it failed, or does not want it."""
        if edit in self.left:
            self.left.remove(edit)
            if edit.phase == "finished":
                options.dismiss(edit.job_id)
            self.changed.emit()

    def edits_of(self, document) -> "list[Edit]":
        """The edits on their way for a document, oldest first."""
        return self._of(document, self.edits)

    def left_of(self, document) -> "list[Edit]":
        """Those of a document that failed, or are ready to be placed."""
        return self._of(document, self.left)

    def _of(self, document, edits: "list[Edit]") -> "list[Edit]":
        document_id = identity.known_id(document) if document is not None else ""
        return [edit for edit in edits if document_id and edit.document_id == document_id]

    def edits_elsewhere(self, document) -> "list[Edit]":
        """The edits on their way for other pictures, open or closed, oldest first."""
        here = self.edits_of(document)
        return [edit for edit in self.edits if edit not in here]

    def in_hand(self, document):
        """The result group that the active layer belongs to, or else that was placed last; None where there is neither."""
        return place.result_at(document) or self.newest_result(document) if document is not None else None

    def result_of(self, document):
        """The same. Raises CannotEdit where there is none."""
        group = self.in_hand(document)
        if group is None:
            raise CannotEdit(say("result.none"))
        return group

    def newest_result(self, document):
        """The group that was placed last in a document, if it is still there; else None."""
        group_id = self._newest.get(identity.known_id(document), "")
        return place.result_with(document, group_id) if group_id else None

    def keep(self, document, group) -> None:
        """Keeps the variation that shows and drops the others, but for those that were worked on: one undo step."""
        number = place.shown(document, group)
        if number < 0:
            return
        kept = id_of(place.variations_of(document, group)[number])
        self._begin(document, keep_only(document, group, kept))
        self._rate(document, group, kept)

    def discard(self, document, group) -> None:
        """Takes a whole result out: one undo step."""
        self._rate(document, group, "")
        self._begin(document, take_out(document, group))

    def save_style(self, document=None) -> None:
        """Keeps how the variation that shows was painted as a style, by the name of its result. Raises CannotEdit, Trouble."""
        document = self._editable(document)
        group, _, kept = self.variation_in_hand(document)
        self._begin(document, self._save_style(identity.opening_of(document), group.name(), kept.memory.job_id))

    async def _save_style(self, opening: str, title: str, job_id: str) -> None:
        request = style_pb2.SaveStyleRequest(job_id=job_id)
        request.style.title = title
        answer = await self.connection.line.call(request)
        await self.connection.describe()
        self.spoke.emit(say("style.saved", title=answer.style.title), opening)

    def _rate(self, document, group, kept: str) -> None:
        for layer_id, known in recall(document, group).layers.items():
            rating = job_pb2.RATING_KEPT if layer_id == kept else job_pb2.RATING_REJECTED
            request = inlay_pb2.RateVariationRequest(
                job_id=known.memory.job_id, variation=known.memory.variation, rating=rating
            )
            Task(self.connection.line.call(request)).add_done_callback(lambda _: self.told.emit())

    def _begin(self, document, coroutine) -> Task:
        """Does something with a document, and says beside it what went wrong."""
        opening, task = identity.opening_of(document), Task(coroutine)

        def ended(_) -> None:
            tell_fault(task)
            self.changed.emit()
            if isinstance(task.exception(), (CannotEdit, Trouble)):
                self.spoke.emit(str(task.exception()), opening)

        task.add_done_callback(ended)
        return task

    # --- reviews --------------------------------------------------------------

    def share(self, name: str, document=None) -> Task:
        """Shows the result in hand by a link, the task's value, which goes to the clipboard. Raises CannotEdit, Trouble."""
        document = self._editable(document)
        return self._begin(document, self._share(document, self.result_of(document), name.strip()))

    async def _share(self, document, group, name: str) -> str:
        opening = identity.opening_of(document)
        url, told = await self.reviews.share(document, group, name)
        self.spoke.emit(told, opening)
        return url

    def resolve(self, review, pin) -> None:
        """What a pin of a review asks for is done."""
        self._begin(self.reviews.known_in, self.reviews.resolve(review, pin))

    def select_pin(self, document, review, pin) -> None:
        """Selects what a pin is about. Raises CannotEdit."""
        canvas.select(document, *place_of(document, review, pin))

    def finish_approved(self, document, draft) -> Edit:
        """Paints a draft of a review that was approved at the final tier, from its layer. Raises CannotEdit, Trouble."""
        document = self._editable(document)
        group, layer = variation_of(document, draft)
        edit = Edit(self.connection, group.name(), places_itself=True)
        edit.begin_again(document, group, layer, finishes=True)
        return self.follow(edit)

    def _painted(self, document) -> None:
        """The final of what was approved has to be offered."""
        if identity.is_open(document):
            self._asked.discard(identity.opening_of(document))

    # --- results that wait ----------------------------------------------------

    def _connection_changed(self) -> None:
        if self.connection.is_ready and not self._was_ready:
            self._asked.clear()
        self._was_ready = self.connection.is_ready
        self.changed.emit()

    def _look_for_documents(self) -> None:
        scratch.close_unneeded()
        results.keep_standing()
        if not self.connection.is_ready:
            return
        opened = {
            identity.opening_of(document): document
            for document in identity.documents()
            if not scratch.is_hidden(document)
        }
        for opening in set(opened) - self._asked:
            Task(self._ask_for(opened[opening], opening)).add_done_callback(tell_fault)
        self._asked = set(opened)

    async def _ask_for(self, document, opening: str) -> None:
        """Looks for results that are not in a document: by its labels, and by what it shows."""
        labels = identity.labels_of(document)
        requests = [inlay_pb2.ListJobsRequest(label=label, limit=MAX_OFFERS) for label in labels]
        requests.append(inlay_pb2.ListJobsRequest(unfetched_only=True, limit=MAX_OFFERS))
        try:
            answers = [await self.connection.line.call(request) for request in requests]
        except Trouble:
            self._asked.discard(opening)
            return
        jobs = {job.job_id: job for answer in answers for job in answer.jobs if job.state in _OFFERED}
        lost = [job for job in jobs.values() if await self._lacks(document, job)]
        self.offers[opening] = sorted(lost, key=lambda job: job.submitted_unix_ms)
        self.changed.emit()

    async def _lacks(self, document, job) -> bool:
        """Whether a job belongs to a document that lacks its result, and nobody said that it is not wanted."""
        if not identity.is_open(document):
            return False
        ready = [edit for edit in self.left if edit.phase == "finished" and identity.is_in_use(edit.document_id)]
        known = {edit.job_id for edit in [*self.edits, *ready]}.union(
            options.dismissed(), *map(job_ids, identity.documents())
        )
        if job.job_id in known:
            return False
        if job.label in identity.own_labels(document):
            return True
        if job.label in identity.labels_of(document) and not job.fetched:
            return True
        others = [other for other in identity.documents() if other != document]
        if any(job.label in identity.labels_of(other) for other in others):
            return False
        return await shows_source(document, job.recipe)

    def offers_of(self, document) -> list:
        """Jobs of this document whose results are not in it."""
        return self.offers.get(identity.opening_of(document), [])

    def accept(self, document) -> "list[Edit]":
        """Fetches and places what waits for this document, the oldest first."""
        edits = []
        for job in self.offers.pop(identity.opening_of(document), []):
            edits.append(self.adopt(document, job.title, job.job_id))
        return edits

    def adopt(self, document, title: str, job_id: str, variation: "int | None" = None) -> Edit:
        """Fetches and places what a job made, or one variation of it."""
        edit = Edit(self.connection, title, places_itself=True)
        edit.adopt(document, job_id, variation)
        return self.follow(edit)

    def dismiss(self, document) -> None:
        """Never offers these again."""
        for job in self.offers.pop(identity.opening_of(document), []):
            options.dismiss(job.job_id)
        self.changed.emit()


def tell_fault(task) -> None:
    """Writes what is the plugin's own fault where Krita writes its log."""
    error = task.exception()
    if error is not None and not isinstance(error, (CannotEdit, Trouble)):
        traceback.print_exception(type(error), error, error.__traceback__)
