"""What the server thinks of a selection is said before the run."""

from inlay_bridge import result
from inlay_bridge.inside import Wish, app, panel, pump_until, show, show_wish

from krita import Selection

shown_panel = panel()
form = shown_panel.form
made = app.createDocument(4200, 4200, "test", "RGBA", "U8", "sRGB-elle-V2-srgbtrc.icc", 300.0)
show(made)
whole = Selection()
whole.select(0, 0, 4200, 4200, 255)
made.setSelection(whole)
for tier in ("standard", "final"):
    show_wish(Wish(tier=tier))
    pump_until(lambda: shown_panel.planning.plan and "sharpness: select less" in shown_panel.hud.text(), 60)
    result[tier] = shown_panel.hud.text()
show_wish(Wish())
