"""Strength nought changes nothing, 1 of 2."""

from inlay_bridge import given
from inlay_bridge.inside import field, pump_until, select, shown
from inlay_bridge.scene import made, shown_panel
from PyQt5.QtCore import Qt
from PyQt5.QtTest import QTest

mask = given["mask"]
at = given["at"]

select(made, mask)
shown(made, at + "/before")
field.strength.setValue(0)
pump_until(lambda: shown_panel.go.isEnabled())
QTest.mouseClick(shown_panel.go, Qt.LeftButton)
pump_until(lambda: shown_panel.session.edits)
