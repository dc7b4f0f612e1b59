"""Recolor takes the brush colour."""

from inlay_bridge import given, result
from inlay_bridge.inside import app, field, pump_until, select
from inlay_bridge.scene import form, made, shown_panel

from krita import ManagedColor

mask = given["mask"]

select(made, mask)
color = ManagedColor("RGBA", "U8", "sRGB-elle-V2-srgbtrc.icc")
color.setComponents([0.0, 0.2, 1.0, 1.0])  # blue, green, red
app.activeWindow().activeView().setForeGroundColor(color)
form.verb.setCurrentText("Recolor")
form.details.set_open(True)
field.target_color.take()
pump_until(lambda: shown_panel.probe.isVisible())
result["color"] = form.wish().get("words.target_color")
result["prompt"] = field.prompt is not None
