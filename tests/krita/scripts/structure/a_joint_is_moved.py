"""Has a hand shown, moves the tip of its thumb, and fills held to it; writes down the shapes and what the model was held to."""

import json

from inlay_bridge import given, result
from inlay_bridge.inside import document, pump_until, select, settle, tree, undo, use_server
from PyQt5.QtCore import QPointF

from inlay_krita import api

use_server(given["url"])
assert api.connect(60), str(api.session().connection.trouble)
made = document(300, 220, "RGBA", given["depth"], given["profile"], given["pixels"], dpi=given["dpi"])
select(made, given["mask"])
shown = api.edit(verb="show_hand")
api.wait(shown)
shown.place()
pump_until(lambda: shown.phase == "placed")
settle(made)
result["tree"] = tree(made)
(layer,) = [node for node in made.rootNode().childNodes() if node.type() == "vectorlayer"]


def shapes():
    """By name: how each is drawn, and its box in px."""
    scale = made.resolution() / 72
    found = {}
    for shape in layer.shapes():
        box = shape.boundingBox()
        found[shape.name()] = [
            shape.toSvg(),
            box.x() * scale,
            box.y() * scale,
            box.width() * scale,
            box.height() * scale,
        ]
    return found


def held():
    """What a fill was held to, and what was asked."""
    control = layer.uniqueId().toString()
    job = api.edit(verb="fill", prompt="a hand", seed=4, model="held", structure="pose", control=control)
    api.wait(job)
    receipt = json.loads(job.candidates[0].memory.receipt_json)
    (control,) = [one for one in job.recipe.inputs if one.role == "control"]
    place = control.place
    return {
        "map": receipt["map"],
        "size": receipt["size"],
        "blob": control.raster.blob,
        "window": [place.x, place.y, place.width, place.height],
        "uploaded": job.uploaded_bytes,
    }


result["before"] = shapes()
result["held"] = held()
(tip,) = [shape for shape in layer.shapes() if shape.name().startswith("inlay-joint_4_")]
at = tip.position()
tip.setPosition(QPointF(at.x() + given["dx"] * 72 / made.resolution(), at.y() + given["dy"] * 72 / made.resolution()))
tip.update()
settle(made)
result["moved"] = held()
result["after"] = shapes()
result["again"] = held()
settle(made)
for _ in range(2):
    undo(made)
result["undone"] = tree(made)
