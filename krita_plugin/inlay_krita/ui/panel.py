"""The panel: what is asked for and Run, always in sight; below it the edits on their way, the result in hand, and the rest."""

import json
from typing import Any

from ..client.trouble import Trouble
from ..host import capture, desk, identity, options, place
from ..host.facts import CannotEdit
from ..host.memories import id_of
from ..qt import QtCore, QtWidgets
from ..words import count, say
from . import parts
from . import production as dialogs
from .form import Form
from .history import History
from .planning import Planning
from .probe import Probe
from .progress import Progress
from .review import Review
from .room import Room
from .settings import Settings
from .status import Dot, FirstRun
from .variations import LOW_PX, Variations

LOOK_MS = 400
"""How often selection and active layer are looked at: Krita does not tell when they change."""

KEPT_FORM = "form"


DEEDS = {
    "run_again": lambda panel, document: panel.session.run_again(document),
    "more": lambda panel, document: panel.session.more(document),
    "finish": lambda panel, document: panel.session.finish(document),
    "keep": lambda panel, document: panel.session.keep(*panel._in_hand(document)),
    "discard": lambda panel, document: panel.session.discard(*panel._in_hand(document)),
    "save_style": lambda panel, document: panel.session.save_style(document),
    "share": lambda panel, document: panel.session.share(panel.variations.share.name, document),
    "compare": lambda panel, document: place.hide(*panel._in_hand(document)),
    "accept": lambda panel, document: panel.session.accept(document),
    "dismiss": lambda panel, document: panel.session.dismiss(document),
    "measure": lambda panel, _document: panel.probe.open(),
    "apply": lambda panel, document: dialogs.Apply(panel, document).show(),
    "table": lambda panel, document: dialogs.Table(panel, document).show(),
    "history": lambda panel, _document: panel.history.open(),
}
"""What can be done with the picture in front, its results, and what waits for it."""


