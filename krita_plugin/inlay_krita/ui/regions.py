"""The field for several regions: what was selected, or what a layer covers, each with words of its own."""

from ..host import desk, regions
from ..qt import QtWidgets
from ..words import say
from . import parts
from .rows import Row, Rows


class Regions(Rows):
    """The value is a list of `region` (key) and `words`."""

    words = "regions"

    def __init__(self, asked, line):
        """line: the field for a line of text."""
        self._line = line
        self.in_turn = parts.words(say("regions.in_turn"), quiet=True)
        super().__init__(asked)
        self.layout().addWidget(self.in_turn)
        self.edited.connect(lambda: self.in_turn.setVisible(len(self.rows) > 1))
        self.in_turn.hide()

    def row_of(self, one: dict) -> Row:
        return Region(one, self._line(self.asked))

    def is_there(self, document, one: dict) -> bool:
        return regions.place_of(document, one.get("region", "")) is not None

    def fresh(self, key: str) -> dict:
        return {"region": key, "words": ""}

    def take(self, key: str) -> Row:
        """Adds it; what shall be there is said next."""
        row = super().take(key)
        row.line.setFocus()
        return row

    def offer(self, choices: QtWidgets.QMenu, document) -> None:
        choices.addAction(say("references.seen")).triggered.connect(lambda: self.attempt(regions.selected, document))


class Region(Row):
    """One place."""

    def __init__(self, one: dict, line):
        self._key, self.line = one["region"], line
        document = desk.active_document()
        name = regions.name_of(document, self._key)
        line.put(one["words"])
        line.setAccessibleName(name)
        super().__init__(name, regions.thumbnail(document, self._key), line, remove=say("regions.remove.tip"))

    def get(self) -> dict:
        return {"region": self._key, "words": self.line.get()}
