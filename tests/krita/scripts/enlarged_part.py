"""Enlarges the picture, then a part of it, and says where the part landed."""

from pathlib import Path

from inlay_bridge import given, result
from inlay_bridge.inside import app, document, pump_until, settle, show, tree, undo, use_server

from inlay_krita import api
from inlay_krita.host.memories import recall_other
from krita import Selection

at = Path(given["folder"])
use_server(given["url"])
assert api.connect(60), str(api.session().connection.trouble)
made = document(300, 220, "RGBA", given["depth"], given["profile"], given["pixels"])


def done(verb: str, **more):
    job = api.edit(verb=verb, **more)
    api.wait(job)
    job.place()
    pump_until(lambda: job.phase == "placed")
    return job


def pictures():
    views = [view.document() for view in app.activeWindow().views()]
    return [one for one in app.documents() if one in views and one != made]


whole = Selection()
whole.select(0, 0, 300, 220, 255)
made.setSelection(whole)
pump_until(lambda: made.selection() and made.selection().width() == 300)
result["said first"] = done("upscale", tier="draft").message
(larger,) = pictures()
settle(larger)
result["before"] = tree(larger)
show(made)
part = Selection()
part.select(40, 60, 100, 80, 255)
made.setSelection(part)
pump_until(lambda: made.selection() and made.selection().width() == 100)
job = done("upscale", tier="draft")
result["said"] = job.message
region = job.recipe.where.region
result["region"] = [region.x, region.y, region.width, region.height]

settle(larger)
result["pictures"] = len(pictures())
result["after"] = tree(larger)
layer = larger.rootNode().childNodes()[-1]
bounds = layer.bounds()
result["bounds"] = [bounds.x(), bounds.y(), bounds.width(), bounds.height()]
(at / "part").write_bytes(layer.pixelData(*result["bounds"]).data())
(at / "larger").write_bytes(larger.rootNode().childNodes()[0].pixelData(0, 0, 600, 440).data())
found = recall_other(larger, layer)
result["layer_remembers"] = found[2].memory.recipe.verb if found else ""
show(larger)
undo(larger)
result["undone"] = tree(larger)
