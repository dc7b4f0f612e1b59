"""The fields of the form that Qt does not bring: a colour, a prompt, and what to leave out."""

from ..colors import ACCEPTED, spelled
from ..host import desk
from ..qt import QtCore, QtGui, QtWidgets
from . import keys, parts


class ColorField(QtWidgets.QWidget):
    """The target colour: a swatch, how it is written, and a button that takes the brush's colour."""

    def __init__(self):
        super().__init__()
        self.line = QtWidgets.QLineEdit("#C0392B")
        self.line.setAccessibleName("Target colour")
        self.line.setToolTip(f"Target colour: {ACCEPTED}")
        self.line.textChanged.connect(self._paint)
        self._swatch = QtWidgets.QToolButton()
        self._swatch.setToolTip("Choose the target colour")
        self._swatch.setAccessibleName("Choose the target colour")
        self._swatch.clicked.connect(self._choose)
        take = parts.tool("krita_tool_color_sampler", "Take the brush's colour", self.take_brush_color)
        self.setLayout(parts.row(self._swatch, self.line, take))
        self._paint()

    def value(self) -> str:
        """The colour as the contract spells it; empty where what is written is none."""
        return spelled(self.line.text())

    def set_value(self, color: str) -> None:
        self.line.setText(color)

    def take_brush_color(self) -> None:
        self.set_value(desk.brush_color())

    def _choose(self) -> None:
        color = QtWidgets.QColorDialog.getColor(QtGui.QColor(self.value()), self, "Target colour")
        if color.isValid():
            self.set_value(color.name().upper())

    def _paint(self) -> None:
        color = QtGui.QColor(self.value()) if self.value().startswith("#") else QtGui.QColor()
        pixmap = QtGui.QPixmap(16, 16)
        pixmap.fill(color if color.isValid() else QtGui.QColor(0, 0, 0, 0))
        self._swatch.setIcon(QtGui.QIcon(pixmap))


class Prompt(QtWidgets.QPlainTextEdit):
    """A few lines of text. Ctrl+Enter is the panel's."""

    def __init__(self):
        super().__init__()
        self.setAccessibleName("Prompt")
        self.setFocusPolicy(QtCore.Qt.FocusPolicy.StrongFocus)  # Scrolling over it does not give it the keyboard.
        self.setTabChangesFocus(True)
        self.setFixedHeight(int(self.fontMetrics().lineSpacing() * 3.2) + 8)

        self._hint = ""

    def set_hint(self, text: str) -> None:
        """What stands there while nothing is written."""
        self._hint = text
        self.viewport().update()

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
        painter.drawText(area, int(QtCore.Qt.TextFlag.TextWordWrap), self._hint)

    def keyPressEvent(self, event):
        if keys.runs(event):
            event.ignore()
        else:
            super().keyPressEvent(event)


class LeaveOut(QtWidgets.QWidget):
    """One quiet line: what must not be there."""

    def __init__(self):
        super().__init__()
        self.line = QtWidgets.QLineEdit()
        self.line.setToolTip("What must not be there")
        self.line.setAccessibleName("Leave out")
        label = parts.words("Leave out", quiet=True)
        label.setWordWrap(False)
        label.setBuddy(self.line)
        self.setLayout(parts.row(label, self.line))
