"""What the retoucher asks for: verb and prompt in sight, the rest one click away."""

import random

from ..host import desk
from ..qt import QtCore, QtGui, QtWidgets, Signal
from ..wish import MAX_COUNT, MAX_SEED, TITLES, Wish
from . import parts

TIPS = {
    "erase": "Removes what is selected and continues the surroundings.",
    "fill": "Paints what you describe, or what the surroundings suggest.",
    "generate": "Paints what you describe, with no regard to what is there.",
    "refine": "Repaints what is there, as far as the strength allows.",
    "instruct": "Changes what is there as you tell.",
    "recolor": "Gives the selected material the target colour.",
    "replace_background": "Select the background: it is painted anew behind what is not selected.",
    "expand": "Continues the picture. Enlarge the canvas first and select its new part.",
}
HINTS = {
    "erase": "Optional: what should be there instead",
    "fill": "What should be there? Empty: what fits",
    "generate": "What should be there?",
    "refine": "What is there?",
    "instruct": "What should change?",
    "replace_background": "Which background?",
    "expand": "Optional: what continues there",
}
TIERS = {
    "draft": ("Draft", "A first look, as fast as possible"),
    "standard": ("Standard", "Good enough to judge"),
    "final": ("Final", "What is delivered"),
}
SEED_MAX_SPIN = 2**31 - 1
"""The largest number that Qt's spin box holds; seeds above are still read from recipes."""

MAX_GROW_PX = 512
MAX_FEATHER_PX = 512


class ColorButton(QtWidgets.QWidget):
    """The target colour: a swatch, its hex number, and a button that takes the brush's colour."""

    def __init__(self):
        super().__init__()
        self._hex = QtWidgets.QLineEdit("#C0392B")
        self._hex.setToolTip("Target colour as #RRGGBB (sRGB), or lab(L, a, b)")
        self._hex.textChanged.connect(self._paint)
        self._swatch = QtWidgets.QToolButton()
        self._swatch.setToolTip("Choose the target colour")
        self._swatch.clicked.connect(self._choose)
        take = parts.tool("krita_tool_color_sampler", "Take the brush's colour", self.take_brush_color)
        self.setLayout(parts.row(self._swatch, self._hex, take))
        self._paint()

    def value(self) -> str:
        return self._hex.text().strip()

    def set_value(self, color: str) -> None:
        self._hex.setText(color)

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
    """A few lines of text; Ctrl+Enter runs."""

    confirmed = Signal()

    def __init__(self):
        super().__init__()
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
        if _confirms(event):
            self.confirmed.emit()
        else:
            super().keyPressEvent(event)


class LeaveOut(QtWidgets.QWidget):
    """One quiet line: what must not be there; Ctrl+Enter runs."""

    confirmed = Signal()

    def __init__(self):
        super().__init__()
        self.line = QtWidgets.QLineEdit()
        self.line.setToolTip("What must not be there")
        self.line.installEventFilter(self)
        label = parts.words("Leave out", quiet=True)
        label.setWordWrap(False)
        label.setBuddy(self.line)
        self.setLayout(parts.row(label, self.line))

    def eventFilter(self, watched, event):
        if event.type() == QtCore.QEvent.Type.KeyPress and _confirms(event):
            self.confirmed.emit()
            return True
        return super().eventFilter(watched, event)


def _confirms(event) -> bool:
    keys, control = QtCore.Qt.Key, QtCore.Qt.KeyboardModifier.ControlModifier
    return event.key() in (keys.Key_Return, keys.Key_Enter) and bool(event.modifiers() & control)


