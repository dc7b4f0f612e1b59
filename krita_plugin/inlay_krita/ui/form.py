"""What the retoucher asks for, as the server describes it: verb and words in sight, the rest one click away."""

from typing import Any

from ..client.messages import verbs_pb2
from ..qt import Qt, QtCore, QtWidgets, Signal
from ..wish import Wish, initial
from ..words import say
from . import fields, parts

OWN = (fields.Kind.FIELD_KIND_FRACTION, fields.Kind.FIELD_KIND_MODEL)
"""What each verb keeps for itself; every other value goes along to the next verb."""

PANELS = {
    "reads": ("picture", "below"),
    "lands": ("top", "above", "group"),
    "placing": ("at_once", "on_call"),
    "build_on": (),
}
"""The panel's own fields and what can be chosen there."""

IN_A_ROW = 2
MOST_WORDS = 50


def _own_field(name: str, *choices: str) -> verbs_pb2.Field:
    """A field of the panel's own, worded by the server like all others."""
    kind = fields.Kind.FIELD_KIND_CHOICE if choices else fields.Kind.FIELD_KIND_SWITCH
    asked = verbs_pb2.Field(
        path=f"panel.{name}", kind=kind, advanced=True, title=say(f"{name}.title"), tip=say(f"{name}.tip")
    )
    for choice in choices:
        asked.choices.add(value=choice, title=say(f"{name}.{choice}.title"), tip=say(f"{name}.{choice}.tip"))
    return asked


