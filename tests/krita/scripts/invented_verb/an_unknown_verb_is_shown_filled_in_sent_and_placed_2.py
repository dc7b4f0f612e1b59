"""An unknown verb is shown filled in sent and placed, 2 of 3."""

from inlay_bridge import result
from inlay_bridge.inside import pump_until
from inlay_bridge.scene import form, shown_panel, sky
from PyQt5.QtCore import Qt
from PyQt5.QtTest import QTest


def put(path, value):
    form.fields[path].put(value)


QTest.keyClicks(form.fields["words.prompt"], "a shower")
form.fields["options.motto"].selectAll()
QTest.keyClicks(form.fields["options.motto"], "Nimbus")
put("options.kind", "rain")
put("options.drops", 7)
put("options.angle", 12.5)
put("options.density", 0.5)
put("options.thunder", True)
put("options.tint", "#102030")
put("inputs.sky", sky.uniqueId().toString())
put("sampling.model", "satellite")
put("sampling.count", 2)
put("sampling.seed", 5)
pump_until(lambda: shown_panel.go.isEnabled())
result["planned"] = 0
QTest.mouseClick(shown_panel.go, Qt.LeftButton)
