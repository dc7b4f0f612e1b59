"""A refined mask survives another roll."""

from inlay_bridge import given, result
from inlay_bridge.inside import group_of, masked, settle
from inlay_bridge.scene import at, group, made

from inlay_krita import api
from inlay_krita.host import place

again = given["again"]

masked(made, group, at / "refined")
made.setActiveNode(group)
settle(made)
job = eval(again)
api.wait(job)
api.place(job)
settle(made)
masked(made, group_of(made), at / "mask after")
result["groups"] = len(made.rootNode().childNodes())
result["layers"] = [node.name() for node in place.variations_of(made, group_of(made))]
result["seen"] = place.shown(made, group_of(made))
