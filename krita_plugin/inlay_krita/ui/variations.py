"""The variations of the result in hand: flip through them with the arrow keys, keep one, or run the recipe again."""

from ..host import place, recipes
from ..qt import Qt, QtCore, QtGui, QtWidgets, Signal
from . import parts

THUMBNAIL_PX = 64
CELL_PX = THUMBNAIL_PX + 8


class Strip(QtWidgets.QListWidget):
    """Thumbnails side by side; every arrow key goes one further or back."""

    def __init__(self):
        super().__init__()
        self.setViewMode(QtWidgets.QListView.ViewMode.IconMode)
        self.setFlow(QtWidgets.QListView.Flow.LeftToRight)
        self.setMovement(QtWidgets.QListView.Movement.Static)
        self.setResizeMode(QtWidgets.QListView.ResizeMode.Adjust)
        self.setIconSize(QtCore.QSize(THUMBNAIL_PX, THUMBNAIL_PX))
        self.setUniformItemSizes(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName("Variations of the result")
        self.setGridSize(QtCore.QSize(CELL_PX, CELL_PX + self.fontMetrics().height()))
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)

    def keyPressEvent(self, event):
        keys = QtCore.Qt.Key
        step = {keys.Key_Right: 1, keys.Key_Down: 1, keys.Key_Left: -1, keys.Key_Up: -1}.get(event.key())
        if step is None:
            super().keyPressEvent(event)
        else:
            self.step(step)

    def step(self, by: int) -> None:
        if self.count():
            self.setCurrentRow((self.currentRow() + by) % self.count())

    def fit(self) -> None:
        """As high as its rows, at most three of them."""
        across = max(1, (self.width() - 2 * self.frameWidth()) // CELL_PX)
        rows = min(3, -(-max(1, self.count()) // across))
        self.setFixedHeight(rows * self.gridSize().height() + 2 * self.frameWidth() + 2)

    def resizeEvent(self, event):
        super().resizeEvent(event)
        self.fit()


class Variations(QtWidgets.QWidget):
    """Shows a result group of a document."""

    keep_wanted = Signal()
    again_wanted = Signal()
    finish_wanted = Signal()

    def __init__(self):
        super().__init__()
        self._shown = None
        self._findings = []
        self.memory = None
        """What the result in hand remembers of how it was made."""
        self._title = parts.words()
        self.seam = parts.words()
        self.seam.setToolTip("Colour difference (CIEDE2000) on the ring around the mask; up to 1 nobody sees it")
        self.notes = parts.words()
        self.strip = Strip()
        self.strip.currentRowChanged.connect(self._turn)
        self.keep = parts.button(
            "Keep this",
            "dialog-ok",
            "Keeps the visible variation and drops the others (undoable)",
            self.keep_wanted.emit,
        )
        self.again = parts.button(
            "Re-run", "reload-preset", "Runs this result's recipe again: the same pixels", self.again_wanted.emit
        )
        self.finish = parts.button(
            "Finish",
            "krita_tool_freehand",
            "Paints the variation that shows anew at the final tier and keeps what it shows",
            self.finish_wanted.emit,
        )
        pair = parts.row(self.keep, self.again)  # Three beside each other are wider than a narrow docker.
        self.setLayout(parts.column(self._title, self.strip, self.seam, self.notes, pair, self.finish))
        self.hide()

    def show_result(self, document, group) -> None:
        """Shows a group's variations; nothing where `group` is None."""
        if group is None:
            self._shown = None
            self.hide()
            return
        layers = place.variations_of(document, group)
        now = (recipes.id_of(group), tuple(recipes.id_of(layer) for layer in layers))
        if now != self._shown:
            self._shown = now
            self._fill(group, layers)
            self.memory = recipes.recall(document, group)
            known = self.memory.findings if self.memory else {}
            self._findings = [known.get(recipes.id_of(layer)) for layer in layers]
        self._select(place.shown(document, group))
        self._tell(self.strip.currentRow())
        self._document, self._group = document, group
        self.show()

    def _fill(self, group, layers) -> None:
        self._title.setText(f"Result: {group.name()}")
        self.keep.setEnabled(len(layers) > 1)
        blocked = QtCore.QSignalBlocker(self.strip)
        self.strip.clear()
        for number, layer in enumerate(layers, start=1):
            picture = QtGui.QPixmap.fromImage(layer.thumbnail(THUMBNAIL_PX, THUMBNAIL_PX))
            icon = QtGui.QIcon(picture)
            icon.addPixmap(picture, QtGui.QIcon.Mode.Selected)  # As it is, not tinted.
            item = QtWidgets.QListWidgetItem(icon, str(number))
            item.setToolTip(layer.name())
            self.strip.addItem(item)
        del blocked
        self.strip.fit()

    def _select(self, number: int) -> None:
        if number != self.strip.currentRow():
            blocked = QtCore.QSignalBlocker(self.strip)
            self.strip.setCurrentRow(number)
            del blocked

    def _tell(self, number: int) -> None:
        """What was found out about one variation."""
        finding = self._findings[number] if 0 <= number < len(self._findings) else None
        seam = describe(finding) if finding else ""
        notes = "\n".join(finding.notes) if finding else ""
        for label, text in ((self.seam, seam), (self.notes, notes)):
            label.setText(text)
            label.setVisible(bool(text))

    def _turn(self, number: int) -> None:
        self._tell(number)
        if number >= 0 and self._shown is not None:
            place.show(self._document, self._group, number)


def describe(finding) -> str:
    """The seam of a variation in a few words; empty where nothing could be compared."""
    if finding.after is None:
        return ""
    after = f"{finding.after:.1f}"
    before = after if finding.before is None else f"{finding.before:.1f}"
    return f"Seam ΔE {after}" + (f", {before} as painted" if before != after else "")
