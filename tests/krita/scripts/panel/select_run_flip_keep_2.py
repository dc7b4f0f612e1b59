"""Select run flip keep, 2 of 5."""

from inlay_bridge import given, result
from inlay_bridge.inside import app, field, pump_until, select
from inlay_bridge.scene import form, shown_panel
from PyQt5.QtCore import Qt
from PyQt5.QtTest import QTest

mask = given["mask"]

made = app.activeDocument()
select(made, mask)
pump_until(lambda: shown_panel.go.isEnabled() and shown_panel.hud.text().startswith("classic"))
result["hud"], result["window"] = shown_panel.hud.text(), shown_panel.hud.toolTip()
QTest.keyClick(form.verb, Qt.Key_Down)
result["verb by key"] = form.verb.currentText()
form.verb.setCurrentText("Erase")
field.count.selectAll()
QTest.keyClicks(field.count, "3")
QTest.mouseClick(field.seed.lock, Qt.LeftButton)
field.seed.put(11)
QTest.mouseClick(shown_panel.go, Qt.LeftButton)
pump_until(lambda: shown_panel.session.edits)
