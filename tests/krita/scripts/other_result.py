"""Runs a verb whose result is no patch, places it, and writes down whatever there is then."""

from pathlib import Path

from inlay_bridge import given, result
from inlay_bridge.inside import app, document, pump_until, select, selected, settle, shown, tree, undo, use_server

from inlay_krita import api

at = Path(given["folder"])
use_server(given["url"])
assert api.connect(60), str(api.session().connection.trouble)
made = document(300, 220, "RGBA", given["depth"], given["profile"], given["pixels"])
select(made, given["mask"])
before = app.documents()
job = api.edit(verb=given["verb"])
api.wait(job)
window = job.recipe.canvas.window
result["window"] = [window.x, window.y, window.width, window.height]
job.place()
pump_until(lambda: job.phase == "placed")
settle(made)
result["tree"] = tree(made)
groups = [node for node in made.rootNode().childNodes() if node.type() == "grouplayer"]
result["blending"] = [node.blendingMode() for group in groups for node in reversed(group.childNodes())]
for group in groups:
    for node in group.childNodes():
        (at / node.name()).write_bytes(node.pixelData(0, 0, 300, 220).data())
selected(made, at / "selected")
shown(made, at / "shown")
views = [view.document() for view in app.activeWindow().views()]
result["pictures"] = []
for other in [one for one in app.documents() if one not in before and one in views]:
    shown(other, at / "picture")
    size = [other.width(), other.height()]
    result["pictures"].append([other.name(), *size, other.colorModel(), other.colorDepth(), other.colorProfile()])
if app.activeDocument() == made:
    undo(made)
    selected(made, at / "selected again")
result["undone"] = tree(made)
