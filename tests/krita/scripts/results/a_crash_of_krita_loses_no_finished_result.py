"""A crash of krita loses no finished result."""

from inlay_bridge import given, result
from inlay_bridge.inside import app, pump_until, tree

from inlay_krita import api

path = given["path"]

made = app.openDocument(path)
app.activeWindow().addView(made)
pump_until(lambda: api.session().offers_of(made))
edits = api.session().accept(made)
pump_until(lambda: all(edit.has_ended for edit in edits))
result["accepted"] = [[edit.phase, edit.message] for edit in edits]
result["tree"] = tree(made)
