"""What a run would do, asked from the server beforehand: anew when what decides it is another, a moment after the last change."""

from ..client.messages import inlay_pb2
from ..client.tasks import Task, sleep
from ..client.trouble import Trouble
from ..host import capture, pictures, place, regions
from ..host.facts import CannotEdit, facts_of
from ..qt import QObject, Signal
from ..wish import plan_request
from ..words import say

DELAY_S = 0.15
"""A selection that is being drawn is waited for."""


def request_for(document, wish) -> inlay_pb2.PlanEditRequest:
    """What to ask about a wish for what is selected. Raises CannotEdit where there is nothing that could be run."""
    if document is None:
        raise CannotEdit(say("plan.no_picture"))
    facts = facts_of(document)
    around = regions.around(document, wish)
    region = around or capture.region_of(document, wish.form, place.drawn_on(document, wish))
    if region is None:
        raise CannotEdit(say("plan.no_subject" if wish.form.inverts else "plan.no_selection"))
    if wish.lack:
        raise CannotEdit(wish.lack)
    return plan_request(wish, facts, region, pictures.sizes(document, wish))


class Planning(QObject):
    """`changed`: something below is another than before."""

    changed = Signal()

    def __init__(self, connection):
        super().__init__()
        self._connection = connection
        self.plan = None
        """The newest PlanEditResponse. It stays until the next one is there, so that nothing flickers, unless that is about
        another verb, or about words.
        """
        self.obstacle = "…"
        """Why nothing can be run now, in words; empty where something can."""
        self._question = self._about = None
        self._task = None

    def look(self, document, wish, around) -> None:
        """Asks what a run would do, unless that is what was asked last. around: what else decides the answer."""
        try:
            request = request_for(document, wish)
        except CannotEdit as reason:
            if str(reason) != self._question:
                self.plan = None
                self._turn(str(reason), str(reason))
            return
        if (request, around) != self._question:
            about = (wish.verb, request.prompted)
            if about != self._about:
                self._about, self.plan = about, None
            self._turn((request, around), "")
            self._task = Task(self._ask(request))

    def _turn(self, question, obstacle: str) -> None:
        if self._task:
            self._task.cancel()
        self._question, self.obstacle = question, obstacle
        self.changed.emit()

    async def _ask(self, request) -> None:
        try:
            await sleep(DELAY_S)
            self.plan = await self._connection.line.call(request)
        except Trouble as trouble:
            self.plan = None
            if trouble.is_transient:
                self._question = None  # Asked again at the next look; the panel's first line says that it is away.
            else:
                self.obstacle = str(trouble)
        self.changed.emit()

    @property
    def leaving(self) -> str:
        """What a run would send to another machine, and to whose; empty where nothing leaves."""
        return self.plan.leaving.sentence if self.plan and not self.obstacle else ""

    def describe(self) -> "tuple[str, str, str]":
        """One line beside Run, what the server advises, and what the model sees."""
        plan = self.plan
        if self.obstacle or plan is None:
            return self.obstacle, "", ""
        seen, sizes = plan.window, {"working_width": plan.working.width, "working_height": plan.working.height}
        seen = say("plan.window", width=seen.width, height=seen.height, **sizes)
        line = ", ".join(filter(None, [plan.model, plan.sentence]))
        advice = [f"⚠ {note}" for note in plan.notes]
        if plan.told.prompt not in ("", self._asked_words):
            advice.append(say("style.told", words=plan.told.prompt))
        return line, "\n".join(advice), seen

    @property
    def _asked_words(self) -> str:
        return self._question[0].words.prompt.strip() if isinstance(self._question, tuple) else ""
