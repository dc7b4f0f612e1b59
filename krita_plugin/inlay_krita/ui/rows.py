"""A field whose value is a list: a row for each thing that goes along with an edit, and below them what adds one."""

from ..host import desk
from ..host.facts import CannotEdit
from ..qt import Qt, QtGui, QtWidgets, Signal
from ..words import say
from . import parts

SIDE_PX = 28


class Rows(QtWidgets.QWidget):
    """The value is a list of what the rows say. `words`: the key of what it says to people."""

    edited = Signal()
    words = ""

    def __init__(self, asked):
        super().__init__()
        self.asked = asked
        self.rows: list[Row] = []
        self._list = parts.column()
        self.add = QtWidgets.QToolButton()
        self.add.setText(say(f"{self.words}.add.title"))
        self.add.setPopupMode(QtWidgets.QToolButton.ToolButtonPopupMode.InstantPopup)
        choices = QtWidgets.QMenu(self)
        choices.aboutToShow.connect(self._offer)
        self.add.setMenu(choices)
        self.setFocusProxy(self.add)
        self.setLayout(parts.column(self._list, parts.row(self.add, parts.words(), spacing=0)))

    def row_of(self, one: dict) -> "Row":
        """The row that shows one of the value's."""
        raise NotImplementedError

    def is_there(self, document, one: dict) -> bool:
        """Whether what one of the value's stands for can be read."""
        raise NotImplementedError

    def fresh(self, key: str) -> dict:
        """What one that was just added begins with."""
        raise NotImplementedError

    def offer(self, choices: QtWidgets.QMenu, document) -> None:
        """What can be added, beside layers."""
        raise NotImplementedError

    def get(self) -> "list[dict]":
        return [row.get() for row in self.rows]

    def put(self, value) -> None:
        for row in self.rows:
            row.hide()
            row.deleteLater()
        self.rows = []
        document = desk.active_document()
        for one in value or []:
            if isinstance(one, dict) and self.is_there(document, one):
                self._show(one)
        self._turned()

    def take(self, key: str) -> "Row":
        """Adds what a key stands for."""
        row = self._show(self.fresh(key))
        self._turned()
        return row

    def _show(self, one: dict) -> "Row":
        row = self.row_of(one)
        row.edited.connect(self.edited)
        row.removed.connect(lambda: self._remove(row))
        self.rows.append(row)
        self._list.addWidget(row)
        return row

    def _remove(self, row: "Row") -> None:
        at, had_keyboard = self.rows.index(row), row.gone.hasFocus()
        self.rows.remove(row)
        self._turned()
        if had_keyboard:
            (self.rows[at].gone if at < len(self.rows) else self.add).setFocus()
        row.hide()
        row.deleteLater()

    def _turned(self) -> None:
        most = int(self.asked.maximum)
        is_full = bool(most) and len(self.rows) >= most
        self.add.setEnabled(not is_full)
        self.add.setToolTip(say(f"{self.words}.full", count=most) if is_full else say(f"{self.words}.add.tip"))
        self.edited.emit()

    def _offer(self) -> None:
        choices, document = self.add.menu(), desk.active_document()
        choices.clear()
        if document is None:
            return
        layers = QtWidgets.QMenu(say("references.layer"), choices)
        for key, name in desk.layers():
            layers.addAction(name).triggered.connect(lambda _checked=False, key=key: self.take(key))
        self.offer(choices, document)
        choices.insertMenu(choices.actions()[1] if choices.actions()[1:] else None, layers)

    def attempt(self, source, *given) -> None:
        """Adds what `source(*given)` took, or says why it could not."""
        try:
            self.take(source(*given))
        except CannotEdit as reason:
            desk.tell(str(reason))


class Row(QtWidgets.QWidget):
    """What it looks like, its fields, and a button that takes it out. `edited`: it says something else; `removed`: it shall go."""

    edited, removed = Signal(), Signal()

    def __init__(self, name: str, image: QtGui.QImage, wide, *more, remove: str):
        """wide: the field that takes what room there is, before `more`."""
        super().__init__()
        shown = QtWidgets.QLabel()
        smooth = Qt.TransformationMode.SmoothTransformation
        pixmap = QtGui.QPixmap.fromImage(image)
        shown.setPixmap(pixmap.scaled(SIDE_PX, SIDE_PX, Qt.AspectRatioMode.KeepAspectRatio, smooth))
        shown.setFixedSize(SIDE_PX, SIDE_PX)
        shown.setToolTip(name)
        shown.setAccessibleName(name)
        for field in (wide, *more):
            field.edited.connect(self.edited)
        self.gone = parts.tool("edit-delete", remove, self.removed.emit)
        self.gone.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setLayout(parts.row(shown, wide, *more, self.gone, wide=wide))

    def get(self) -> dict:
        """What it says."""
        raise NotImplementedError
