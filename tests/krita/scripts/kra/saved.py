"""A picture with a hidden layer, a half-opaque one that reaches beyond the canvas, and a result with its mask; saved."""

from pathlib import Path

from inlay_bridge import given, result
from inlay_bridge.inside import document, select, settle, shown
from PyQt5.QtCore import QByteArray

from inlay_krita import api

at, width, height = Path(given["folder"]), given["width"], given["height"]
made = document(width, height, given["model"], given["depth"], given["profile"], given["pixels"])
root = made.rootNode()
above = made.createNode("Above", "paintlayer")
root.addChildNode(above, None)
above.setPixelData(QByteArray(Path(given["above"]).read_bytes()), -20, 30, 90, 70)
above.setOpacity(128)
hidden = made.createNode("Hidden", "paintlayer")
root.addChildNode(hidden, None)
hidden.setVisible(False)
settle(made)
select(made, given["mask"])
job = api.edit(seed=5)
api.wait(job)
api.place(job)
made.setSelection(None)
settle(made)
shown(made, at / "shown")


def note(node, path):
    samples = node.pixelData(0, 0, width, height).data()
    (at / path).write_bytes(samples)
    inner = [note(child, f"{path}.{number}") for number, child in enumerate(reversed(node.childNodes()))]
    return [node.name(), node.type(), node.opacity(), node.visible(), path, inner]


result["nodes"] = [note(node, f"node {number}") for number, node in enumerate(reversed(root.childNodes()))]
made.setBatchmode(True)
assert made.saveAs(str(at / "picture.kra"))
made.waitForDone()
