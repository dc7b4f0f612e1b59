"""What the retoucher asks for: verb and prompt in sight, the rest one click away."""

import random

from ..host import desk
from ..qt import QtCore, QtGui, QtWidgets, Signal
from ..wish import MAX_COUNT, MAX_SEED, TITLES, Wish
from . import parts
from .fields import ColorField, LeaveOut, Prompt

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
_PAINTS = frozenset({"tier", "count", "strength", "seed"})
FIELDS = {
    "erase": _PAINTS,
    "fill": _PAINTS | {"words"},
    "generate": _PAINTS | {"words"},
    "refine": _PAINTS | {"words"},
    "instruct": _PAINTS | {"words"},
    "recolor": frozenset({"color"}),
    "replace_background": _PAINTS | {"words"},
    "expand": _PAINTS | {"words"},
}
"""What decides a verb's result, beside the selection's own grow and feather: only that is shown, and asked for."""

HINTS = {
    "fill": "What should be there? Empty: what fits",
    "generate": "What should be there?",
    "refine": "What is there?",
    "instruct": "What should change?",
    "replace_background": "Which background?",
    "expand": "Optional: what continues there",
}
UNREAD = "No model of this server reads words"
CANNOT = "No model of this server can do this."
TIERS = {
    "draft": ("Draft", "A first look, as fast as possible"),
    "standard": ("Standard", "Good enough to judge"),
    "final": ("Final", "What is delivered"),
}
SEED_MAX_SPIN = 2**31 - 1
"""The largest number that Qt's spin box holds; seeds above are still read from recipes."""

MAX_GROW_PX = 512
MAX_FEATHER_PX = 512


class Form(QtWidgets.QWidget):
    """Shows a Wish and gives it back. `changed`: what the server would plan differently."""

    changed = Signal()

    def __init__(self):
        super().__init__()
        self.verb = parts.Menu("What to do")
        for value, title in TITLES.items():
            self.verb.addItem(title, value)
            self.verb.setItemData(self.verb.count() - 1, TIPS[value], QtCore.Qt.ItemDataRole.ToolTipRole)
        self.prompt = Prompt()
        self.leave_out = LeaveOut()
        self._able = self._worded = frozenset()
        self._strengths = {}
        """In percent, by the verb for which it was set."""
        self._turned_to = ""
        """The verb that the fields show."""
        self.color = ColorField()
        self.tier = parts.Choice(TIERS)
        self.count = parts.number(1, MAX_COUNT, "Variations", "Variations to choose from")
        self.strength = parts.number(
            0, 100, "Strength", "How far pixels inside the selection may move away from what is there"
        )
        self.strength.setSuffix(" %")
        self.seed = parts.number(0, SEED_MAX_SPIN, "Seed", "The same seed and the same settings give the same pixels")
        self.lock = parts.tool("unlocked", "Lock the seed, so that the next run uses it again")
        self.lock.setCheckable(True)
        self.lock.toggled.connect(self._lock_turned)
        self.dice = parts.tool("reload-preset", "Draw another seed", self.draw_seed)
        self.grow = parts.pixels(
            -MAX_GROW_PX, MAX_GROW_PX, "Grow", "Grows the selection before the edit; negative shrinks it"
        )
        self.feather = parts.pixels(0, MAX_FEATHER_PX, "Feather", "Softens the selection's edge after growing")
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
        seed = QtWidgets.QWidget()
        seed.setLayout(parts.row(self.seed, self.lock, self.dice, spacing=2))
        details.addRow("Seed", seed)
        details.addRow("Grow", self.grow)
        details.addRow("Feather", self.feather)
        details.addRow(self.build_on)
        strength, count = parts.labelled("Strength", self.strength), parts.labelled("Variations", self.count)
        self._strength_aside, self._strength_in_sight = parts.column(), parts.column(strength)
        self.details = parts.Section("More settings", parts.column(self._strength_aside, details))
        self._rows = {
            "color": (self.color,),
            "tier": (self.tier,),
            "count": (count,),
            "strength": (strength,),
            "seed": (details.labelForField(seed), seed),
        }
        self.setLayout(
            parts.column(
                self.verb,
                self.prompt,
                self.leave_out,
                self.color,
                self._strength_in_sight,
                self.tier,
                count,
                self.details,
            )
        )

    def wish(self) -> Wish:
        """What the form says now: of what it does not show, nothing."""
        verb = self.verb.currentData()
        fields = FIELDS[verb]
        said = {
            "prompt": ("words", self.prompt.toPlainText().strip()),
            "negative_prompt": ("words", self.leave_out.line.text().strip() if self._reads(verb) else ""),
            "tier": ("tier", self.tier.value()),
            "strength": ("strength", self.strength.value() / 100),
            "count": ("count", self.count.value()),
            "seed": ("seed", self.seed.value()),
            "target_color": ("color", self.color.value()),
        }
        return Wish(
            verb=verb,
            grow_px=self.grow.value(),
            feather_px=self.feather.value(),
            build_on=self.build_on.isChecked(),
            **{name: value for name, (field, value) in said.items() if field in fields},
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
        """Dims what the server cannot do; chosen all the same, the line beside Run tells why.

        worded: what a model that reads prompts can do there.
        """
        if (verbs, worded) == (self._able, self._worded):
            return
        self._able, self._worded = verbs, worded
        roles = QtCore.Qt.ItemDataRole
        dim = self.palette().color(QtGui.QPalette.ColorGroup.Disabled, QtGui.QPalette.ColorRole.Text)
        for index in range(self.verb.count()):
            able = not verbs or self.verb.itemData(index) in verbs
            self.verb.setItemData(index, None if able else dim, roles.ForegroundRole)
            tip = TIPS[self.verb.itemData(index)] if able else CANNOT
            self.verb.setItemData(index, tip, roles.ToolTipRole)
        self._show_fields()

    def _reads(self, verb: str) -> bool:
        return verb in self._worded and "words" in FIELDS[verb]

    def _lock_turned(self, locked: bool) -> None:
        self.lock.setIcon(desk.icon("locked" if locked else "unlocked"))

    def _verb_turned(self, *_) -> None:
        verb = self.verb.currentData()
        if verb != self._turned_to:
            self._strengths[self._turned_to] = self.strength.value()
            self.strength.setValue(self._strengths.get(verb, 100))
            self._turned_to = verb
        self._show_fields()
        self.changed.emit()

    def _show_fields(self) -> None:
        """Shows what decides the verb's result; the strength in sight where it is what the verb is about."""
        verb = self.verb.currentData()
        self.verb.setToolTip(TIPS[verb])
        hint = HINTS.get(verb, "") if verb in self._worded or not self._able else UNREAD
        self.prompt.set_hint(hint)
        self.prompt.setVisible("words" in FIELDS[verb])
        self.leave_out.setVisible(self._reads(verb))
        slot = self._strength_in_sight if verb == "refine" else self._strength_aside
        slot.addWidget(self._rows["strength"][0])
        for field, widgets in self._rows.items():
            for widget in widgets:
                widget.setVisible(field in FIELDS[verb])
