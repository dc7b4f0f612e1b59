"""The seam of the visible variation is told and remembered, 1 of 2."""

from inlay_bridge import given
from inlay_bridge.inside import field, pump_until, select
from inlay_bridge.scene import form, made, shown_panel
from PyQt5.QtCore import Qt
from PyQt5.QtTest import QTest

mask = given["mask"]

select(made, mask)
form.verb.setCurrentText("Fill")
field.prompt.setPlainText("a wooden table")
field.count.setValue(2)
pump_until(lambda: shown_panel.go.isEnabled())
QTest.mouseClick(shown_panel.go, Qt.LeftButton)
pump_until(lambda: shown_panel.session.edits)
job = shown_panel.session.edits[0]
