"""The measured colour becomes the target."""

from inlay_bridge import given, result
from inlay_bridge.inside import field, pump_until, select
from inlay_bridge.scene import form, made, probe
from PyQt5.QtCore import Qt
from PyQt5.QtTest import QTest

mask = given["mask"]

select(made, mask)
probe.section.set_open(True)
pump_until(lambda: probe.reading is not None, 20)
result["compared"] = probe.reading.HasField("delta_e")
result["hex"] = probe.reading.hex
QTest.mouseClick(probe.pick, Qt.LeftButton)
pump_until(lambda: form.verb.currentText() == "Recolor", 20)
result["target"] = form.wish().get("words.target_color")
pump_until(lambda: probe.reading is not None and probe.reading.HasField("delta_e"), 20)
result["delta_e"] = probe.reading.delta_e
field.target_color.put("#12")
pump_until(lambda: probe.reading is not None and not probe.reading.HasField("delta_e"), 20)
result["half typed"] = probe.reading.hex
