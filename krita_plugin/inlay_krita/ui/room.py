"""Canvas for Expand in one click: a ratio, or a little more, with the old picture at one of nine points."""

from ..host import canvas, desk
from ..qt import QtWidgets
from ..words import say
from . import fields, parts

POINTS = ("↖", "↑", "↗", "←", "•", "→", "↙", "↓", "↘")
MIDDLE = 4


class Room(QtWidgets.QWidget):
    """A button for each size of canvas, and where the old picture lies on it."""

    def __init__(self):
        super().__init__()
        titles = [(ratio, say("canvas.ratio", width=ratio[0], height=ratio[1])) for ratio in canvas.RATIOS]
        self.sizes = {}
        for ratio, title in [*titles, (None, say("canvas.percent", percent=canvas.PERCENT))]:
            button = parts.button(title, "", say("canvas.tip"), lambda ratio=ratio: self._grow(ratio))
            button.setMinimumWidth(10)
            self.sizes[ratio] = button
        self.anchor = fields.Menu()
        self.anchor.setMinimumContentsLength(1)
        self.anchor.setAccessibleName(say("canvas.anchor.title"))
        self.anchor.setToolTip(say("canvas.anchor.tip"))
        for number, point in enumerate(POINTS):
            self.anchor.add(number, point, say("canvas.anchor.tip"))
        self.anchor.put(MIDDLE)
        self.setLayout(parts.row(*self.sizes.values(), self.anchor, spacing=1))

    def _grow(self, ratio) -> None:
        document = desk.active_document()
        if document is not None:
            down, across = divmod(self.anchor.get(), 3)
            canvas.grow(document, ratio, (across, down))
