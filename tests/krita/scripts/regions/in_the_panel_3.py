"""Rows are taken out with the keyboard, and another picture does not get them."""

from inlay_bridge import result
from inlay_bridge.inside import document, focused, pump_until, type_into
from inlay_bridge.scene import pixels, regions
from PyQt5.QtCore import Qt
from PyQt5.QtTest import QTest

result["focus"] = []
type_into(regions.rows[0].gone)
QTest.keyClick(regions.rows[0].gone, Qt.Key_Space)
pump_until(lambda: len(regions.rows) == 2, 20)
result["left"] = [one["words"] for one in regions.get()]
pump_until(lambda: focused() is regions.rows[0].gone, 20)
result["focus"].append("next row")
kept = regions.get()
for _ in range(2):
    type_into(regions.rows[-1].gone)
    QTest.keyClick(regions.rows[-1].gone, Qt.Key_Space)
    pump_until(
        lambda: focused() is (regions.rows[0].gone if regions.rows else regions.add) or len(regions.rows) == 1, 20
    )
pump_until(lambda: focused() is regions.add, 20)
result["focus"].append("add")
document(120, 90, "RGBA", "U16", "sRGB-elle-V2-srgbtrc.icc", pixels)
regions.put(kept)
result["another canvas"] = regions.get()
