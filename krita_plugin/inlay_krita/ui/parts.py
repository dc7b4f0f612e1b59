"""Small pieces that the panel is made of."""

import re

from ..host import desk
from ..qt import Qt, QtCore, QtGui, QtWidgets, Signal

BREAK, LONGEST, BROKEN_AFTER = "\u200b", 20, 8
"""A place for a line break that nobody sees; characters from which on a word gets them; after how many each."""

_LONG = re.compile(rf"[^\s<>{BREAK}]{{{LONGEST},}}")

SPACING = 4
QUIET = 0.65
"""Opacity of words that step back."""

FOREMOST = (
    "QPushButton:enabled { background: palette(highlight); color: palette(highlighted-text); font-weight: bold; }"
)


def column(*items, spacing: int = SPACING) -> QtWidgets.QVBoxLayout:
    """Widgets and layouts below each other, without margins."""
    return _fill(QtWidgets.QVBoxLayout(), items, spacing)


def row(*items, spacing: int = SPACING, wide=None) -> QtWidgets.QHBoxLayout:
    """Widgets and layouts beside each other, without margins; the one that is `wide` takes what room there is."""
    made = _fill(QtWidgets.QHBoxLayout(), items, spacing)
    if wide is not None:
        made.setStretchFactor(wide, 1)
    return made


def _fill(layout, items, spacing: int):
    layout.setContentsMargins(0, 0, 0, 0)
    layout.setSpacing(spacing)
    for item in items:
        if isinstance(item, QtWidgets.QLayout):
            layout.addLayout(item)
        else:
            layout.addWidget(item)
    return layout


class Words(QtWidgets.QLabel):
    """A label that wraps, also where a path, an address or a long word has no place for that."""

    def __init__(self, text: str = ""):
        super().__init__(breakable(text))
        self.setWordWrap(True)
        self.setMinimumWidth(1)

    def setText(self, text: str) -> None:
        super().setText(breakable(text))

    def text(self) -> str:
        return super().text().replace(BREAK, "")


def breakable(text: str) -> str:
    """The text with places in what is too long for a line where it may be broken unseen."""
    return _LONG.sub(lambda found: BREAK.join(re.findall(f".{{1,{BROKEN_AFTER}}}", found[0])), text)


def words(text: str = "", quiet: bool = False) -> QtWidgets.QLabel:
    """A label that wraps; `quiet` ones step back, in any of Krita's themes."""
    label = Words(text)
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
    if icon:
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


def wrapped(text: str, widget: QtWidgets.QWidget, width: int) -> str:
    """The text in lines that are at most `width` px wide in the widget's font."""
    lines = [""]
    for word in text.split():
        longer = f"{lines[-1]} {word}".strip()
        if lines[-1] and widget.fontMetrics().horizontalAdvance(longer) > width:
            lines.append(word)
        else:
            lines[-1] = longer
    return "\n".join(lines)


def swatch(color: QtGui.QColor) -> QtGui.QIcon:
    """A square of a colour."""
    pixmap = QtGui.QPixmap(16, 16)
    pixmap.fill(color)
    return QtGui.QIcon(pixmap)


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


def is_run_key(event) -> bool:
    """Whether a key event is Ctrl+Enter, of either Enter key."""
    keys, control = Qt.Key, Qt.KeyboardModifier.ControlModifier
    return event.key() in (keys.Key_Return, keys.Key_Enter) and bool(event.modifiers() & control)


def claims(event) -> bool:
    """Whether an event is about Ctrl+Enter; it is accepted then, so that no shortcut of Krita's opens in its place.

    Qt first asks whoever has the keyboard, and then what lies around it, whether they override the shortcut.
    """
    kinds = QtCore.QEvent.Type
    is_ours = event.type() in (kinds.ShortcutOverride, kinds.KeyPress) and is_run_key(event)
    if is_ours:
        event.accept()
    return is_ours
