"""A picture that cannot be edited cannot be measured and says why."""

from inlay_bridge import result
from inlay_bridge.inside import app, panel, pump_until

from krita import Selection

shown_panel = panel()
form, probe = shown_panel.form, shown_panel.probe
made = app.createDocument(64, 64, "test", "CMYKA", "U8", "", 300.0)
app.activeWindow().addView(made)
selection = Selection()
selection.select(8, 8, 20, 20, 255)
made.setSelection(selection)
probe.section.set_open(True)
pump_until(lambda: "CMYKA" in probe.trouble.text(), 10)
result["said"] = probe.trouble.text()
