"""A result has the colour however it was written."""

from inlay_bridge import given, result
from inlay_bridge.inside import Wish, document, field, panel, select, show_wish

from inlay_krita import api

pixels = given["pixels"]
mask = given["mask"]
written = given["written"]

made = document(300, 220, "RGBA", "U16", "sRGB-elle-V2-srgbtrc.icc", pixels)
select(made, mask)
shown_panel = panel()
shown_panel.form.verb.put("recolor")
field.target_color.line.setText(written)
wish = shown_panel.form.wish()
job = api.session().run(wish, made, places_itself=False)
api.wait(job)
api.place(job)
made.waitForDone()
result["hex"] = api.probe(target_color="#1F7A4E").hex
result["delta_e"] = api.probe(target_color="#1F7A4E").delta_e
show_wish(Wish())
