"""Matches the active layer, a cut-out over a grainy picture, undoes it, and writes down what there is each time."""

from pathlib import Path

from inlay_bridge import given, result
from inlay_bridge.inside import document, pump, pump_until, redo, tree, undo, use_server
from PyQt5.QtCore import QByteArray

from inlay_krita import api

at = Path(given["folder"])
use_server(given["url"])
assert api.connect(60), str(api.session().connection.trouble)
made = document(300, 220, "RGBA", given["depth"], "sRGB-elle-V2-srgbtrc.icc", given["pixels"])
cut = made.createNode("Cut-out", "paintlayer")
made.rootNode().addChildNode(cut, None)
cut.setPixelData(QByteArray(Path(given["layer"]).read_bytes()), 0, 0, 300, 220)
made.setActiveNode(cut)
made.refreshProjection()
made.waitForDone()
pump(0.3)
job = api.edit(verb="match", **given["amounts"])
api.wait(job)
job.place()
pump_until(lambda: job.phase == "placed")
pump(0.5)
result["message"] = job.message
result["tree"] = tree(made)
nodes = made.rootNode().childNodes()
for name, node in zip(("below", "original", "matched"), nodes, strict=True):
    (at / name).write_bytes(node.pixelData(0, 0, 300, 220).data())
undo(made)
pump_until(lambda: tree(made)[0][2])
result["undone"] = tree(made)
redo(made)
pump_until(lambda: len(tree(made)) == 3 and not tree(made)[1][2])
result["redone"] = tree(made)
