"""A colour is taken from the brush and from a palette."""

from inlay_bridge import given, result
from inlay_bridge.inside import Wish, app, document, field, panel, show_wish

from inlay_krita.host import colors
from krita import ManagedColor

pixels = given["pixels"]

made = document(300, 220, "RGBA", "U8", "sRGB-elle-V2-srgbtrc.icc", pixels)
shown_panel = panel()
shown_panel.form.verb.put("recolor")
color = ManagedColor("RGBA", "U8", "sRGB-elle-V2-srgbtrc.icc")
color.setComponents([78 / 255, 122 / 255, 31 / 255, 1.0])
app.activeWindow().activeView().setForeGroundColor(color)
field.target_color.take()
result["brush"] = field.target_color.get()
menu = field.target_color.palettes.menu()
menu.aboutToShow.emit()
names = [one.text() for one in menu.actions()]
result["palettes"] = len(names)
chosen = next(one.menu() for one in menu.actions() if colors.swatches(one.text()))
chosen.aboutToShow.emit()
swatch = chosen.actions()[0]
swatch.trigger()
result["taken"] = field.target_color.get()
result["shown"] = swatch.icon().pixmap(16, 16).toImage().pixelColor(8, 8).name().upper()
show_wish(Wish())
