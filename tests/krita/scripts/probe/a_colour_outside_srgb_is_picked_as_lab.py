"""A colour outside srgb is picked as lab."""

from inlay_bridge import given, result
from inlay_bridge.inside import Wish, document, panel, pump_until, select, show_wish
from PyQt5.QtCore import Qt
from PyQt5.QtTest import QTest

pixels = given["pixels"]
mask = given["mask"]

shown_panel = panel()
form, probe = shown_panel.form, shown_panel.probe
show_wish(Wish())
made = document(300, 220, "RGBA", "U16", "ClayRGB-elle-V2-g22.icc", pixels)
select(made, mask)
probe.section.set_open(True)
pump_until(lambda: probe.reading is not None, 20)
QTest.mouseClick(probe.pick, Qt.LeftButton)
pump_until(lambda: form.verb.currentText() == "Recolor", 20)
result["target"] = form.wish().get("words.target_color")
pump_until(lambda: probe.reading is not None and probe.reading.HasField("delta_e"), 20)
result["delta_e"] = probe.reading.delta_e
