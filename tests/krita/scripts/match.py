"""Matches the active layer, a cut-out over a grainy picture, undoes it, and writes down what there is each time."""

from pathlib import Path

from inlay_bridge import given, result
from inlay_bridge.inside import document, pump_until, settle, undo, use_server
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
settle(made)
job = api.edit(verb="match", **given["amounts"])
api.wait(job)
job.place()
pump_until(lambda: job.phase == "placed")
settle(made)


def layers():
    """Types, names and whether they are shown, top to bottom."""
    return [[node.type(), node.name(), node.visible()] for node in reversed(made.rootNode().childNodes())]


result["placed"] = layers()
for name, node in zip(("below", "original", "matched"), made.rootNode().childNodes(), strict=True):
    (at / name).write_bytes(node.pixelData(0, 0, 300, 220).data())
undo(made)
pump_until(lambda: len(layers()) == 2 and layers()[0][2])
result["undone"] = layers()
