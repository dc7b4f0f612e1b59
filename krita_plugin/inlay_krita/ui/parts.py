"""Small pieces that the panel is made of."""

from ..host import desk
from ..qt import Qt, QtCore, QtGui, QtWidgets, Signal

SPACING = 6
QUIET = 0.65
"""Opacity of words that step back."""

CHOSEN = "QPushButton:checked { background: palette(highlight); color: palette(highlighted-text); }"
FOREMOST = (
    "QPushButton:enabled { background: palette(highlight); color: palette(highlighted-text); font-weight: bold; }"
)


def column(*items, spacing: int = SPACING) -> QtWidgets.QVBoxLayout:
    """Widgets and layouts below each other, without margins."""
    return _fill(QtWidgets.QVBoxLayout(), items, spacing)


def row(*items, spacing: int = SPACING) -> QtWidgets.QHBoxLayout:
    """Widgets and layouts beside each other, without margins."""
    return _fill(QtWidgets.QHBoxLayout(), items, spacing)


def _fill(layout, items, spacing: int):
    layout.setContentsMargins(0, 0, 0, 0)
    layout.setSpacing(spacing)
    for item in items:
        if isinstance(item, QtWidgets.QLayout):
            layout.addLayout(item)
        else:
            layout.addWidget(item)
    return layout


def words(text: str = "", quiet: bool = False) -> QtWidgets.QLabel:
    """A label that wraps; `quiet` ones step back, in any of Krita's themes."""
    label = QtWidgets.QLabel(text)
    label.setWordWrap(True)
    label.setMinimumWidth(1)
    if quiet:
        dimmed = QtWidgets.QGraphicsOpacityEffect(label)
        dimmed.setOpacity(QUIET)
        label.setGraphicsEffect(dimmed)
    return label


class Button(QtWidgets.QPushButton):
    """A double-click presses it once, and the mouse leaves the keyboard where it is."""

    def __init__(self, text: str):
        super().__init__(text)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)

    def mouseDoubleClickEvent(self, event):
        event.accept()


def tool(icon: str, tip: str, pressed=None) -> QtWidgets.QToolButton:
    """A flat button with one of Krita's icons."""
    button = QtWidgets.QToolButton()
    button.setIcon(desk.icon(icon))
    button.setToolTip(tip)
    button.setAccessibleName(tip)
    button.setAutoRaise(True)
    if pressed:
        button.clicked.connect(lambda: pressed())
    return button


def button(text: str, icon: str, tip: str, pressed) -> QtWidgets.QPushButton:
    """A button with one of Krita's icons and a word."""
    made = Button(text)
    if icon:
        made.setIcon(desk.icon(icon))
    made.setToolTip(tip)
    made.clicked.connect(lambda: pressed())
    return made


class Number(QtWidgets.QSpinBox):
    """A number that the wheel changes only while it has the keyboard: else the wheel scrolls the panel."""

    def __init__(self):
        super().__init__()
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)  # The wheel does not give it the keyboard either.

    def wheelEvent(self, event):
        if self.hasFocus():
            super().wheelEvent(event)
        else:
            event.ignore()


class Menu(QtWidgets.QComboBox):
    """A choice that the wheel never changes: it keeps the keyboard after a choice was made, wherever the pointer goes on to."""

    def __init__(self, name: str):
        super().__init__()
        self.setAccessibleName(name)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)

    def wheelEvent(self, event):
        event.ignore()


def pixels(low: int, high: int, name: str, tip: str) -> Number:
    """A number of document pixels."""
    box = number(low, high, name, tip)
    box.setSuffix(" px")
    return box


def number(low: int, high: int, name: str, tip: str) -> Number:
    """A number of `low` .. `high`; `name` is what a screen reader says."""
    box = Number()
    box.setRange(low, high)
    box.setAccessibleName(name)
    box.setToolTip(tip)
    box.setMinimumWidth(40)
    box.setSizePolicy(QtWidgets.QSizePolicy.Policy.Expanding, QtWidgets.QSizePolicy.Policy.Fixed)
    return box


