"""A result is offered again when its document was closed."""

from inlay_bridge import result
from inlay_bridge.inside import app, close, group_of, masked, pump_until, tree
from inlay_bridge.scene import at, edit, made, path

from inlay_krita import api

close(made)
pump_until(lambda: edit.has_ended)
result["phase"] = edit.phase
made = app.openDocument(path)
app.activeWindow().addView(made)
pump_until(lambda: api.session().offers_of(made))
result["offers"] = len(api.session().offers_of(made))
edits = api.session().accept(made)
pump_until(lambda: all(edit.has_ended for edit in edits))
result["accepted"] = [[edit.phase, edit.message] for edit in edits]
result["tree"] = tree(made)
masked(made, group_of(made), at / "mask")
result["offers after"] = len(api.session().offers_of(made))
