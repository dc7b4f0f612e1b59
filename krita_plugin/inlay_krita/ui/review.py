"""Reviews: whom a result is shown to, and of what is shown how it stands, and what others ask for as a list to work through."""

from ..client.messages import review_pb2
from ..qt import Qt, QtCore, QtGui, QtWidgets, Signal
from ..review import DAYS, newest, numbers_of, open_pins
from ..words import say
from . import parts
from .spots import Spot, Spots

ICON = "document-export"
MAX_NAME = 64
_STANDS = {
    review_pb2.VERDICT_APPROVE: "approved",
    review_pb2.VERDICT_CHANGES: "changes",
    review_pb2.VERDICT_REJECT: "rejected",
}
_FINALS = {
    review_pb2.FINAL_STATE_PAINTING: "painting",
    review_pb2.FINAL_STATE_DONE: "painted",
    review_pb2.FINAL_STATE_TO_FINISH: "to_finish",
}


class Share(QtWidgets.QWidget):
    """Asks who looks at it. `turn`: the button that opens it."""

    def __init__(self, wanted):
        super().__init__()
        tip = f"{say('action.share.title')}: {say('action.share.tip')}"
        self.turn = parts.tool(ICON, tip)
        self.turn.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.turn.setCheckable(True)
        self.turn.toggled.connect(self._turned)
        self.who = QtWidgets.QLineEdit()
        self.who.setPlaceholderText(say("review.who"))
        self.who.setAccessibleName(say("review.who"))
        self.who.setMaxLength(MAX_NAME)
        self.who.returnPressed.connect(wanted)
        self.link = parts.button(say("action.link.title"), "", say("action.link.tip", days=DAYS), wanted)
        self.code = QtWidgets.QLabel()
        self.code.hide()
        self.who.textEdited.connect(lambda _: self.code.hide())
        self.setLayout(parts.column(parts.row(self.who, self.link, wide=self.who), self.code))
        self.hide()

    def show_code(self, name: str, code: bytes) -> None:
        """The link as a QR code, for a tablet's camera; until somebody else is named or it is folded."""
        picture = QtGui.QPixmap()
        picture.loadFromData(code)
        self.code.setPixmap(picture)
        told = say("review.code", name=name)
        self.code.setToolTip(told)
        self.code.setAccessibleName(told)
        self.code.show()

    @property
    def name(self) -> str:
        return self.who.text().strip()

    def _turned(self, is_open: bool) -> None:
        self.setVisible(is_open)
        self.code.hide()
        if is_open:
            self.who.setFocus()


class Said(parts.Words):
    """Words that wrap and can be pressed, by mouse and by key."""

    def __init__(self, text: str, tip: str, pressed):
        super().__init__(text)
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setToolTip(tip)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self._pressed = pressed

    def mouseReleaseEvent(self, event):
        if event.button() == Qt.MouseButton.LeftButton:
            self._pressed()

    def keyPressEvent(self, event):
        keys = QtCore.Qt.Key
        if event.key() in (keys.Key_Return, keys.Key_Enter, keys.Key_Space) and not event.modifiers():
            self._pressed()
        else:
            super().keyPressEvent(event)


class Review(QtWidgets.QWidget):
    """The reviews of the picture in front. `wanted`: something that is done with the document, which may go wrong."""

    wanted = Signal(object)

    def __init__(self, session):
        super().__init__()
        self._session = session
        self._lists = parts.column()
        self._list = QtWidgets.QWidget()
        self._spots = Spots()
        self.section = parts.Section(say("review.title"), self._lists)
        self.section.set_open(True)
        self.setLayout(parts.column(self.section))
        session.reviews.changed.connect(self._show)
        self._show()

    def look(self, document) -> None:
        """Asks what happens as long as it is seen, and how the document looks where pins are set."""
        in_sight, reviews = self.section.is_open and not self.visibleRegion().isEmpty(), self._session.reviews
        reviews.look(document, in_sight)
        if in_sight and document is not None and document == reviews.known_in:
            self._spots.look(document)

    def _show(self) -> None:
        known = self._session.reviews.known
        self.setVisible(bool(known))
        self._list.hide()
        self._list.deleteLater()
        lines = [line for review in known for line in self._lines(review)]
        self._list = QtWidgets.QWidget()
        self._list.setLayout(parts.column(*lines))
        self._lists.addWidget(self._list)
        self._spots.turn_to(self._list.findChildren(Spot))

    def _lines(self, review):
        """How each draft stands, and below them the pins."""
        for state, draft, final in newest(review):
            stands = say(f"review.{_STANDS.get(state.verdict, 'in_review')}")
            named = {"number": draft.draft, "title": draft.title, "version": draft.version}
            told = [say("review.draft", **named, state=stands)]
            if final is not None:
                told.append(say(f"review.{_FINALS[final.state]}", reason=final.reason))
            line = parts.words("\n".join(told))
            line.setTextFormat(Qt.TextFormat.PlainText)
            yield line
            if final is not None and final.state == review_pb2.FINAL_STATE_TO_FINISH:
                yield self._finish(draft)
        numbers = numbers_of(review)
        for pin, name in open_pins(review):
            yield self._pin(review, pin, name, numbers.get(pin.pin_id, 0))

    def _finish(self, draft) -> QtWidgets.QWidget:
        def wanted() -> None:
            self.wanted.emit(lambda document: self._session.finish_approved(document, draft))

        made = parts.button(say("action.finish.title"), "", say("action.finish.tip"), wanted)
        made.setSizePolicy(QtWidgets.QSizePolicy.Policy.Maximum, QtWidgets.QSizePolicy.Policy.Fixed)
        return made

    def _pin(self, review, pin, name: str, number: int) -> QtWidgets.QWidget:
        """number: its mark's; 0: it stands at no place."""

        def select() -> None:
            self.wanted.emit(lambda document: self._session.select_pin(document, review, pin))

        tick = QtWidgets.QCheckBox()
        tick.setToolTip(say("action.resolve.tip"))
        tick.setAccessibleName(f"{say('action.resolve.title')}: {pin.text}")
        tick.clicked.connect(lambda: self._session.resolve(review, pin))
        said = Said(say("review.pin", name=name, words=pin.text), say("review.pin_tip"), select)
        line = QtWidgets.QWidget()
        spots = [Spot(review, pin, number, select)] if number else []
        line.setLayout(parts.row(tick, *spots, said, wide=said))
        return line
