"""Matches the active layer, undoes it, and writes down what there is each time."""

from pathlib import Path

from inlay_bridge import given, result
from inlay_bridge.inside import pump_until, settle, undo
from inlay_bridge.scene import made

from inlay_krita import api

at = Path(given["folder"])
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
