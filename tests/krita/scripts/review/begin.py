"""Does the weather in a picture, in two variations, and looks at the result in the panel."""

from inlay_bridge import given
from inlay_bridge.inside import document, panel, select, settle, use_server

from inlay_krita import api

use_server(given["url"])
assert api.connect(60), str(api.session().connection.trouble)
shown_panel = panel(given.get("width", 250), given.get("height", 660))
made = document(300, 220, "RGBA", "U16", "sRGB-elle-V2-srgbtrc.icc", given["pixels"])
select(made, given["mask"])
job = api.edit("weather", seed=3, count=2)
api.wait(job)
api.place(job)
settle(made)
shown_panel.look()
review = shown_panel.review
