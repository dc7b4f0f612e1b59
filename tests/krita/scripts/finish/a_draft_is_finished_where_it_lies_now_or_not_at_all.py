"""A draft is finished where it lies now or not at all."""

from inlay_bridge import given, result
from inlay_bridge.inside import group_of, masked, pump_until, settle
from inlay_bridge.scene import at, made

from inlay_krita import api
from inlay_krita.host import place

change = given["change"]

job = api.edit(verb="fill", prompt="a red kite", tier="draft", seed=3)
api.wait(job)
api.place(job)
exec(change)
made.waitForDone()
made.refreshProjection()
made.waitForDone()
made.setActiveNode(group_of(made))
settle(made)
(at / "changed").write_bytes(made.pixelData(0, 0, made.width(), made.height()).data())
masked(made, group_of(made), at / "mask")
final = api.finish()
pump_until(lambda: final.has_ended)
if final.phase == "finished":
    final.place()
    pump_until(lambda: final.phase not in ("finished", "placing"))
result["said"] = final.message
result["layers"] = [node.name() for node in place.variations_of(made, group_of(made))]
(at / "final").write_bytes(made.pixelData(0, 0, made.width(), made.height()).data())
