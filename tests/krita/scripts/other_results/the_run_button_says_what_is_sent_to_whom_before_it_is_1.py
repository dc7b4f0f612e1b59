"""The run button says what is sent to whom before it is, 1 of 3."""

from inlay_bridge import given, result
from inlay_bridge.inside import Wish, document, panel, pump_until, select, show_wish, use_server

from inlay_krita import api

url = given["url"]
pixels = given["pixels"]
mask = given["mask"]

use_server(url)
assert api.connect(60), str(api.session().connection.trouble)
shown_panel = panel(230, 300)
made = document(300, 220, "RGBA", "U8", "sRGB-elle-V2-srgbtrc.icc", pixels)
select(made, mask)
show_wish(Wish("weather", prompt="fog"))
pump_until(lambda: shown_panel.go.isEnabled() and shown_panel.planning.plan)
result["here"] = shown_panel.go.text()
shown_panel.form.fields["sampling.model"].put("abroad")
