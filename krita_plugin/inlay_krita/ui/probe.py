"""The colour probe: mean and spread of the selection, how far it is from the target, and how it keeps to the colours of a style."""

from html import escape

from .. import probe
from ..client.tasks import Task, sleep
from ..client.trouble import Trouble
from ..host import capture
from ..host.facts import CannotEdit
from ..host.memories import id_of
from ..qt import Qt, QtGui, QtWidgets, Signal
from ..words import say
from . import parts

DELAY_S = 0.25
"""A selection that is being drawn, or a number that is being typed, is waited for."""


class Probe(QtWidgets.QWidget):
    """Measures while it is open. `picked`: a colour that was measured shall be the target."""

    picked = Signal(str)

    def __init__(self, session):
        super().__init__()
        self._session = session
        self._document = self._group = self._question = self._task = None
        self._target = self._style = ""
        self.reading = None
        """What the server read where it is selected now; None while it is measured (the last numbers stay on show till then)."""
        self._swatch = QtWidgets.QToolButton()
        self._swatch.setAutoRaise(True)
        self.values = parts.words()
        self.values.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.again = parts.tool("reload-preset", say("action.measure.tip"), self.measure)
        self.pick = parts.tool("krita_tool_color_sampler", say("action.target.tip"), self.take)
        self.brand = parts.words(quiet=True)
        """How it keeps to the style that is chosen; the rest of it in the tip."""
        self.trouble = parts.words(quiet=True)
        head = parts.row(self._swatch, self.values, self.again, self.pick, wide=self.values)
        self.section = parts.Section(say("probe.title"), parts.column(head, self.brand, self.trouble, spacing=3))
        self.section.turned.connect(lambda _: self.measure())
        self.setLayout(parts.column(self.section))
        self._say("")

    def look(self, document, group, shown: int, target: str, style: str) -> None:
        """Measures where the selection, the result in hand (its `shown`-th variation), target or style is another than before."""
        self._document, self._group, self._target, self._style = document, group, target, style
        question = self._asked_for(document, group, shown)
        if question != self._question:
            self._question = question
            self.measure()

    def _asked_for(self, document, group, shown: int):
        if document is None:
            return None
        region = capture.region_of(document)
        result = (id_of(group), shown) if group is not None else None
        ready = self._session.connection.is_ready
        return (id_of(document.rootNode()), region, result, self._target, self._style, ready)

    def open(self) -> None:
        """Opens it, and measures anew."""
        self.section.set_open(True)
        self.measure()

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
            connection, sample = self._session.connection, await self._sample()
            try:
                reading = await probe.measure(connection, sample, self._target)
            except Trouble as trouble:
                if not self._target or trouble.is_transient:
                    raise
                reading = await probe.measure(connection, sample)  # A colour is being written.
            self._show(reading, await self._checked(sample))
        except (CannotEdit, Trouble) as reason:
            self._say(str(reason))

    async def _checked(self, sample: probe.Sample) -> "list[str]":
        """How it keeps to the style, or why that cannot be told; empty where none is chosen."""
        try:
            return await probe.check(self._session.connection, sample, self._style) if self._style else []
        except Trouble as trouble:
            return [str(trouble)]

    async def _take(self) -> None:
        try:
            self.picked.emit((await probe.measure(self._session.connection, await self._sample())).color)
        except (CannotEdit, Trouble) as reason:
            self._say(str(reason))

    async def _sample(self) -> probe.Sample:
        if self._document is None:
            raise CannotEdit(say("probe.nothing"))
        mask = probe.subject(self._document, self._group)
        return await probe.take(self._session.connection, self._document, mask)

    def _show(self, reading, brand: "list[str]") -> None:
        self.reading = reading
        self.brand.setText("\n".join(brand[:2]))
        self.brand.setToolTip("\n".join(brand[2:]))
        self._say("")
        self._swatch.setIcon(parts.swatch(QtGui.QColor(reading.hex)))
        self.values.setText("<br>".join([f"<b>{reading.hex.upper()}</b>", *map(escape, reading.lines)]))
        self.values.setToolTip(say("probe.pixels", pixels=reading.pixels))

    def _say(self, text: str) -> None:
        """A sentence instead of numbers; empty: the numbers."""
        if text:
            self.reading = None
        for part in (self._swatch, self.values, self.pick):
            part.setVisible(self.reading is not None)
        self.brand.setVisible(self.reading is not None and bool(self.brand.text()))
        self.trouble.setText(text)
        self.trouble.setVisible(bool(text))
