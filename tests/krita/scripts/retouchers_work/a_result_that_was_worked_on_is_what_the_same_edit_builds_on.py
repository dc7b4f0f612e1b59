"""A result that was worked on is what the same edit builds on."""

from inlay_bridge import result
from inlay_bridge.inside import settle, shown, undo
from inlay_bridge.scene import at, before, made, nodes

from inlay_krita import api

job = api.edit(seed=60)
api.wait(job)
api.place(job)
settle(made)
result["before"] = before
result["after"] = nodes(made.rootNode())
undo(made)
shown(made, at / "undone")
