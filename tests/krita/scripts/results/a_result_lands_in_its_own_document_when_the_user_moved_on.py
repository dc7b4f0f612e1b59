"""A result lands in its own document when the user moved on."""

from inlay_bridge import given, result
from inlay_bridge.inside import Wish, app, document, pump_until, settle, tree
from inlay_bridge.scene import made

from inlay_krita import api

pixels = given["pixels"]

edit = api.session().run(Wish(seed=4))
other = document(300, 220, "RGBA", "U16", "sRGB-elle-V2-srgbtrc.icc", pixels)
app.setActiveDocument(other)
pump_until(lambda: edit.has_ended)
settle(made)
result["phase"] = edit.phase
result["trees"] = [tree(made), tree(other)]
