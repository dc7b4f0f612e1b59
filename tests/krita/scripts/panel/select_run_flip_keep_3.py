"""Select run flip keep, 3 of 5."""

from inlay_bridge import result
from inlay_bridge.inside import field, group_of
from inlay_bridge.scene import made, shown_panel
from PyQt5.QtCore import Qt
from PyQt5.QtTest import QTest

from inlay_krita.host import place

result["active layer"] = made.activeNode().name()
result["trouble"] = shown_panel.trouble.text()
strip = shown_panel.variations.strip
result["variations"] = [strip.count(), strip.currentRow(), place.shown(made, group_of(made))]
strip.setFocus()
QTest.keyClick(strip, Qt.Key_Right)
result["after right"] = [strip.currentRow(), place.shown(made, group_of(made))]
QTest.keyClick(strip, Qt.Key_Left)
QTest.keyClick(strip, Qt.Key_Left)
result["after left twice"] = [strip.currentRow(), place.shown(made, group_of(made))]
result["seed stayed"] = field.seed.get()
