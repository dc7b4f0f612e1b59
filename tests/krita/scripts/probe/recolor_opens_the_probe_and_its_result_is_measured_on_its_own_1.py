"""Recolor opens the probe and its result is measured on its own, 1 of 3."""

from inlay_bridge import given, result
from inlay_bridge.inside import pump_until, select
from inlay_bridge.scene import form, made, probe, words
from PyQt5.QtCore import Qt
from PyQt5.QtTest import QTest

mask = given["mask"]

result["closed"] = probe.reading is None
QTest.mouseClick(probe.section.findChildren(type(probe.pick))[0], Qt.LeftButton)
pump_until(lambda: "Select" in probe.trouble.text(), 10)
result["nothing selected"] = probe.trouble.text()
probe.section.set_open(False)
select(made, mask)
form.verb.setCurrentText("Recolor")
pump_until(lambda: probe.reading is not None, 20)
result["opened by Recolor"] = probe.section.is_open
result["delta_e"] = probe.reading.delta_e
result["words"] = words()
