"""The result in hand: flip through its variations with the arrow keys, compare, paint more of them, keep one, or none."""

from typing import Any

from ..host import desk, identity, place
from ..host.memories import id_of, recall
from ..qt import Qt, QtCore, QtGui, QtWidgets, Signal
from ..words import say
from . import parts
from .review import Share

LEAST_PX, MOST_PX = 48, 320
"""Sides of a thumbnail."""

LOW_PX = 420
"""A panel that is lower has the smallest ones."""

AROUND_PX = 14
"""Of a button, left and right of its words."""

ACROSS = (2, 4)
"""As many stand beside each other without scrolling: at least, and at most."""


class Strip(QtWidgets.QListWidget):
    """Thumbnails side by side; every arrow key goes one further or back."""

    def __init__(self):
        super().__init__()
        self.setViewMode(QtWidgets.QListView.ViewMode.IconMode)
        self.setFlow(QtWidgets.QListView.Flow.LeftToRight)
        self.setWrapping(False)
        self.setMovement(QtWidgets.QListView.Movement.Static)
        self.setUniformItemSizes(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.side = LEAST_PX

    def keyPressEvent(self, event):
        keys = QtCore.Qt.Key
        step = {keys.Key_Right: 1, keys.Key_Down: 1, keys.Key_Left: -1, keys.Key_Up: -1}.get(event.key())
        if step is None:
            super().keyPressEvent(event)
        else:
            self.step(step)

    def wheelEvent(self, event):
        event.ignore()  # It scrolls the panel.

    def step(self, by: int) -> None:
        if self.count():
            self.setCurrentRow((self.currentRow() + by) % self.count())

    def fit(self, width: int, height: int) -> bool:
        """Makes the thumbnails as large as a panel of this size allows; whether they are of another size now."""
        before, across = self.side, max(ACROSS[0], min(self.count(), ACROSS[1]))
        self.side = max(LEAST_PX, min(MOST_PX, width // across - 10)) if height >= LOW_PX else LEAST_PX
        self.setIconSize(QtCore.QSize(self.side, self.side))
        self.setGridSize(QtCore.QSize(self.side + 6, self.side + 6))
        scrolls = self.count() * (self.side + 6) > width
        self.setFixedHeight(self.side + 12 + (self.horizontalScrollBar().sizeHint().height() if scrolls else 0))
        return self.side != before


class Variations(QtWidgets.QWidget):
    """Shows a result group of a document. `wanted`: more, keep, discard, finish, save_style, share, apply or table."""

    wanted = Signal(str)

    def __init__(self):
        super().__init__()
        self._document: Any = None
        self._group: Any = None
        self._shown: Any = None
        self._room = (0, 0)
        self._hid_ants = False
        self.kept = None
        """What the variation that shows remembers of how it was made."""
        self.seam = parts.words()
        self.seam.setToolTip(say("finding.seam_tip"))
        self.notes = parts.words()
        self.strip = Strip()
        self.strip.setAccessibleName(say("result.title", name=""))
        self.strip.currentRowChanged.connect(self._turn)
        self.more, self.keep, self.finish = (self._action(name) for name in ("more", "keep", "finish"))
        away = f"{say('action.discard.title')}: {say('action.discard.tip')}"
        self.discard = parts.tool("edit-delete", away, lambda: self.wanted.emit("discard"))
        self.discard.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.before = parts.tool("visible", f"{say('action.before.title')}: {say('action.before.tip')}")
        self.before.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.before.pressed.connect(lambda: self._compare(True))
        self.before.released.connect(lambda: self._compare(False))
        style = f"{say('action.save_style.title')}: {say('action.save_style.tip')}"
        self.save_style = parts.tool("document-save", style, lambda: self.wanted.emit("save_style"))
        self.save_style.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.share = Share(lambda: self.wanted.emit("share"))
        self.many = parts.tool("", say("many.tip"))
        self.many.setText("⋯")
        self.many.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.many.setPopupMode(QtWidgets.QToolButton.ToolButtonPopupMode.InstantPopup)
        self.many.setStyleSheet("QToolButton::menu-indicator { image: none; }")
        choices = QtWidgets.QMenu(self)
        for deed in ("apply", "table"):
            choices.addAction(say(f"action.{deed}.title")).triggered.connect(
                lambda _=False, deed=deed: self.wanted.emit(deed)
            )
        self.many.setMenu(choices)
        marks = (self.before, self.save_style, self.share.turn, self.many, self.discard)
        self._named = parts.row(self.more, self.keep, self.finish, spacing=2)
        self._marks = parts.row(*marks, spacing=2)
        self._actions = parts.row(self._named, self._marks, spacing=2)
        self.setLayout(parts.column(self.strip, self._actions, self.share, self.seam, self.notes))
        self.hide()

    def _action(self, name: str):
        title, tip = say(f"action.{name}.title"), say(f"action.{name}.tip")
        made = parts.button(title, "", tip, lambda: self.wanted.emit(name))
        made.setMinimumWidth(10)
        return made

    def show_result(self, document, group) -> None:
        """Shows a group's variations; nothing where `group` is None."""
        if self.before.isDown():
            return
        if group is None:
            self._shown = self.kept = None
            self.hide()
            return
        layers = place.variations_of(document, group)
        now = (id_of(group), tuple(id_of(layer) for layer in layers))
        self._document, self._group = document, group
        if now != self._shown:
            self._shown = now
            self._fill(layers)
        with QtCore.QSignalBlocker(self.strip):
            self.strip.setCurrentRow(place.shown(document, group))
        self._tell(self.strip.currentRow())
        self.show()

    def fit(self, width: int, height: int) -> None:
        """Makes the thumbnails as large as a panel of this size allows; where words would be cut, they stand above the marks."""
        self._room = (width, height)
        named = [one.fontMetrics().horizontalAdvance(one.text()) for one in (self.more, self.keep, self.finish)]
        fits = sum(named) + len(named) * AROUND_PX + self._marks.sizeHint().width() <= width
        self._actions.setDirection(self._actions.LeftToRight if fits else self._actions.TopToBottom)
        if self.strip.fit(width, height):
            self._shown = None  # To be drawn anew at the next look; the picture may be closed by now.

    def _fill(self, layers) -> None:
        self.strip.setToolTip(say("result.title", name=self._group.name()))
        self.keep.setEnabled(len(layers) > 1)
        with QtCore.QSignalBlocker(self.strip):
            self.strip.clear()
            for layer in layers:
                item = QtWidgets.QListWidgetItem(self.strip)
                item.setToolTip(layer.name())
        self.strip.fit(*self._room)
        self._draw(layers)

    def _draw(self, layers) -> None:
        ratio = self.devicePixelRatioF()
        for number, layer in enumerate(layers):
            picture = QtGui.QPixmap.fromImage(place.picture_of(self._group, layer, round(self.strip.side * ratio)))
            picture.setDevicePixelRatio(ratio)
            icon = QtGui.QIcon(picture)
            icon.addPixmap(picture, QtGui.QIcon.Mode.Selected)  # As it is, not tinted.
            self.strip.item(number).setIcon(icon)

    def _tell(self, number: int) -> None:
        """What was found out about one variation."""
        layers = self._shown[1] if self._shown else ()
        known = recall(self._document, self._group).layers if 0 <= number < len(layers) else {}
        self.kept = known.get(layers[number]) if known else None
        seam = describe(self.kept.memory.report) if self.kept else ""
        notes = "\n".join(self.kept.memory.report.notes) if self.kept else ""
        for label, text in ((self.seam, seam), (self.notes, notes)):
            label.setText(text)
            label.setVisible(bool(text))

    def _turn(self, number: int) -> None:
        if number >= 0 and self._shown is not None and identity.is_open(self._document):
            self._tell(number)
            place.show(self._document, self._group, number)

    def _compare(self, before: bool) -> None:
        """Shows the picture without the result, and without the marching ants, while the button is held."""
        if self._group is not None and identity.is_open(self._document):
            if before:
                self._hid_ants = desk.show_ants(False)
            elif self._hid_ants:
                desk.show_ants(True)
            place.hide(self._document, self._group, before)


def describe(report) -> str:
    """The seam of a variation in a few words; empty where nothing could be compared."""
    if not report.HasField("ring_delta_e_after"):
        return ""
    after = f"{report.ring_delta_e_after:.1f}"
    before = f"{report.ring_delta_e_before:.1f}" if report.HasField("ring_delta_e_before") else after
    key = "finding.seam" if before == after else "finding.seam_improved"
    return say(key, after=after, before=before)