class Panel(QtWidgets.QWidget):
    """Everything inside the docker. It is built once a server said what can be asked for."""

    def __init__(self, session):
        super().__init__()
        self.session = session
        self.form: Any = None
        """The Form, once a server said what can be asked for."""
        self.first_run = FirstRun(session.connection)
        self.first_run.settings_wanted.connect(self.open_settings)
        self._body = QtWidgets.QWidget()
        self._met = None
        """What the trouble that is shown was met with."""
        self._lasting: dict[str, str] = {}
        """What is said of a picture, by its opening, until the retoucher does something else there."""
        self._opening = ""
        """Which picture the form was filled in for."""
        self._states: dict[str, dict] = {}
        """How the form was left, by opening."""
        scroll = _scrolling(self.first_run)
        self.setLayout(parts.column(self._body, scroll))
        self._card = scroll
        self.setMinimumWidth(230)
        session.changed.connect(self.refresh)
        session.told.connect(self.look)
        session.suggested.connect(self._suggested)
        session.spoke.connect(self._hear)
        self._timer = QtCore.QTimer(self)
        self._timer.timeout.connect(self.look)
        self._timer.start(LOOK_MS)
        self.refresh()

    def _build(self) -> None:
        connection = self.session.connection
        self.form = Form()
        self.form.changed.connect(self.look)
        self.form.verb.edited.connect(self._verb_turned)
        self.dot = Dot(connection)
        self.planning = Planning(connection)
        self.planning.changed.connect(self._show_plan)
        self.hud = parts.words()
        self.go = parts.button(say("action.run.title"), "media-playback-start", say("action.run.tip"), self.run)
        self.go.setStyleSheet(parts.FOREMOST)
        self.go.setSizePolicy(QtWidgets.QSizePolicy.Policy.Maximum, QtWidgets.QSizePolicy.Policy.Fixed)
        self.progress = Progress(self.session)
        self.trouble = parts.words()
        self.close_trouble = parts.tool("window-close", say("action.close.tip"), lambda: self._say(""))
        self.offer = self._offer()
        self.variations = Variations()
        self.variations.wanted.connect(self.do)
        self.session.reviews.shared.connect(self.variations.share.show_code)
        self.probe = Probe(self.session)
        self.probe.picked.connect(self._picked)
        self.review = Review(self.session)
        self.review.wanted.connect(self._attempt)
        self.history = History(self.session)
        settings = parts.tool("settings-button", say("action.settings.tip"), self.open_settings)
        self.hud.setSizePolicy(QtWidgets.QSizePolicy.Policy.Preferred, QtWidgets.QSizePolicy.Policy.Maximum)
        first = parts.row(self.dot, self.form.verb, settings, wide=self.form.verb)
        self._run = parts.row(self.go, self.hud, wide=self.hud)
        trouble = parts.row(self.trouble, self.close_trouble, wide=self.trouble)
        self.advice = parts.words()
        self.room = Room()
        top = parts.column(first, self.form, self.room, self._run, self.advice)
        top.setContentsMargins(6, 4, 6, 2)
        folded = (self.form.details, self.history, self.probe)
        rest = parts.column(trouble, self.offer, self.progress, self.variations, self.review, *folded)
        rest.setContentsMargins(6, 2, 6, 6)
        rest.addStretch(1)
        inner = QtWidgets.QWidget()
        inner.setLayout(rest)
        body = parts.column(top, _scrolling(inner), spacing=0)
        body.setStretch(1, 1)
        self._body.setLayout(body)
        self.form.describe(connection.forms)
        if options.read(KEPT_FORM):
            self.form.restore(json.loads(options.read(KEPT_FORM)))
        self._verb_turned()
        self._say("")

    def _offer(self) -> QtWidgets.QWidget:
        self.offer_words = parts.words()
        self.accept_offer = parts.button(
            say("action.place.title"), "", say("action.place.tip"), lambda: self.do("accept")
        )
        self.dismiss_offer = parts.tool("window-close", say("action.dismiss.tip"), lambda: self.do("dismiss"))
        offer = QtWidgets.QWidget()
        offer.setLayout(parts.row(self.offer_words, self.accept_offer, self.dismiss_offer, wide=self.offer_words))
        return offer

    def showEvent(self, event):
        """Krita's dockers have a smaller font, which widgets with a style sheet do not inherit."""
        super().showEvent(event)
        for child in self.findChildren(QtWidgets.QWidget):
            if child.styleSheet():
                child.setFont(self.font())

    def resizeEvent(self, event):
        super().resizeEvent(event)
        if self.form is not None:
            self.variations.fit(self.width() - 12, self.height())
            self._show_plan()

    def event(self, event):
        """Ctrl+Enter runs, whichever of the panel's fields has the keyboard."""
        if not parts.claims(event):
            return super().event(event)
        if event.type() == QtCore.QEvent.Type.KeyPress and not event.isAutoRepeat():
            self.run()
        return True

    # --- what the retoucher does ----------------------------------------------

    def run(self, verb: str = "") -> None:
        """Runs what the form says on the selection; `verb` in its place where one is named."""
        if verb and self.form:
            self.form.verb.put(verb)
        if self._attempt(lambda document: self.session.run(self.form.wish(), document, not self.form.waits)):
            self.form.ran()
            self._remember_form()

    def do(self, deed: str) -> None:
        """Does one of DEEDS in the picture in front."""
        self._attempt(lambda document: DEEDS[deed](self, document))

    def cancel(self) -> None:
        """Takes the newest edit of this picture back."""
        for edit in self.session.edits_of(desk.active_document())[-1:]:
            edit.cancel()

    def flip(self, by: int) -> None:
        """Shows the next or the previous variation of the result in hand."""
        self._attempt(lambda document: _flip(*self._in_hand(document), by))

    def draw_seed(self) -> None:
        """Another seed."""
        seed = self.form.fields.get("sampling.seed") if self.form is not None else None
        if seed is not None:
            seed.draw()

    def open_settings(self) -> None:
        dialog = Settings(self.window())
        if dialog.exec():
            options.set_address(dialog.address())
            self.session.connection.use(dialog.address())

    def _picked(self, color: str) -> None:
        self.form.verb.put("recolor")
        self.form.fields["words.target_color"].put(color)
        self.look()

    def _verb_turned(self) -> None:
        """Who gives a colour wants to know the one there is, and how near the result comes."""
        self.room.setVisible(self.form.verb.get() == "expand")
        if self.form.asks_for_color:
            self.probe.section.set_open(True)
            self.look()

    def _attempt(self, action):
        """What `action(document)` returns; its trouble is shown instead of raised, over the canvas where the panel is not."""
        self.look()
        self._say("")
        try:
            document = desk.active_document()
            if self.form is None:
                raise self.session.connection.trouble or CannotEdit(say("connection.connecting"))
            if document is None:
                raise CannotEdit(say("plan.no_picture"))
            return action(document)
        except (CannotEdit, Trouble) as trouble:
            self._say(str(trouble))
            return None

    def _say(self, text: str, *, lasts: bool = False) -> None:
        """lasts: whenever its picture is in front, until the retoucher does something there; else until anything is another."""
        if text and not self.isVisible():
            desk.tell(text)
        if self.form is None:
            return
        self._lasting.pop(_front(), "")
        if lasts and text:
            self._lasting[_front()] = text
        stands_there = self.isVisible() and text == self.planning.obstacle
        self.trouble.setText(text)
        for part in (self.trouble, self.close_trouble):
            part.setVisible(bool(text) and not stands_there)

    def _hear(self, text: str, opening: str) -> None:
        """Says it of the picture that it is about, once that is in front; where the panel is not, it is named with it."""
        if opening == _front():
            self.look()  # What is another only now has nothing to do with what is said.
            self._say(text, lasts=True)
            return
        self._lasting[opening] = text
        about = next((one for one in identity.documents() if identity.opening_of(one) == opening), None)
        if about is not None and not self.isVisible():
            desk.tell(f"{identity.caption_of(about)}: {text}")

    # --- what the retoucher sees ----------------------------------------------

    def refresh(self) -> None:
        """Shows where everything stands."""
        connection = self.session.connection
        if self.form is None and connection.forms:
            self._build()
        is_first = self.form is None or (connection.trouble is not None and not connection.was_ready)
        self._card.setVisible(is_first)
        self._body.setVisible(not is_first)
        if self.form is None:
            return
        self.form.describe(connection.forms)
        document = desk.active_document()
        self.progress.show_edits(document)
        offers = self.session.offers_of(document) if document is not None else []
        self.offer.setVisible(bool(offers))
        self.offer_words.setText(count("offer", len(offers)))
        self._show_plan()

    def look(self) -> None:
        """Looks at selection and active layer; plans anew where they changed."""
        if self.form is None or not self.isVisible():
            return
        document = desk.active_document()
        self._turn_to(document)
        group = self.session.in_hand(document)
        edits = self.session.edits_of(document)
        if not any(edit.phase == "placing" for edit in edits):  # Groups come and go meanwhile.
            self.variations.show_result(document, group)
        shown = place.shown(document, group) if group is not None else -1
        kept = self.variations.kept
        self.variations.finish.setVisible(kept is not None and self.session.can_finish(kept))
        wish = self.form.wish()
        self.probe.look(document, group, shown, wish.get("words.target_color"), wish.get("sampling.style"))
        self.progress.show_edits(document)
        self.progress.count_down()
        self.review.look(document)
        self.history.look(document)
        self.planning.look(document, wish, around=(self.session.connection.models, len(self.session.edits)))
        self._forgive(document, group, wish)

    def _turn_to(self, document) -> None:
        """Shows the form as it was left in this picture."""
        opening = identity.opening_of(document) if document is not None else ""
        if opening in ("", self._opening):
            return
        self._states[self._opening] = self.form.state()
        self._opening = opening
        state = self._states.get(opening) or identity.form_of(document)
        if state:
            self.form.restore(state)

    def _suggested(self, document_id: str, values: "dict[str, str]") -> None:
        """Fills them in where the picture they were asked for is in front, or else once it is again."""
        asked = identity.find(document_id)
        if self.form is None or asked is None:
            return
        if asked == desk.active_document():
            self.form.suggest(values)
        elif state := self._states.get(identity.opening_of(asked)):
            state["values"].update(values)

    def _remember_form(self) -> None:
        """For the next time that this picture is opened, and for a picture without a form of its own."""
        state = self.form.state()
        identity.keep_form(desk.active_document(), state)
        options.write(KEPT_FORM, json.dumps(state))

    def _forgive(self, document, group, wish) -> None:
        """Takes a trouble away once something is another than when it was met; the next seed is no such thing."""
        met = (
            id_of(document.rootNode()) if document is not None else "",
            id_of(group) if group is not None else "",
            capture.region_of(document) if document is not None else None,
            self.session.connection.is_ready,
            {**wish.values, "verb": wish.verb, "sampling.seed": 0},
        )
        lasting = self._lasting.get(_front(), "")
        if self._met is None or met[0] != self._met[0] or (met != self._met and not lasting):
            self._say(lasting, lasts=True)
        self._met = met

    def _show_plan(self) -> None:
        trouble = self.session.connection.trouble
        line, advice, seen = (str(trouble), "", "") if trouble else self.planning.describe()
        is_low = self.height() < LOW_PX
        self.hud.setText(f"{line} ⚠" if advice and is_low else line)
        self.hud.setToolTip("\n".join(filter(None, [line, advice, seen])))
        self.advice.setText(advice)
        self.advice.setVisible(bool(advice) and not is_low)
        self.go.setEnabled(not trouble and not self.planning.obstacle)
        said, leaving = say("action.run.title"), self.planning.leaving
        self._run.setDirection(self._run.TopToBottom if leaving else self._run.LeftToRight)
        self.go.setText(parts.wrapped(f"{said}: {leaving}", self.go, self.width() - 60) if leaving else said)

    def _in_hand(self, document):
        """A picture, and the result group that is in hand there. Raises CannotEdit where there is none."""
        return document, self.session.result_of(document)


def _front() -> str:
    """The opening of the picture in front; empty where there is none."""
    document = desk.active_document()
    return identity.opening_of(document) if document is not None else ""


def _flip(document, group, by: int) -> None:
    variations = len(place.variations_of(document, group))
    if variations:
        place.show(document, group, (place.shown(document, group) + by) % variations)


def _scrolling(inner: QtWidgets.QWidget) -> QtWidgets.QScrollArea:
    scroll = QtWidgets.QScrollArea()
    scroll.setWidget(inner)
    scroll.setWidgetResizable(True)
    scroll.setFrameShape(QtWidgets.QFrame.Shape.NoFrame)
    scroll.setHorizontalScrollBarPolicy(QtCore.Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    return scroll
