"""Tries to erase in a new picture of some colour model, with some rectangle selected or nothing."""

from inlay_bridge import given, result
from inlay_bridge.inside import app, settle, show

from inlay_krita import api
from krita import Selection

made = app.createDocument(64, 64, "test", given["model"], "U8", "", 300.0)
show(made)
if given["area"]:
    selection = Selection()
    selection.select(*given["area"], 255)
    made.setSelection(selection)
    settle(made)
made.setModified(False)
try:
    api.edit(verb="erase")
    result["said"] = ""
except api.CannotEdit as reason:
    result["said"] = str(reason)
result["untouched"] = [not made.modified(), made.colorModel(), len(made.topLevelNodes())]
