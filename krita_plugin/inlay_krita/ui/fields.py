"""A field for each kind that a form may ask for. Each has `get()`, `put(value)` and `edited`."""

import random

from ..client.messages import verbs_pb2
from ..host import colors, desk
from ..qt import Qt, QtCore, QtGui, QtWidgets, Signal
from ..words import say
from . import parts
from .references import References
from .regions import Regions

Kind = verbs_pb2.FieldKind
PERCENT = 100
UNLIMITED = 2.0**53
_ROLE = Qt.ItemDataRole


class Text(QtWidgets.QPlainTextEdit):
    """A few lines of text. Ctrl+Enter is the panel's; arrow up on the first line goes back through what was said before."""

    LINES = 2
    edited = Signal()

    def __init__(self, asked):
        super().__init__()
        self._hint = asked.hint
        self.history: list[str] = []
        """What was said before, the newest last."""
        self._at = 0
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)  # Scrolling over it does not give it the keyboard.
        self.setTabChangesFocus(True)
        self.setFixedHeight(int(self.fontMetrics().lineSpacing() * self.LINES) + 10)
        self.textChanged.connect(self.edited)

    def get(self) -> str:
        return self.toPlainText()

    def put(self, value) -> None:
        if value != self.toPlainText():
            self.setPlainText(value)

    def paintEvent(self, event):
        """Qt's own placeholder is as dark as the ground in Krita's dark themes."""
        super().paintEvent(event)
        if self.toPlainText():
            return
        painter = QtGui.QPainter(self.viewport())
        painter.setOpacity(0.5)
        painter.setPen(self.palette().color(QtGui.QPalette.ColorRole.Text))
        margin = round(self.document().documentMargin())
        area = self.viewport().rect().adjusted(margin, margin, -margin, -margin)
        painter.drawText(area, int(Qt.TextFlag.TextWordWrap), self._hint)

    def keyPressEvent(self, event):
        step = {Qt.Key.Key_Up: -1, Qt.Key.Key_Down: 1}.get(event.key(), 0)
        if parts.is_run_key(event):
            event.ignore()
        elif step and self._is_at_edge(step) and self._recall(step):
            event.accept()
        else:
            super().keyPressEvent(event)

    def _is_at_edge(self, step: int) -> bool:
        moves = QtGui.QTextCursor.MoveOperation
        return not self.textCursor().movePosition(moves.Up if step < 0 else moves.Down)

    def _recall(self, step: int) -> bool:
        if self.toPlainText() not in (self.history[self._at : self._at + 1] or [""]):
            self._at = len(self.history)
        at = self._at + step
        if not 0 <= at <= len(self.history) or (at == len(self.history) and step < 0):
            return False
        self._at = at
        self.setPlainText(self.history[at] if at < len(self.history) else "")
        return True


class Line(QtWidgets.QLineEdit):
    """One line of text."""

    edited = Signal()

    def __init__(self, asked):
        super().__init__()
        self.setPlaceholderText(asked.hint)
        self.textChanged.connect(lambda _: self.edited.emit())

    def get(self) -> str:
        return self.text()

    def put(self, value) -> None:
        self.setText(value)


class Number(QtWidgets.QDoubleSpinBox):
    """A number that the wheel changes only while it has the keyboard: else the wheel scrolls the panel."""

    edited = Signal()

    def __init__(self, asked):
        super().__init__()
        self._scale = PERCENT if asked.kind == Kind.FIELD_KIND_FRACTION else 1
        is_number = asked.kind == Kind.FIELD_KIND_NUMBER
        limited = asked.minimum < asked.maximum
        self.setDecimals(2 if is_number else 0)
        self.setRange(
            *((asked.minimum * self._scale, asked.maximum * self._scale) if limited else (-UNLIMITED, UNLIMITED))
        )
        self.setSingleStep(asked.step * self._scale or 1)
        unit = "%" if self._scale == PERCENT else asked.unit
        self.setSuffix(f" {unit}" if unit else "")
        self._is_whole = not is_number and self._scale == 1
        self.setMinimumWidth(40)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)  # The wheel does not give it the keyboard either.
        self.valueChanged.connect(lambda _: self.edited.emit())

    def get(self):
        return round(self.value()) if self._is_whole else self.value() / self._scale

    def put(self, value) -> None:
        self.setValue(value * self._scale)

    def wheelEvent(self, event):
        if self.hasFocus():
            super().wheelEvent(event)
        else:
            event.ignore()


class Seed(QtWidgets.QWidget):
    """A number that each run draws anew, unless it is locked."""

    def __init__(self, asked):
        super().__init__()
        self.number = Number(asked)
        self.edited = self.number.edited
        self.get, self.put = self.number.get, self.number.put
        self.setFocusProxy(self.number)
        self.lock = parts.tool("unlocked", say("action.lock.tip"))
        self.lock.setCheckable(True)
        self.lock.toggled.connect(lambda on: self.lock.setIcon(desk.icon("locked" if on else "unlocked")))
        dice = parts.tool("reload-preset", say("action.new_seed.tip"), self.draw)
        self.setLayout(parts.row(self.number, self.lock, dice, spacing=2))
        self.draw()

    def draw(self) -> None:
        """Another seed at random."""
        self.put(random.randrange(int(min(self.number.maximum(), UNLIMITED))))


