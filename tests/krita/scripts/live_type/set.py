"""Runs a verb that answers with a line of type, and places what comes."""

from inlay_bridge import given, result
from inlay_bridge.inside import document, group_of, pump_until, select, settle, tree, use_server

from inlay_krita import api

use_server(given["url"])
assert api.connect(60), str(api.session().connection.trouble)
made = document(300, 220, "RGBA", given["depth"], given["profile"], given["pixels"], dpi=given["dpi"])
select(made, given["mask"])
job = api.edit(verb="set_type")
api.wait(job)
window = job.recipe.canvas.window
result["window"] = [window.x, window.y, window.width, window.height]
job.place()
pump_until(lambda: job.phase == "placed")
settle(made)
result["tree"] = tree(made)
vector = group_of(made).childNodes()[-1]
