"""Two results that are put together at the same time do not mix."""

from inlay_bridge import result
from inlay_bridge.inside import pump_until, settle
from inlay_bridge.scene import made

from inlay_krita import api

first = api.edit(seed=1, count=3)
moved = made.selection().duplicate()
moved.move(40, 60)
made.setSelection(moved)
second = api.edit(seed=11, count=3)
api.wait(first)
api.wait(second)
first.place()
second.place()
pump_until(lambda: first.phase == second.phase == "placed", 60)
settle(made)
groups = [node for node in made.rootNode().childNodes() if node.type() == "grouplayer"]
for group in groups:
    job = first if group.uniqueId().toString() == first.group_id else second
    layers = [node for node in reversed(group.childNodes()) if node.type() == "paintlayer"]
    bounds = job.candidates[0].memory.patch.bounds
    at = (bounds.x, bounds.y, bounds.width, bounds.height)
    result[job.recipe.sampling.seed] = {
        "visible": group.visible(),
        "layers": [[node.name(), node.visible()] for node in layers],
        "same pixels": [
            node.pixelData(*at).data() == one.pixels for node, one in zip(layers, job.candidates, strict=True)
        ],
    }