class Form(QtWidgets.QWidget):
    """Shows a Wish and gives it back. `changed`: what the server would plan differently. `confirmed`: run it."""

    changed = Signal()
    confirmed = Signal()

    def __init__(self):
        super().__init__()
        self.verb = QtWidgets.QComboBox()
        for value, title in TITLES.items():
            self.verb.addItem(title, value)
            self.verb.setItemData(self.verb.count() - 1, TIPS[value], QtCore.Qt.ItemDataRole.ToolTipRole)
        self.prompt = Prompt()
        self.prompt.confirmed.connect(self.confirmed)
        self.leave_out = LeaveOut()
        self.leave_out.confirmed.connect(self.confirmed)
        self._worded = frozenset()
        self.color = ColorButton()
        self.tier = parts.Choice(TIERS)
        self.count = parts.number(1, MAX_COUNT, "Variations to choose from")
        self.strength = parts.number(0, 100, "How far pixels inside the selection may move away from what is there")
        self.strength.setSuffix(" %")
        self.seed = parts.number(0, SEED_MAX_SPIN, "The same seed and the same settings give the same pixels")
        self.lock = parts.tool("unlocked", "Lock the seed, so that the next run uses it again")
        self.lock.setCheckable(True)
        self.lock.toggled.connect(self._lock_turned)
        self.dice = parts.tool("reload-preset", "Draw another seed", self.draw_seed)
        self.grow = parts.pixels(-MAX_GROW_PX, MAX_GROW_PX, "Grows the selection before the edit; negative shrinks it")
        self.feather = parts.pixels(0, MAX_FEATHER_PX, "Softens the selection's edge after growing")
        self.build_on = QtWidgets.QCheckBox("Build on the earlier result")
        self.build_on.setToolTip(
            "Else the same edit of the same selection is another roll: painted from what lies below it"
        )
        self._lay_out()
        self.verb.currentIndexChanged.connect(self._verb_turned)
        for box in (self.count, self.grow, self.feather):
            box.valueChanged.connect(lambda _: self.changed.emit())
        self.tier.changed.connect(self.changed)
        self.show_wish(Wish(seed=random.randrange(SEED_MAX_SPIN)))

    def _lay_out(self) -> None:
        details = QtWidgets.QFormLayout()
        details.setContentsMargins(0, 0, 0, 0)
        details.setSpacing(parts.SPACING)
        details.setFieldGrowthPolicy(QtWidgets.QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
        details.addRow("Strength", self.strength)
        details.addRow("Seed", parts.row(self.seed, self.lock, self.dice, spacing=2))
        details.addRow("Grow", self.grow)
        details.addRow("Feather", self.feather)
        details.addRow(self.build_on)
        self.details = parts.Section("More settings", details)
        variations = QtWidgets.QLabel("Variations")
        variations.setBuddy(self.count)
        count = parts.row(variations, self.count)
        self.setLayout(parts.column(self.verb, self.prompt, self.leave_out, self.color, self.tier, count, self.details))

    def wish(self) -> Wish:
        """What the form says now."""
        verb = self.verb.currentData()
        return Wish(
            verb=verb,
            prompt="" if verb == "recolor" else self.prompt.toPlainText().strip(),
            negative_prompt=self.leave_out.line.text().strip() if self._reads(verb) else "",
            tier=self.tier.value(),
            strength=self.strength.value() / 100,
            count=self.count.value(),
            seed=self.seed.value(),
            grow_px=self.grow.value(),
            feather_px=self.feather.value(),
            target_color=self.color.value() if verb == "recolor" else "",
            build_on=self.build_on.isChecked(),
        )

    def show_wish(self, wish: Wish) -> None:
        self.verb.setCurrentIndex(max(0, self.verb.findData(wish.verb)))
        self.prompt.setPlainText(wish.prompt)
        self.leave_out.line.setText(wish.negative_prompt)
        self.tier.set_value(wish.tier)
        self.strength.setValue(round(100 * wish.strength))
        self.count.setValue(wish.count)
        self.seed.setValue(min(wish.seed, SEED_MAX_SPIN))
        self.grow.setValue(wish.grow_px)
        self.feather.setValue(wish.feather_px)
        if wish.target_color:
            self.color.set_value(wish.target_color)
        self._verb_turned()

    def draw_seed(self) -> None:
        """Another seed at random."""
        self.seed.setValue(random.randrange(min(MAX_SEED, SEED_MAX_SPIN)))

    def ran(self) -> None:
        """A run took the seed; the next one gets another unless it is locked."""
        if not self.lock.isChecked():
            self.draw_seed()

    def allow(self, verbs, worded) -> None:
        """Greys out what the server cannot do. `worded`: what a model that reads prompts can do there."""
        model = self.verb.model()
        for index in range(self.verb.count()):
            able = not verbs or self.verb.itemData(index) in verbs
            model.item(index).setEnabled(able)
            tip = TIPS[self.verb.itemData(index)] if able else "No model of this server can do this."
            self.verb.setItemData(index, tip, QtCore.Qt.ItemDataRole.ToolTipRole)
        self._worded = worded
        self.leave_out.setVisible(self._reads(self.verb.currentData()))

    def _reads(self, verb: str) -> bool:
        return verb in self._worded and verb != "recolor"

    def _lock_turned(self, locked: bool) -> None:
        self.lock.setIcon(desk.icon("locked" if locked else "unlocked"))

    def _verb_turned(self, *_) -> None:
        verb = self.verb.currentData()
        self.verb.setToolTip(TIPS[verb])
        self.prompt.set_hint(HINTS.get(verb, ""))
        self.prompt.setVisible(verb != "recolor")
        self.leave_out.setVisible(self._reads(verb))
        self.color.setVisible(verb == "recolor")
        self.changed.emit()
