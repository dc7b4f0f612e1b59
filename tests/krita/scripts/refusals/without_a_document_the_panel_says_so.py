"""Without a document the panel says so."""

from inlay_bridge import result
from inlay_bridge.inside import panel, pump_until

shown_panel = panel()
shown_panel.look()
pump_until(lambda: shown_panel.hud.text() not in ("", "…"))
result["hud"] = shown_panel.hud.text()
result["can run"] = shown_panel.go.isEnabled()
