"""The field for references: pictures from layers, files and the clipboard, each with what it is for and how much it counts."""

from ..client.messages import verbs_pb2
from ..host import desk, pictures
from ..qt import QtWidgets
from ..words import say
from .rows import Row, Rows

ROLE_PX = 84
"""A role is read at a glance; where that is too wide beside the title, Qt puts the rows below it."""


class References(Rows):
    """The value is a list of `picture` (key), `role` and `weight`."""

    words = "references"

    def __init__(self, asked, menu, number):
        """menu, number: the fields for a choice and a fraction."""
        self._menu, self._number = menu, number
        super().__init__(asked)

    def row_of(self, one: dict) -> Row:
        return Reference(one, self.asked, self._menu, self._number)

    def is_there(self, document, one: dict) -> bool:
        return pictures.is_there(document, one.get("picture", ""))

    def fresh(self, key: str) -> dict:
        return {"picture": key, "role": self.asked.choices[0].value if self.asked.choices else "", "weight": 1.0}

    def offer(self, choices: QtWidgets.QMenu, document) -> None:
        choices.addAction(say("references.seen")).triggered.connect(lambda: self.attempt(pictures.seen, document))
        choices.addAction(say("references.clipboard")).triggered.connect(lambda: self.attempt(pictures.copied))
        choices.addAction(say("references.file")).triggered.connect(self._browse)

    def _browse(self) -> None:
        path, _ = QtWidgets.QFileDialog.getOpenFileName(self, say("references.add.title"))
        if path:
            self.attempt(pictures.from_file, path)


class Reference(Row):
    """One picture."""

    def __init__(self, one: dict, asked, menu, number):
        self._key = one["picture"]
        document = desk.active_document()
        name = pictures.name_of(document, self._key)
        self.role = menu(asked)
        self.role.put(one["role"])
        self.role.setMinimumWidth(ROLE_PX)
        self.role.setAccessibleName(f"{asked.title}: {name}")
        self.weight = number(
            verbs_pb2.Field(kind=verbs_pb2.FieldKind.FIELD_KIND_FRACTION, minimum=0.0, maximum=1.0, step=0.05)
        )
        self.weight.put(one["weight"])
        self.weight.setToolTip(say("references.weight.tip"))
        self.weight.setAccessibleName(say("references.weight.tip"))
        shown = pictures.thumbnail(document, self._key)
        super().__init__(name, shown, self.role, self.weight, remove=say("references.remove.tip"))

    def get(self) -> dict:
        return {"picture": self._key, "role": self.role.get(), "weight": self.weight.get()}
