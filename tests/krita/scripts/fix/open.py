"""A picture that is selected, beside a docked panel that asks for its hands to be fixed."""

from inlay_bridge import given
from inlay_bridge.inside import Wish, document, panel, pump_until, select, settle, show, show_wish, use_server

from inlay_krita import api

use_server(given["url"])
assert api.connect(60), str(api.session().connection.trouble)
shown_panel = panel(given["width"], 660)
made = document(given["side"], given["side"], "RGBA", "U8", "sRGB-elle-V2-srgbtrc.icc", given["pixels"])
show(made)
select(made, given["mask"])
show_wish(Wish("fix", seed=3, count=4))
pump_until(lambda: shown_panel.hud.text() or shown_panel.trouble.text())
settle(made)
