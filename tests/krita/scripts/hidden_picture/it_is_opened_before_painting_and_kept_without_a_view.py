"""It is opened before painting and kept without a view."""

from inlay_bridge import result
from inlay_bridge.inside import app, close, pump_until
from inlay_bridge.scene import edit, made, views

from inlay_krita import api

job = api.edit(seed=1)
pump_until(lambda: job.phase not in ("capturing", "uploading"))
result["before the result"] = len(app.documents())
api.wait(job)
api.place(job)
edit(2)
result["after two edits"] = len(app.documents())
result["views"] = len(app.views()) - views
result["modified"] = [other.modified() for other in app.documents() if other != made]
result["in front"] = app.activeDocument() == made
close(made)
pump_until(lambda: not app.documents(), 10)
