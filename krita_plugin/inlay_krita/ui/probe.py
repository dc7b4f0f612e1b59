"""The colour probe: mean and spread of the selection in the document's values and in Lab, and how far it is from the target."""

from .. import probe
from ..client.tasks import Cancelled, Task, sleep
from ..client.trouble import Trouble
from ..host import capture, recipes
from ..host.facts import CannotEdit
from ..qt import Qt, QtGui, QtWidgets, Signal
from . import parts

DELAY_S = 0.25
"""A selection that is being drawn, or a number that is being typed, is waited for."""

BETWEEN_PX = 4
"""Between the document's values and Lab."""

VERDICTS = ((0.5, "on target"), (1.0, "no visible difference"), (2.0, "hardly visible"), (5.0, "visible"))
"""Words for a CIEDE2000 up to these."""
BEYOND = "another colour"


class Probe(QtWidgets.QWidget):
    """Measures while it is open. `picked`: a colour that was measured shall be the target."""

    picked = Signal(str)

    def __init__(self, session):
        super().__init__()
        self._session = session
        self._document = self._group = self._question = self._task = None
        self._target = ""
        self.reading = None
        """The Reading of what is selected now; None while it is being measured (the last numbers stay on show till then)."""
        self._swatch = QtWidgets.QLabel()
        self.hex = QtWidgets.QLabel()
        self.hex.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.again = parts.tool("reload-preset", "Measure again", self.measure)
        self.pick = parts.tool("krita_tool_color_sampler", "Use as the target of Recolor", self.take)
        self._values = QtWidgets.QGridLayout()
        self._values.setContentsMargins(0, 0, 0, 0)
        self._values.setHorizontalSpacing(parts.SPACING)
        self._values.setVerticalSpacing(1)
        self._values.setRowMinimumHeight(2, BETWEEN_PX)
        for column in range(3):
            self._values.setColumnStretch(column, 1)
        self.difference = parts.words()
        self.trouble = parts.words(quiet=True)
        head = parts.row(self._swatch, self.hex, self.again, self.pick)
        head.setStretchFactor(self.hex, 1)
        self._table = QtWidgets.QWidget()
        self._table.setLayout(self._values)
        self.section = parts.Section(
            "Colour probe", parts.column(head, self._table, self.difference, self.trouble, spacing=3)
        )
        self.section.turned.connect(lambda _: self.measure())
        self.setLayout(parts.column(self.section))
        self._say("")

    def look(self, document, group, shown: int, target: str) -> None:
        """Measures where the selection, the result in hand (its `shown`-th variation) or the target is another than before."""
        self._document, self._group, self._target = document, group, target
        question = self._asked_for(document, group, shown, target)
        if question != self._question:
            self._question = question
            self.measure()

    def _asked_for(self, document, group, shown: int, target: str):
        if document is None:
            return None
        region = capture.region_of(document)
        result = (recipes.id_of(group), shown) if group is not None else None
        ready = self._session.connection.is_ready
        return (recipes.id_of(document.rootNode()), region, result, target, ready)

    def measure(self) -> None:
        """Measures now, where it is open."""
        if self._task is not None:
            self._task.cancel()
        self.reading = None
        if self.section.is_open:
            self._task = Task(self._measure())

    def take(self) -> None:
        """Makes the colour there is now the target."""
        Task(self._take())

    async def _measure(self) -> None:
        try:
            await sleep(DELAY_S)
            document, mask = self._subject()
            reading = await probe.measure(self._session.connection, document, mask, self._target)
            self._show(reading)
        except Cancelled:
            return
        except (CannotEdit, Trouble) as reason:
            self._say(str(reason))

    async def _take(self) -> None:
        try:
            document, mask = self._subject()
            self.picked.emit(await probe.spelled(self._session.connection, document, mask))
        except (CannotEdit, Trouble) as reason:
            self._say(str(reason))

    def _subject(self):
        if self._document is None:
            raise CannotEdit("Open a picture to measure in.")
        return self._document, probe.subject(self._document, self._group)

    # --- what the retoucher sees ----------------------------------------------

    def _show(self, reading) -> None:
        self.reading = reading
        self._say("")
        picture = QtGui.QPixmap(16, 16)
        picture.fill(QtGui.QColor(reading.hex))
        self._swatch.setPixmap(picture)
        self.hex.setText(reading.hex)
        self.hex.setToolTip(f"The mean of {reading.pixels:,} pixels in sRGB, as an averaging eyedropper sees it")
        self._fill(reading)
        self.difference.setVisible(reading.delta_e is not None)
        if reading.delta_e is not None:
            self.difference.setText(f"<b>ΔE {reading.delta_e:.1f}</b> to {reading.target}: {verdict(reading.delta_e)}")

    def _fill(self, reading) -> None:
        while self._values.count():
            self._values.takeAt(0).widget().deleteLater()
        blocks = (
            (reading.channels, reading.mean, reading.spread, _format(reading.depth)),
            (("L*", "a*", "b*"), reading.lab, reading.lab_spread, "{:.1f}"),
        )
        for block, (names, mean, spread, spelling) in enumerate(blocks):
            for column, (name, value, deviation) in enumerate(zip(names, mean, spread, strict=True)):
                row = 3 * block
                self._values.addWidget(parts.words(f"{name} {spelling.format(value)}"), row, column)
                around = parts.words(f"± {spelling.format(deviation)}", quiet=True)
                self._values.addWidget(around, row + 1, column)

    def _say(self, text: str) -> None:
        """A sentence instead of numbers; empty: the numbers."""
        if text:
            self.reading = None
        for part in (self._swatch, self.hex, self._table, self.difference, self.pick):
            part.setVisible(self.reading is not None)
        self.trouble.setText(text)
        self.trouble.setVisible(bool(text))


def verdict(delta_e: float) -> str:
    """A colour difference in words."""
    return next((words for most, words in VERDICTS if delta_e <= most), BEYOND)


def _format(depth: str) -> str:
    return {"U8": "{:.0f}", "U16": "{:.0f}"}.get(depth, "{:.3f}")
