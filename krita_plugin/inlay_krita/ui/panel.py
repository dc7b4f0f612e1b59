"""The panel: the server, the wish, the window it will be painted in, the edits on their way, and the result in hand."""

from ..client.messages import TIERS, VERBS, inlay_pb2, raster_pb2
from ..client.tasks import Cancelled, Task, sleep
from ..client.trouble import Trouble
from ..host import capture, desk, options, place
from ..host.facts import CannotEdit, facts_of
from ..qt import QtCore, QtWidgets, run_dialog
from ..wish import rect_message
from . import parts
from .form import Form
from .probe import Probe
from .progress import Progress
from .settings import Settings
from .status import Status
from .variations import Variations

LOOK_MS = 400
"""How often selection and active layer are looked at: Krita does not tell when they change."""

PLAN_DELAY_S = 0.15
SOFTER_BELOW = 0.95
"""A scale under this is worth a warning: the result is visibly softer than the document."""


class Panel(QtWidgets.QWidget):
    """Everything inside the docker."""

    def __init__(self, session):
        super().__init__()
        self.session = session
        self.status = Status(session.connection)
        self.status.settings_wanted.connect(self.open_settings)
        self.form = Form()
        self.form.confirmed.connect(self.run)
        self.probe = Probe(session)
        self.probe.picked.connect(self._picked)
        self.form.verb.currentIndexChanged.connect(self._verb_turned)
        self.hud = parts.words()
        self.hud.setToolTip("The rectangle the model gets to see, and how finely it paints there")
        self.go = parts.button("Run", "media-playback-start", "Runs the edit on the selection (Ctrl+Enter)", self.run)
        self.go.setStyleSheet(parts.FOREMOST)
        self.stop = parts.button("Cancel", "process-stop", "Takes the newest edit back", self.cancel)
        self.progress = Progress()
        self.trouble = parts.words()
        self.offer = self._offer()
        self.variations = Variations()
        self.variations.keep_wanted.connect(self.keep)
        self.variations.again_wanted.connect(self.run_again)
        self.variations.finish_wanted.connect(self.finish)
        self._planned = None
        self._plan = None
        self._planning = None
        self._lay_out()
        session.changed.connect(self.refresh)
        session.placed.connect(self._placed)
        self._timer = QtCore.QTimer(self)
        self._timer.timeout.connect(self.look)
        self._timer.start(LOOK_MS)
        self.refresh()

    def _offer(self) -> QtWidgets.QWidget:
        self.offer_words = parts.words()
        self.accept_offer = parts.button("Place", "dialog-ok", "Fetches and places them in this picture", self.accept)
        self.dismiss_offer = parts.button("Dismiss", "", "Does not offer them again", self.dismiss)
        frame = QtWidgets.QFrame()
        frame.setFrameShape(QtWidgets.QFrame.Shape.StyledPanel)
        layout = parts.column(self.offer_words, parts.row(self.accept_offer, self.dismiss_offer))
        layout.setContentsMargins(6, 6, 6, 6)
        frame.setLayout(layout)
        return frame

    def _lay_out(self) -> None:
        layout = parts.column(
            self.status,
            self.offer,
            self.form,
            self.probe,
            self.hud,
            parts.row(self.go, self.stop),
            self.trouble,
            self.progress,
            self.variations,
        )
        layout.setContentsMargins(8, 6, 8, 8)
        layout.addStretch(1)
        inner = QtWidgets.QWidget()
        inner.setLayout(layout)
        scroll = QtWidgets.QScrollArea()
        scroll.setWidget(inner)
        scroll.setWidgetResizable(True)
        scroll.setFrameShape(QtWidgets.QFrame.Shape.NoFrame)
        scroll.setHorizontalScrollBarPolicy(QtCore.Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setLayout(parts.column(scroll))
        self.setMinimumWidth(230)

    def showEvent(self, event):
        """Krita's dockers have a smaller font, which widgets with a style sheet do not inherit."""
        super().showEvent(event)
        for child in self.findChildren(QtWidgets.QWidget):
            if child.styleSheet():
                child.setFont(self.font())

    # --- what the retoucher does ----------------------------------------------

    def run(self) -> None:
        """Runs what the form says on the selection."""
        if self._attempt(lambda: self.session.run(self.form.wish())):
            self.form.ran()

    def run_again(self) -> None:
        """Runs the recipe of the result in hand."""
        self._attempt(self.session.run_again)

    def finish(self) -> None:
        """Finishes the draft that shows."""
        self._attempt(self.session.finish)

    def cancel(self) -> None:
        """Takes the newest edit of this picture back."""
        edits = self._edits()
        if edits:
            edits[-1].cancel()

    def keep(self) -> None:
        """Keeps the visible variation of the result in hand."""
        document, group = self._result()
        if group is not None:
            self._attempt(lambda: self.session.keep(document, group))

    def measure(self) -> None:
        """Measures the colour of the selection, or of the result in hand."""
        self.look()
        self.probe.section.set_open(True)
        self.probe.measure()

    def flip(self, by: int) -> None:
        """Shows the next or the previous variation of the result in hand."""
        self.look()
        self.variations.strip.step(by)

    def accept(self) -> None:
        """Places what waits for this picture."""
        document = desk.active_document()
        if document is not None:
            self._attempt(lambda: self.session.accept(document))

    def dismiss(self) -> None:
        document = desk.active_document()
        if document is not None:
            self.session.dismiss(document)

    def open_settings(self) -> None:
        dialog = Settings(self.window())
        if run_dialog(dialog):
            options.set_address(dialog.address())
            self.session.connection.use(dialog.address())

    def _picked(self, color: str) -> None:
        self.form.color.set_value(color)
        self.form.verb.setCurrentIndex(self.form.verb.findData("recolor"))
        self.look()

    def _verb_turned(self) -> None:
        """Who recolours wants to know the colour there is, and how near the result comes."""
        if self.form.verb.currentData() == "recolor":
            self.probe.section.set_open(True)
            self.look()

    def _attempt(self, action):
        """What `action` returns; its trouble is shown instead of raised."""
        self._say("")
        try:
            return action()
        except (CannotEdit, Trouble) as trouble:
            self._say(str(trouble))
            return None

    def _say(self, text: str) -> None:
        self.trouble.setText(text)
        self.trouble.setVisible(bool(text))

    # --- what the retoucher sees ----------------------------------------------

    def refresh(self) -> None:
        """Shows where everything stands."""
        self.form.allow(self.session.connection.verbs, self.session.connection.worded_verbs)
        edits = self._edits()
        self.progress.show_edits(edits)
        self.stop.setVisible(bool(edits))
        document = desk.active_document()
        offers = self.session.offers_of(document) if document is not None else []
        self.offer.setVisible(bool(offers))
        count = "A result is" if len(offers) == 1 else f"{len(offers)} results are"
        self.offer_words.setText(f"{count} at the server, but not in this picture.")
        failed = self.session.last_failure
        if failed is not None:
            self.session.last_failure = None
            self._say(failed)
        self._show_window()

    def look(self) -> None:
        """Looks at selection and active layer; plans anew where they changed."""
        if not self.isVisible():
            return
        document, group = self._result()
        self.variations.show_result(document, group)
        shown = place.shown(document, group) if group is not None else -1
        self.variations.finish.setVisible(group is not None and self.session.can_finish(document, group))
        self.probe.look(document, group, shown, self.form.wish().target_color)
        question = self._question(document)
        if question != self._planned:
            self._planned, self._plan = question, None
            self._show_window()
            if self._planning:
                self._planning.cancel()
            if isinstance(question, tuple):
                self._planning = Task(self._ask(question))

    def _question(self, document):
        """What decides the plan: a tuple, or a sentence on why there is none."""
        if document is None:
            return "Open a picture to begin."
        try:
            facts = facts_of(document)
        except CannotEdit as reason:
            return str(reason)
        region = capture.region_of(document)
        if region is None:
            return "Select what should change."
        if not self.session.connection.is_ready:
            return "The selection is ready; the server is not."
        wish = self.form.wish()
        options = (wish.grow_px, wish.feather_px, wish.count, bool(wish.prompt))
        return (facts.width, facts.height, region, wish.verb, wish.tier, *options)

    async def _ask(self, question) -> None:
        width, height, region, verb, tier, grow_px, feather_px, count, prompted = question
        request = inlay_pb2.PlanEditRequest(
            document=raster_pb2.Size(width=width, height=height),
            region=rect_message(region),
            verb=VERBS[verb],
            tier=TIERS[tier],
            grow_px=grow_px,
            feather_px=feather_px,
            count=count,
            prompted=prompted,
        )
        try:
            await sleep(PLAN_DELAY_S)
            line = self.session.connection.line
            self._plan = await line.call("PlanEdit", request, inlay_pb2.PlanEditResponse)
        except Cancelled:
            return
        except Trouble as trouble:
            self._planned = str(trouble)
        self._show_window()

    def _show_window(self) -> None:
        if isinstance(self._planned, str):
            self.hud.setText(self._planned)
        elif self._plan is not None:
            self.hud.setText(describe(self._plan))
        else:
            self.hud.setText(self.hud.text() or "…")
        self.go.setEnabled(isinstance(self._planned, tuple))

    def _edits(self) -> list:
        document = desk.active_document()
        return self.session.edits_of(document) if document is not None else []

    def _result(self):
        """The picture in front, and the result group that is in hand there or None."""
        document = desk.active_document()
        if document is None:
            return None, None
        return document, place.result_at(document) or self.session.newest_result(document)

    def _placed(self, edit) -> None:
        self.look()
        if self.variations.isVisible() and len(edit.candidates) > 1:
            self.variations.strip.setFocus()


def describe(plan) -> str:
    """The window and its scale, as document pixels to model pixels, with a warning where detail is lost."""
    window, scale = plan.window, plan.scale
    ratio = f"1 : {scale:.2g}" if scale >= 1 else f"{1 / scale:.2g} : 1"
    estimate = f" · about {max(1, round(plan.estimate_s))} s" if plan.HasField("estimate_s") else ""
    text = f"Window {window.width} × {window.height} px{estimate}\nDocument px : model px = {ratio}"
    if scale < SOFTER_BELOW:
        text += "\n⚠ Softer than the document. Select less at once, or choose Final."
    return text
