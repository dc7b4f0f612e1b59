"""An edit survives that a script closed every other picture."""

from inlay_bridge import result
from inlay_bridge.inside import app, close, settle, tree
from inlay_bridge.scene import made

from inlay_krita import api

job = api.edit(seed=1)
api.wait(job)
for other in app.documents():
    if other != made:
        close(other)
result["left"] = len(app.documents())
api.place(job)
settle(made)
result["tree"] = tree(made)
