"""Recolors what is selected beside a panel of the width that is given."""

from inlay_bridge import given
from inlay_bridge.inside import document, panel, select, shown, use_server

from inlay_krita import api

url = given["url"]
width = given["width"]
pixels = given["pixels"]
mask = given["mask"]
folder = given["folder"]

use_server(url)
assert api.connect(60), str(api.session().connection.trouble)
shown_panel = panel(width, 800)
strip = shown_panel.variations.strip
made = document(1200, 900, "RGBA", "U8", "sRGB-elle-V2-srgbtrc.icc", pixels)
select(made, mask)
job = api.edit(verb="recolor", target_color="#C0392B")
api.wait(job)
api.place(job)
shown(made, folder + "/after")
