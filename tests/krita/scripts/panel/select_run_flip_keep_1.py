"""Select run flip keep, 1 of 5."""

from inlay_bridge import result
from inlay_bridge.inside import field, pump_until
from inlay_bridge.scene import shown_panel

pump_until(lambda: "Select what should change" in shown_panel.hud.text())
result["can run"] = shown_panel.go.isEnabled()
result["asks what to leave out"] = field.negative_prompt is not None
result["width"] = shown_panel.width()
