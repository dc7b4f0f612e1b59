"""Runs marks with what lies on a layer of that name, places what comes, and writes down what Krita shows with and without it."""

from pathlib import Path

from inlay_bridge import given, result
from inlay_bridge.inside import app, document, masked, pump_until, selected, settle, shown, tree, undo, use_server
from PyQt5.QtCore import QByteArray

from inlay_krita import api

WIDTH, HEIGHT = 300, 220
at = Path(given["folder"])
use_server(given["url"])
assert api.connect(60), str(api.session().connection.trouble)
made = document(WIDTH, HEIGHT, "RGBA", given["depth"], given["profile"], given["pixels"])
root = made.rootNode()
marks = made.createNode("Inlay marks", "paintlayer")
marks.setPixelData(QByteArray(Path(given["marks"]).read_bytes()), 0, 0, WIDTH, HEIGHT)
if given["shapes"]:
    marks = made.createVectorLayer("Inlay marks")
    marks.addShapesFromSvg(given["shapes"])
root.addChildNode(marks, None)
for shape in marks.shapes() if given["shapes"] else ():
    shape.update()  # As it is drawn where somebody draws it.
made.refreshProjection()
settle(made)
pump_until(lambda: marks.bounds().width() > 0)  # Krita draws shapes when it finds the time.
shown(made, at / "with_marks")
result["bounds"] = [marks.bounds().x(), marks.bounds().y(), marks.bounds().width(), marks.bounds().height()]
job = api.edit(verb="marks", then=given["what"])
api.wait(job)
recipe = job.recipe
window = recipe.canvas.window
result["window"] = [window.x, window.y, window.width, window.height]
result["source"] = recipe.canvas.source.blob
result["roles"] = [one.role for one in recipe.inputs]
result["visible"] = marks.visible()
if given["what"] == "select":
    job.place()
    pump_until(lambda: job.phase == "placed")
    settle(made)
    selected(made, at / "selected")
else:
    job.place()
    pump_until(lambda: job.phase == "placed")
    settle(made)
    result["tree"] = tree(made)
    outer = next(node for node in root.childNodes() if node.type() == "grouplayer")
    inner = [node for node in outer.childNodes() if node.type() == "grouplayer"]
    for number, group in enumerate(inner or [outer]):
        masked(made, group, at / f"mask{number}")
    marks.setVisible(False)
    made.refreshProjection()
    settle(made)
    shown(made, at / "shown")
    marks.setVisible(True)
    made.refreshProjection()
    settle(made)
    assert app.activeDocument() == made
    undo(made)
    result["undone"] = tree(made)
shown(made, at / "afterwards")
