"""The picture in front, edited as a retoucher may wish, and looked at; placed at once or after it was opened again."""

import hashlib
from pathlib import Path

from inlay_bridge import given, result
from inlay_bridge.inside import app, pump_until, save_and_reopen, select, settle, shown, tree, undo

from inlay_krita import api
from inlay_krita.host import place

at = Path(given["folder"])
made = app.activeDocument()
background = made.rootNode().childNodes()[0]
select(made, given["mask"])
shown(made, at / "before")


def source_of(edit):
    window = edit.recipe.canvas.window
    there = (window.x, window.y, window.width, window.height)
    names = {hashlib.sha256(node.pixelData(*there).data()).hexdigest(): node.name() for node in (made, background)}
    return names.get(edit.recipe.canvas.source.blob, "neither")


def placed(edit):
    pump_until(lambda: edit.has_ended)
    if edit.phase == "finished":
        edit.place()
        pump_until(lambda: edit.phase not in ("finished", "placing"))
    settle(made)
    return [edit.phase, edit.message]


job = api.edit(seed=3, reads=given["reads"])
api.wait(job)
result["read"] = source_of(job)
if given["reopened"]:
    made = save_and_reopen(made, str(at / "saved.kra"))
    background = made.rootNode().childNodes()[0]
    api.session().connection.check()
    pump_until(lambda: api.session().offers_of(made))
    (job,) = api.session().accept(made)
result["said"] = placed(job)
result["tree"] = tree(made)
shown(made, at / "after")
group = place.results_of(made)[-1]
(at / "layer").write_bytes(place.variations_of(made, group)[0].pixelData(0, 0, 300, 220).data())
again = api.edit_again()
result["again"] = placed(again)
result["same source"] = again.recipe.canvas.source.blob == job.recipe.canvas.source.blob
undo(made)
shown(made, at / "undone")
