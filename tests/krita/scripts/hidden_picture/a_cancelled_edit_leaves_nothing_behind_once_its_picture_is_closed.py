"""A cancelled edit leaves nothing behind once its picture is closed."""

from inlay_bridge import result
from inlay_bridge.inside import app, close, pump_until, tree
from inlay_bridge.scene import made

from inlay_krita import api

job = api.edit(seed=1, count=8)
pump_until(lambda: job.phase in ("queued", "painting"))
job.cancel()
pump_until(lambda: job.has_ended)
result["phase"] = job.phase
result["tree"] = tree(made)
close(made)
pump_until(lambda: not app.documents(), 10)
