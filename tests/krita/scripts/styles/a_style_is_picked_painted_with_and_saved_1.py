"""A style is picked, painted with and saved, 1 of 2."""

from inlay_bridge import given, result
from inlay_bridge.inside import document, panel, pump_until, select, settle, show, use_server

from inlay_krita import api

use_server(given["url"])
assert api.connect(60), str(api.session().connection.trouble)
shown_panel = panel()
made = document(300, 220, "RGBA", "U16", "sRGB-elle-V2-srgbtrc.icc", given["pixels"])
show(made)
select(made, given["mask"])
form = shown_panel.form
form.verb.setCurrentText("Recolor")
form.details.set_open(True)
menu = form.fields["sampling.style"]
settle(made)
result["menu"] = [[menu.itemData(at), menu.itemText(at)] for at in range(menu.count())]
result["in sight"] = menu.isVisible()
menu.put("kit")
form.fields["words.target_color"].put("brand green")
pump_until(lambda: shown_panel.go.isEnabled())
shown_panel.run()
