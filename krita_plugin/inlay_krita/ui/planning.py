"""What a run would do, asked from the server beforehand: anew when what decides it is another, a moment after the last change."""

from ..client.messages import inlay_pb2
from ..client.tasks import Cancelled, Task, sleep
from ..client.trouble import Trouble
from ..host import capture
from ..host.facts import CannotEdit, facts_of
from ..qt import QObject, Signal
from ..wish import plan_request

DELAY_S = 0.15
"""A selection that is being drawn is waited for."""


def request_for(document, connection, wish) -> inlay_pb2.PlanEditRequest:
    """What to ask about a wish for what is selected. Raises CannotEdit where there is nothing that could be run."""
    if document is None:
        raise CannotEdit("Open a picture to begin.")
    facts = facts_of(document)
    region = capture.region_of(document)
    if region is None:
        raise CannotEdit("Select what should change.")
    if not connection.is_ready:
        raise CannotEdit("The selection is ready; the server is not.")
    if wish.lack:
        raise CannotEdit(wish.lack)
    return plan_request(wish, facts, region)


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

    def ask(self, request, around) -> None:
        """Asks, unless that is what was asked last. around: what else decides the answer."""
        if (request, around) != self._question:
            about = (request.verb, request.prompted)
            if about != self._about:
                self._about, self.plan = about, None
            self._turn((request, around), "")
            self._task = Task(self._ask(request))

    def give_up(self, reason: str) -> None:
        """Nothing can be run, for a reason."""
        if reason != self._question:
            self.plan = None
            self._turn(reason, reason)

    def _turn(self, question, obstacle: str) -> None:
        if self._task:
            self._task.cancel()
        self._question, self.obstacle = question, obstacle
        self.changed.emit()

    async def _ask(self, request) -> None:
        try:
            await sleep(DELAY_S)
            self.plan = await self._connection.line.call("PlanEdit", request, inlay_pb2.PlanEditResponse)
        except Cancelled:
            return
        except Trouble as trouble:
            self.plan, self.obstacle = None, str(trouble)
            if trouble.is_transient:
                self._question = None  # To be asked again at the next look.
        self.changed.emit()


def describe(plan) -> str:
    """What will paint and how long it takes, then what the server has to say about it; one line each."""
    said = [f"Painted by {plan.model}"]
    if plan.HasField("estimate_s"):
        said.append(f"about {max(1, round(plan.estimate_s))} s")
    if plan.queue_length:
        said.append("after 1 other edit" if plan.queue_length == 1 else f"after {plan.queue_length} other edits")
    return "\n".join([", ".join(said), *(f"⚠ {note}" for note in plan.notes)])


def describe_window(plan) -> str:
    """The rectangle that the model gets to see, and the size at which it paints there."""
    window, working = plan.window, plan.working
    return (
        f"The model sees {window.width} × {window.height} px of the picture"
        f" and paints them as {working.width} × {working.height} px"
    )
