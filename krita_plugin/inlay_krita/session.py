"""Everything that runs in this Krita: the connection, the edits, and finished results that wait for their document."""

import json
from dataclasses import replace

from .client.connection import Connection
from .client.messages import TIERS, inlay_pb2, job_pb2, recipe_pb2
from .client.tasks import Task
from .client.trouble import Trouble
from .edit import Edit
from .host import composite, desk, identity, options, place, recipes, scratch
from .host.facts import CannotEdit, facts_of
from .qt import QObject, QTimer, Signal
from .wish import Wish, wish_of

WATCH_MS = 1000
MAX_OFFERS = 20
_OFFERED = (job_pb2.JOB_STATE_DONE, job_pb2.JOB_STATE_RUNNING, job_pb2.JOB_STATE_QUEUED)


class Session(QObject):
    """`changed`: an edit, the connection or the offers are another than before. `placed`: an edit is in its document."""

    changed = Signal()
    placed = Signal(object)

    def __init__(self):
        super().__init__()
        self.connection = Connection(options.address())
        self.edits: list[Edit] = []
        self.offers: dict[str, list] = {}
        """Jobs (the contract's Job) that are not in their document, by document id."""
        self.last_failure: str | None = None
        """Why the edit that failed last did, until somebody showed it."""
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

    def run(self, wish: Wish, document=None, places_itself: bool = True) -> Edit:
        """Starts an edit of the selection. Raises CannotEdit, Trouble."""
        document = self._editable(document)
        if wish.lack:
            raise CannotEdit(wish.lack)
        edit = Edit(self.connection, wish, places_itself)
        edit.begin(document)
        return self._follow(edit)

    def run_again(self, document=None, places_itself: bool = True) -> Edit:
        """Runs the recipe of the result that the active layer belongs to. Raises CannotEdit, Trouble."""
        document = self._editable(document)
        group, memory = self._result(document)
        edit = Edit(self.connection, wish_of(recipe_pb2.Recipe.FromString(memory.recipe)), places_itself)
        edit.begin_again(document, group, memory)
        return self._follow(edit)

    def finish(self, document=None, places_itself: bool = True) -> Edit:
        """Paints the variation that shows anew at the final tier, keeping what it shows. Raises CannotEdit, Trouble."""
        document = self._editable(document)
        group, memory = self._result(document)
        number = place.shown(group)
        if not self.can_finish(memory, number):
            raise CannotEdit("This is no draft of a model. Show a variation that a model painted below the final tier.")
        wish = wish_of(recipe_pb2.Recipe.FromString(memory.recipe))
        edit = Edit(self.connection, replace(wish, tier="final", count=1), places_itself)
        edit.begin_again(document, group, memory, place.variations_of(group)[number])
        return self._follow(edit)

    def can_finish(self, memory, number: int) -> bool:
        """Whether a result's variation is a draft, below the final tier, of a model; those of earlier recipes are not."""
        if memory.patch is None or not 0 <= number < len(memory.receipts):
            return False
        engine = json.loads(memory.receipts[number] or "{}").get("engine")
        models = [model.id for model in self.connection.models if model.understands_prompts]
        return recipe_pb2.Recipe.FromString(memory.recipe).tier < TIERS["final"] and engine in models

    def _result(self, document):
        """The group of the result in hand, and its memory. Raises CannotEdit."""
        group = place.result_at(document) or self.newest_result(document)
        memory = recipes.recall(document, group) if group is not None else None
        if memory is None:
            raise CannotEdit("The selected layer is no result of Inlay. Select a result's group or one of its layers.")
        return group, memory

    def _editable(self, document):
        document = document or desk.active_document()
        if document is None:
            raise CannotEdit("No picture is open.")
        if not self.connection.is_ready:
            raise self.connection.trouble or Trouble("unavailable", "Not connected yet.", "Try again in a moment.")
        return document

    def _follow(self, edit: Edit) -> Edit:
        self.edits.append(edit)
        edit.changed.connect(lambda: self._edit_changed(edit))
        self._edit_changed(edit)
        return edit

    def _edit_changed(self, edit: Edit) -> None:
        if edit.phase == "placed":
            self._newest[edit.document_id] = edit.group_id
            self.placed.emit(edit)
        if edit.has_ended and edit in self.edits:
            self.edits.remove(edit)
            if edit.phase != "placed":
                self._asked.discard(edit.document_id)  # Its result may have to be offered.
            if edit.phase == "failed":
                self.last_failure = edit.message
        self.changed.emit()

    def edits_of(self, document) -> "list[Edit]":
        """The edits on their way for a document, oldest first."""
        document_id = identity.known_id(document)
        return [edit for edit in self.edits if edit.document_id == document_id]

    def edits_elsewhere(self, document) -> "list[Edit]":
        """The edits on their way for other pictures, open or closed, oldest first."""
        here = self.edits_of(document) if document is not None else []
        return [edit for edit in self.edits if edit not in here]

    def newest_result(self, document):
        """The group that was placed last in a document, if it is still there; else None."""
        group_id = self._newest.get(identity.known_id(document), "")
        return place.result_with(document, group_id) if group_id else None

    def keep(self, document, group) -> None:
        """Keeps the visible variation and drops the others: one undo step for two variations, two for more."""
        number = place.shown(group)
        if number < 0:
            return
        memory = recipes.recall(document, group)
        Task(self._keep(document, group, number, memory)).when_settled(self._kept)
        for index in range(len(memory.receipts)):
            rating = job_pb2.RATING_KEPT if index == number else job_pb2.RATING_REJECTED
            request = inlay_pb2.RateVariationRequest(job_id=memory.job_id, variation=index, rating=rating)
            Task(self.connection.line.call("RateVariation", request, inlay_pb2.RateVariationResponse))

    def _kept(self, task: Task) -> None:
        if task.error is not None:
            self.last_failure = str(task.error)
        self.changed.emit()

    async def _keep(self, document, group, number: int, memory) -> None:
        await composite.settled()
        others = [node for index, node in enumerate(place.variations_of(group)) if index != number]
        if len(others) == 1:
            place.remove(document, others[0])
        elif others:
            mask = place.mask_of(group) or memory.mask
            kept = place.variations_of(group)[number]
            hidden = scratch.ready(facts_of(document))
            new = await place.built(
                document, place.build(hidden, document, group.name(), mask.region, [], mask, [kept])
            )
            place.variations_of(new)[0].setVisible(True)
            place.attach_beside(document, new, group)
            place.remove(document, group)
            finding = memory.findings.get(recipes.id_of(kept))
            findings = {recipes.id_of(place.variations_of(new)[0]): finding} if finding else {}
            recipes.remember(document, new, memory._replace(findings=findings))
            self._newest[identity.known_id(document)] = recipes.id_of(new)
            place.activate(document, document.activeNode(), new)

    # --- results that wait ----------------------------------------------------

    def _connection_changed(self) -> None:
        if self.connection.is_ready and not self._was_ready:
            self._asked.clear()
        self._was_ready = self.connection.is_ready
        self.changed.emit()

    def _look_for_documents(self) -> None:
        scratch.close_unneeded()
        if not self.connection.is_ready:
            return
        ids = {document_id for document in identity.documents() if (document_id := identity.known_id(document))}
        for document_id in ids - self._asked:
            Task(self._ask_for(document_id))
        self._asked = ids

    async def _ask_for(self, document_id: str) -> None:
        request = inlay_pb2.ListJobsRequest(label=document_id, limit=MAX_OFFERS)
        try:
            jobs = (await self.connection.line.call("ListJobs", request, inlay_pb2.ListJobsResponse)).jobs
        except Trouble:
            self._asked.discard(document_id)
            return
        document = identity.find(document_id)
        if document is None:
            return
        known = recipes.job_ids(document) | {edit.job_id for edit in self.edits} | set(options.dismissed())
        lost = [job for job in jobs if job.state in _OFFERED and job.job_id not in known]
        self.offers[document_id] = lost
        self.changed.emit()

    def offers_of(self, document) -> list:
        """Jobs of this document whose results are not in it."""
        return self.offers.get(identity.known_id(document), [])

    def accept(self, document) -> "list[Edit]":
        """Fetches and places what waits for this document."""
        document_id = identity.known_id(document)
        edits = []
        for job in self.offers.pop(document_id, []):
            edit = Edit(self.connection, wish_of(job.recipe), places_itself=True)
            edit.adopt(job)
            edits.append(self._follow(edit))
        return edits

    def dismiss(self, document) -> None:
        """Never offers these again."""
        for job in self.offers.pop(identity.known_id(document), []):
            options.dismiss(job.job_id)
        self.changed.emit()
