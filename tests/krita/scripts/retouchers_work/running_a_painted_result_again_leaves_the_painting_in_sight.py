"""Running a painted result again leaves the painting in sight."""

from inlay_bridge import result
from inlay_bridge.inside import group_of, settle, shown
from inlay_bridge.scene import at, group, made

from inlay_krita import api
from inlay_krita.host import place

made.setActiveNode(group)
settle(made)
job = api.edit_again()
api.wait(job)
api.place(job)
settle(made)
shown(made, at / "after")
result["said"] = job.message
result["layers"] = [node.name() for node in place.variations_of(made, group_of(made))]
