"""A picture that keeps no id gets its result after it was closed."""

from inlay_bridge import given, result
from inlay_bridge.inside import app, close, pump_until, select, shown, tree
from inlay_bridge.scene import at, made, offered

from inlay_krita import api
from krita import InfoObject

kind = given["kind"]
mask = given["mask"]

path = str(at / ("plain." + kind))
made.setBatchmode(True)
assert made.exportImage(path, InfoObject())
close(made)
made = app.openDocument(path)
app.activeWindow().addView(made)
select(made, mask)
shown(made, at / "before")
job = api.edit(seed=6)
pump_until(lambda: job.phase not in ("capturing", "uploading"))
close(made)
pump_until(lambda: job.has_ended)
made = offered(path)
shown(made, at / "after")
close(made)
made = offered(path)
result["tree"] = tree(made)
