"""Running an untouched result again shows what is there and adds no copies."""

from inlay_bridge import result
from inlay_bridge.inside import group_of, pump_until, settle, shown
from inlay_bridge.scene import at, before, group, made, nodes

from inlay_krita import api
from inlay_krita.host import place

made.setActiveNode(group)
settle(made)
job = api.edit_again()
api.wait(job)
api.place(job)
settle(made)
shown(made, at / "after")
result["said"], result["before"], result["after"] = job.message, before, nodes(made.rootNode())
result["seen"] = place.shown(made, group_of(made))
api.session().offers.clear()
api.session()._asked.clear()
pump_until(lambda: api.session().offers)
result["offered"] = len(api.session().offers_of(made))