class Switch(QtWidgets.QCheckBox):
    """Yes or no."""

    edited = Signal()

    def __init__(self, asked):
        super().__init__(asked.title)
        self.toggled.connect(lambda _: self.edited.emit())
        self.get, self.put = self.isChecked, self.setChecked


class Menu(QtWidgets.QComboBox):
    """A choice that the wheel never changes: it keeps the keyboard after a choice was made, wherever the pointer goes on to."""

    edited = Signal()

    def __init__(self, asked=None):
        super().__init__()
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMinimumWidth(40)
        self.setSizeAdjustPolicy(self.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.setMinimumContentsLength(6)
        for choice in asked.choices if asked else ():
            self.add(choice.value, choice.title, choice.tip)
        self.currentIndexChanged.connect(lambda _: self.edited.emit())
        self.get = self.currentData

    def add(self, value: object, title: str, tip: str) -> None:
        self.addItem(title, value)
        self.setItemData(self.count() - 1, tip, _ROLE.ToolTipRole)

    def put(self, value) -> None:
        self.setCurrentIndex(max(0, self.findData(value)))

    def wheelEvent(self, event):
        event.ignore()


class LayerMenu(Menu):
    """A layer of the picture in front, by its unique id; unless one was chosen, the one of the name that the field begins with."""

    def __init__(self, asked):
        super().__init__()
        name = asked.initial.text
        self.add(name, name or asked.hint or "–", asked.tip)

    def showPopup(self):
        chosen = self.get()
        with QtCore.QSignalBlocker(self):
            while self.count() > 1:
                self.removeItem(1)
            for layer, title in desk.layers():
                self.add(layer, title, "")
            self.put(chosen)
        super().showPopup()

    def put(self, value) -> None:
        title = dict(desk.layers()).get(value)
        if title and self.findData(value) < 0:
            self.add(value, title, "")
        super().put(value)


class Color(QtWidgets.QWidget):
    """A colour: a swatch, how it is written, and where Krita has one: the brush and the palettes."""

    def __init__(self, asked):
        super().__init__()
        self.line = Line(asked)
        self.edited = self.line.edited
        self.put = self.line.put
        self.setFocusProxy(self.line)
        self.line.textChanged.connect(self._paint)
        self._swatch = parts.tool("", asked.title, self._choose)
        take = parts.tool("krita_tool_color_sampler", say("action.pick_color.tip"), self.take)
        self.palettes = parts.tool("palette-library", say("action.palette.tip"))
        self.palettes.setPopupMode(QtWidgets.QToolButton.ToolButtonPopupMode.InstantPopup)
        menu = QtWidgets.QMenu(self)
        menu.aboutToShow.connect(self._list_palettes)
        self.palettes.setMenu(menu)
        self.setLayout(parts.row(self._swatch, self.line, take, self.palettes))
        self._paint()

    def get(self) -> str:
        """As the server reads it."""
        return colors.readable(self.line.text())

    def take(self) -> None:
        """Takes the brush's colour."""
        self.put(colors.brush_color())

    def _list_palettes(self) -> None:
        menu = self.palettes.menu()
        menu.clear()
        for name in colors.palettes():
            inner = menu.addMenu(name)
            inner.aboutToShow.connect(lambda inner=inner, name=name: self._list_swatches(inner, name))

    def _list_swatches(self, menu, palette: str) -> None:
        menu.clear()
        for color, name in colors.swatches(palette):
            swatch = menu.addAction(parts.swatch(QtGui.QColor(color)), name or color)
            swatch.triggered.connect(lambda _checked=False, color=color: self.put(color))

    def _choose(self) -> None:
        color = QtWidgets.QColorDialog.getColor(self._color(), self)
        if color.isValid():
            self.put(color.name().upper())

    def _color(self) -> QtGui.QColor:
        text = self.get().strip()
        color = QtGui.QColor(text if text.startswith("#") else f"#{text}")
        return color if color.isValid() else QtGui.QColor(text)

    def _paint(self, *_) -> None:
        color = self._color()
        self._swatch.setIcon(parts.swatch(color if color.isValid() else QtGui.QColor(0, 0, 0, 0)))


_KINDS = {
    Kind.FIELD_KIND_TEXT: Text,
    Kind.FIELD_KIND_LINE: Line,
    Kind.FIELD_KIND_INTEGER: Number,
    Kind.FIELD_KIND_NUMBER: Number,
    Kind.FIELD_KIND_FRACTION: Number,
    Kind.FIELD_KIND_SEED: Seed,
    Kind.FIELD_KIND_SWITCH: Switch,
    Kind.FIELD_KIND_CHOICE: Menu,
    Kind.FIELD_KIND_COLOR: Color,
    Kind.FIELD_KIND_LAYER: LayerMenu,
    Kind.FIELD_KIND_MODEL: Menu,
    Kind.FIELD_KIND_REFERENCES: lambda asked: References(asked, Menu, Number),
    Kind.FIELD_KIND_REGIONS: lambda asked: Regions(asked, Line),
}

SHORT = (Number, Menu, Switch)
"""Of these, two stand beside each other."""


def made(asked: verbs_pb2.Field) -> "QtWidgets.QWidget | None":
    """The field for what is asked; None for a kind of a later contract."""
    if asked.kind not in _KINDS:
        return None
    field = _KINDS[asked.kind](asked)
    for widget in (field, field.focusProxy() or field):
        widget.setAccessibleName(asked.title)
    field.setToolTip(f"{asked.title}: {asked.tip}" if asked.tip else asked.title)
    return field
