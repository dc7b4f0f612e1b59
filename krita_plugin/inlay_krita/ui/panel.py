"""The panel: the server, the wish, the window it will be painted in, the edits on their way, and the result in hand."""

from dataclasses import replace

from ..client.trouble import Trouble
from ..host import capture, desk, options, place, recipes
from ..host.facts import CannotEdit
from ..qt import QtCore, QtWidgets, run_dialog
from . import keys, parts
from .form import Form
from .planning import Planning, describe, describe_window, request_for
from .probe import Probe
from .progress import Progress
from .settings import Settings
from .status import Status
from .variations import Variations

LOOK_MS = 400
"""How often selection and active layer are looked at: Krita does not tell when they change."""


class Panel(QtWidgets.QWidget):
    """Everything inside the docker."""

    def __init__(self, session):
        super().__init__()
        self.session = session
        self.status = Status(session.connection)
        self.status.settings_wanted.connect(self.open_settings)
        self.form = Form()
        self.probe = Probe(session)
        self.probe.picked.connect(self._picked)
        self.form.verb.currentIndexChanged.connect(self._verb_turned)
        self.planning = Planning(session.connection)
        self.planning.changed.connect(self._show_plan)
        self.hud = parts.words()
        self.go = parts.button("Run", "media-playback-start", "Runs the edit on the selection (Ctrl+Enter)", self.run)
        self.go.setStyleSheet(parts.FOREMOST)
        self.progress = Progress()
        self.trouble = parts.words()
        self.offer = self._offer()
        self.variations = Variations()
        self.variations.keep_wanted.connect(self.keep)
        self.variations.again_wanted.connect(self.run_again)
        self.variations.finish_wanted.connect(self.finish)
        self._met = None
        """What the trouble that is shown was met with."""
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
            self.go,
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

    def event(self, event):
        """Ctrl+Enter runs, whichever of the panel's fields has the keyboard."""
        if not keys.claimed(event):
            return super().event(event)
        if event.type() == QtCore.QEvent.Type.KeyPress and not event.isAutoRepeat():
            self.run()
        return True

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
        self.look()
        self._say("")
        try:
            return action()
        except (CannotEdit, Trouble) as trouble:
            if str(trouble) != self.planning.obstacle:  # Which stands there already.
                self._say(str(trouble))
            return None

    def _say(self, text: str) -> None:
        self.trouble.setText(text)
        self.trouble.setVisible(bool(text))

    # --- what the retoucher sees ----------------------------------------------

    def refresh(self) -> None:
        """Shows where everything stands."""
        self.form.allow(self.session.connection.verbs, self.session.connection.worded_verbs)
        document = desk.active_document()
        self.progress.show_edits(self._edits(), self.session.edits_elsewhere(document))
        offers = self.session.offers_of(document) if document is not None else []
        self.offer.setVisible(bool(offers))
        count = "A result is" if len(offers) == 1 else f"{len(offers)} results are"
        self.offer_words.setText(f"{count} at the server, but not in this picture.")
        failed = self.session.last_failure
        if failed is not None:
            self.session.last_failure = None
            self._say(failed)
        self._show_plan()

    def _placed(self, _edit) -> None:
        self.look()

    def look(self) -> None:
        """Looks at selection and active layer; plans anew where they changed."""
        if not self.isVisible():
            return
        document, group = self._result()
        if not any(edit.phase == "placing" for edit in self._edits()):  # Groups come and go meanwhile.
            self.variations.show_result(document, group)
        shown = place.shown(document, group) if group is not None else -1
        self.variations.finish.setVisible(group is not None and self.session.can_finish(document, group))
        wish = self.form.wish()
        self.probe.look(document, group, shown, wish.target_color)
        self.progress.count_down()
        self._plan_for(document, wish)
        self._forgive(document, group, wish)

    def _plan_for(self, document, wish) -> None:
        connection = self.session.connection
        try:
            request = request_for(document, connection, wish)
        except CannotEdit as reason:
            self.planning.give_up(str(reason))
        else:
            self.planning.ask(request, around=(connection.models, len(self.session.edits)))

    def _forgive(self, document, group, wish) -> None:
        """Takes a trouble away once something is another than when it was met; the next seed is no such thing."""
        met = (
            recipes.id_of(document.rootNode()) if document is not None else "",
            recipes.id_of(group) if group is not None else "",
            capture.region_of(document) if document is not None else None,
            self.session.connection.is_ready,
            replace(wish, seed=0),
        )
        if met != self._met:
            self._met = met
            self._say("")

    def _show_plan(self) -> None:
        plan, obstacle = self.planning.plan, self.planning.obstacle
        self.hud.setText(obstacle or (describe(plan) if plan else "…"))
        self.hud.setToolTip(describe_window(plan) if plan and not obstacle else "")
        self.go.setEnabled(not obstacle)

    def _edits(self) -> list:
        document = desk.active_document()
        return self.session.edits_of(document) if document is not None else []

    def _result(self):
        """The picture in front, and the result group that is in hand there or None."""
        document = desk.active_document()
        if document is None:
            return None, None
        return document, place.result_at(document) or self.session.newest_result(document)