def labelled(title: str, field: QtWidgets.QWidget) -> QtWidgets.QWidget:
    """A field with its title before it."""
    label = QtWidgets.QLabel(title)
    label.setBuddy(field)
    made = QtWidgets.QWidget()
    made.setLayout(row(label, field))
    return made


class Choice(QtWidgets.QWidget):
    """A few words beside each other, of which one is chosen."""

    changed = Signal()

    def __init__(self, choices: "dict[str, tuple[str, str]]"):
        """choices: title and tip by value."""
        super().__init__()
        self._buttons = {}
        group = QtWidgets.QButtonGroup(self)
        for value, (title, tip) in choices.items():
            made = QtWidgets.QPushButton(title)
            made.setCheckable(True)
            made.setToolTip(tip)
            made.setMinimumWidth(1)
            made.setFocusPolicy(Qt.FocusPolicy.TabFocus)
            made.clicked.connect(lambda: self.changed.emit())
            made.setStyleSheet(CHOSEN)
            group.addButton(made)
            self._buttons[value] = made
        self.setLayout(row(*self._buttons.values(), spacing=0))

    def value(self) -> str:
        return next((value for value, made in self._buttons.items() if made.isChecked()), "")

    def set_value(self, value: str) -> None:
        if value in self._buttons:
            self._buttons[value].setChecked(True)


class Section(QtWidgets.QWidget):
    """A part that opens and closes under its title. `turned`: it did, and whether it is open now."""

    turned = Signal(bool)

    def __init__(self, title: str, content: QtWidgets.QLayout):
        super().__init__()
        self._title = QtWidgets.QToolButton()
        self._title.setText(title)
        self._title.setAutoRaise(True)
        self._title.setCheckable(True)
        self._title.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self._title.setStyleSheet("QToolButton { border: none; padding: 2px 0; }")
        self._title.setFont(self.font())
        self._body = QtWidgets.QWidget()
        self._body.setLayout(content)
        self._title.toggled.connect(self._turn)
        self.setLayout(column(self._title, self._body))
        self._turn(False)

    @property
    def is_open(self) -> bool:
        return self._title.isChecked()

    def set_open(self, opened: bool) -> None:
        self._title.setChecked(opened)

    def _turn(self, opened: bool) -> None:
        arrows = QtCore.Qt.ArrowType
        self._title.setArrowType(arrows.DownArrow if opened else arrows.RightArrow)
        self._body.setVisible(opened)
        self.turned.emit(opened)


class Bar(QtWidgets.QWidget):
    """How much of something is done.

    Qt's own bar repaints Krita's window at once on each change, with the canvas in it (30 to 60 ms), and goes on doing so
    while it shows that nobody knows how much; this one waits for the next time that Krita draws.
    """

    HEIGHT_PX = 6

    def __init__(self):
        super().__init__()
        self.fraction = None
        """0 .. 1, or None where nobody knows."""
        self.setFixedHeight(self.HEIGHT_PX)

    def show_fraction(self, fraction: "float | None") -> None:
        before, self.fraction = self.fraction, fraction
        if self._extent(before) != self._extent(fraction):
            self.update()

    def _extent(self, fraction):
        return None if fraction is None else round(self.width() * min(1.0, max(0.0, fraction)))

    def paintEvent(self, event):
        painter = QtGui.QPainter(self)
        palette = self.palette()
        painter.fillRect(self.rect(), palette.color(palette.ColorRole.Base))
        done = palette.color(palette.ColorRole.Highlight)
        extent = self._extent(self.fraction)
        if extent is None:
            painter.fillRect(self.rect(), QtGui.QBrush(done, Qt.BrushStyle.BDiagPattern))
        else:
            painter.fillRect(0, 0, extent, self.height(), done)


_DOT_COLORS = {"good": "#5fb35f", "busy": "#d9a441", "bad": "#d35f5f"}


class Dot(QtWidgets.QLabel):
    """A coloured dot: how things stand at a glance."""

    def show_state(self, state: str) -> None:
        self.setText("●")
        self.setStyleSheet(f"color: {_DOT_COLORS[state]};")
