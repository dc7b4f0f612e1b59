"""Fills with a layer, a file, what is selected and the clipboard as references, and again; writes down what was asked and seen."""

import json
from pathlib import Path

from inlay_bridge import given, result
from inlay_bridge.inside import document, pump_until, select, settle, use_server
from PyQt5 import QtGui, QtWidgets
from PyQt5.QtCore import QByteArray

from inlay_krita import api
from inlay_krita.host import pictures

at = Path(given["folder"])
use_server(given["url"])
assert api.connect(60), str(api.session().connection.trouble)
made = document(300, 220, "RGBA", given["depth"], given["profile"], given["pixels"])
layer = made.createNode("can", "paintlayer")
layer.setPixelData(QByteArray(Path(given["can"]).read_bytes()), 250, 200, 40, 15)
made.rootNode().addChildNode(layer, made.rootNode().childNodes()[0])
made.refreshProjection()
settle(made)
select(made, given["mask"])
image = QtGui.QImage(8, 6, QtGui.QImage.Format.Format_RGB32)
image.fill(QtGui.QColor(10, 200, 30))
QtWidgets.QApplication.clipboard().setImage(image)
taken = {
    "layer": layer.uniqueId().toString(),
    "file": pictures.from_file(given["file"]),
    "seen": pictures.seen(made),
    "clipboard": pictures.copied(),
}


def filled(*asked):
    """An edit with references: source, role, weight."""
    references = [{"picture": taken[source], "role": role, "weight": weight} for source, role, weight in asked]
    job = api.edit(verb="fill", prompt="a can", seed=4, references=references)
    api.wait(job)
    told = [
        [one.role, one.raster.blob, one.raster.width, one.raster.height, one.weight, one.name, one.HasField("place")]
        for one in job.recipe.inputs
    ]
    looked = json.loads(json.loads(job.candidates[0].memory.receipt_json)["looked"])
    return {"told": told, "looked": looked, "uploaded": job.uploaded_bytes}


result["first"] = filled(("layer", "product", 1.0), ("file", "style", 0.5))
result["again"] = filled(("layer", "product", 1.0), ("file", "style", 0.5))
result["others"] = filled(("seen", "layout", 1.0), ("clipboard", "texture", 1.0))
result["none"] = filled()
pump_until(lambda: not api.session().connection.trouble)