class Form(QtWidgets.QWidget):
    """Shows a Wish and gives it back. `changed`: it says something else now."""

    changed = Signal()

    def __init__(self):
        super().__init__()
        self.forms: dict[str, verbs_pb2.VerbForm] = {}
        self.fields: dict[str, QtWidgets.QWidget] = {}
        """Those of the verb that is chosen, by path in the recipe."""
        self.history: list[str] = []
        """What was said before, the newest last."""
        self._values: dict = {}
        """By path, or by verb and path."""
        self._shown: Any = None
        self._asked: list[verbs_pb2.Field] = []
        self.verb = fields.Menu()
        self.verb.setAccessibleName(say("action.run.title"))
        self.verb.edited.connect(self._turn)
        self._sight, self._folded = parts.column(), parts.column()
        self.details = parts.Section(say("action.details.title"), self._folded)
        self.setLayout(self._sight)
        self.setSizePolicy(QtWidgets.QSizePolicy.Policy.Preferred, QtWidgets.QSizePolicy.Policy.Maximum)

    def describe(self, forms: "dict[str, verbs_pb2.VerbForm]") -> None:
        """Shows what can be asked for now; what the server cannot do is dim, and its tip says why."""
        if forms == self.forms:
            return
        self.forms, chosen = forms, self.verb.get()
        dim = self.palette().color(self.palette().ColorGroup.Disabled, self.palette().ColorRole.Text)
        with QtCore.QSignalBlocker(self.verb):
            self.verb.clear()
            for form in forms.values():
                self.verb.add(form.id, form.title, form.unable or form.tip)
                last, role = self.verb.count() - 1, Qt.ItemDataRole.ForegroundRole
                self.verb.setItemData(last, dim if form.unable else None, role)
            self.verb.put(chosen)
        self._turn()

    @property
    def form(self) -> verbs_pb2.VerbForm:
        """What the chosen verb asks for."""
        return self.forms.get(self.verb.get(), verbs_pb2.VerbForm())

    @property
    def asks_for_color(self) -> bool:
        """Whether a colour is what the verb is about."""
        return any(asked.required and asked.kind == fields.Kind.FIELD_KIND_COLOR for asked in self.form.fields)

    def wish(self) -> Wish:
        """What the form says now: of what it does not show, nothing."""
        said = {path: field.get() for path, field in self.fields.items()}
        own = {name: said.pop(f"panel.{name}") for name in PANELS if f"panel.{name}" in said}
        own.pop("placing", None)
        return Wish(self.form, said, **own)

    @property
    def waits(self) -> bool:
        """Whether a result shall be placed only when the retoucher says so."""
        return self.fields["panel.placing"].get() == "on_call" if self.fields else False

    def state(self) -> dict:
        """All that was filled in, to be shown again."""
        self._keep()
        return {"verb": self.verb.get(), "values": self._values, "history": self.history}

    def restore(self, state: dict) -> None:
        """Shows what `state` said."""
        self.history[:] = state["history"]
        with QtCore.QSignalBlocker(self.verb):
            self.verb.put(state["verb"])
        self._shown, self._asked, self._values = None, [], dict(state["values"])
        self._turn()

    def suggest(self, values: "dict[str, str]") -> None:
        """Fills in what an answer says of texts, by their paths; they may belong to another verb."""
        self._keep()
        self._values.update(values)
        for path in values.keys() & self.fields.keys():
            self.fields[path].put(values[path])
        self.changed.emit()

    def ran(self) -> None:
        """A run took the words and the seed; the next one gets another seed unless it is locked."""
        for field in self.fields.values():
            if isinstance(field, fields.Seed) and not field.lock.isChecked():
                field.draw()
            if isinstance(field, fields.Text) and field.get().strip():
                said = field.get().strip()
                self.history[:] = [*(words for words in self.history if words != said), said][-MOST_WORDS:]

    def _key(self, asked: verbs_pb2.Field):
        return f"{self._shown.id} {asked.path}" if asked.kind in OWN else asked.path

    def _turn(self) -> None:
        """Shows what the chosen verb asks for."""
        form = self.form
        if form == self._shown or not form.id:
            return
        self._keep()
        self._shown = form
        self._asked = [*form.fields, *(_own_field(name, *choices) for name, choices in PANELS.items())]
        self.verb.setToolTip(form.unable or form.tip)
        self.fields = {}
        for asked in self._asked:
            field = fields.made(asked)
            if field is None:
                continue
            if isinstance(field, fields.Text):
                field.history = self.history
            value = self._values.get(self._key(asked), initial(asked))
            if value is not None:
                field.put(value)
            field.edited.connect(self.changed)
            self.fields[asked.path] = field
        self._lay_out()
        self.changed.emit()

    def _keep(self) -> None:
        for asked in self._asked:
            if asked.path in self.fields:
                self._values[self._key(asked)] = self.fields[asked.path].get()

    def _lay_out(self) -> None:
        """In sight the first field that needs a line of its own, regions, and below them the first two that do not."""
        wide, regions, short, folded = [], [], [], QtWidgets.QFormLayout()
        folded.setContentsMargins(0, 0, 0, 0)
        folded.setSpacing(parts.SPACING)
        folded.setFieldGrowthPolicy(QtWidgets.QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
        folded.setRowWrapPolicy(QtWidgets.QFormLayout.RowWrapPolicy.WrapLongRows)
        for asked in self._asked:
            field = self.fields.get(asked.path)
            group, most = (short, IN_A_ROW) if isinstance(field, fields.SHORT) else (wide, 1)
            if isinstance(field, fields.Regions):
                regions.append(field)
            elif field is not None and not asked.advanced and len(group) < most:
                group.append((asked, field))
            elif field is not None:
                folded.addRow(*([field] if isinstance(field, fields.Switch) else [asked.title, field]))
        for asked, field in short:
            if isinstance(field, fields.Number) and len(short) > 1:
                field.setPrefix(f"{asked.title} ")
        _replace(
            self._sight,
            parts.column(*(field for _, field in wide), *regions, parts.row(*(field for _, field in short))),
        )
        _replace(self._folded, folded)


def _replace(slot: QtWidgets.QLayout, content: QtWidgets.QLayout) -> None:
    while slot.count():
        old = slot.takeAt(0).widget()
        old.hide()
        old.deleteLater()
    new = QtWidgets.QWidget()
    new.setLayout(content)
    slot.addWidget(new)
    new.show()
