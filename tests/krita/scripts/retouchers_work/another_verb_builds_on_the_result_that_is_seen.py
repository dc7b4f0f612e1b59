"""Another verb builds on the result that is seen."""

import hashlib

from inlay_bridge import result
from inlay_bridge.inside import undo
from inlay_bridge.scene import before, made, nodes

from inlay_krita import api

job = api.edit(verb="recolor", target_color="#806040")
api.wait(job)
api.place(job)
window = job.recipe.canvas.window
x, y, width, height = window.x, window.y, window.width, window.height
result["before"], result["after"] = before, nodes(made.rootNode())
result["source"] = job.recipe.canvas.source.blob
undo(made)
result["seen"] = hashlib.sha256(made.pixelData(x, y, width, height).data()).hexdigest()
