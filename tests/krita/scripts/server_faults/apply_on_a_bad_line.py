"""The edit of a result begins to be applied to another picture on a bad line."""

from inlay_bridge import given
from inlay_bridge.inside import Wish, document, select, settle, use_server

from inlay_krita import api, production

SRGB = "sRGB-elle-V2-srgbtrc.icc"
use_server(given["url"])
assert api.connect(60), str(api.session().connection.trouble)
other = document(512, 512, "RGBA", "U8", SRGB, given["photo"])
made = document(512, 512, "RGBA", "U8", SRGB, given["photo"])
select(made, given["mask"])
api.place(api.wait(api.session().run(Wish("recolor", target_color="#AA2222", seed=7), places_itself=False)))
settle(made)
work, told = production.Apply(api.session(), made, [other]), []
work.changed.connect(lambda: told.append([(cell.state, cell.said) for cell in work.cells]))
