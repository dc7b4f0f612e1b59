"""The seam of the visible variation is told and remembered, 2 of 2."""

from inlay_bridge import given, result
from inlay_bridge.inside import Wish, group_of, pump_until, save_and_reopen, show_wish
from inlay_bridge.scene import job, made, shown_panel

from inlay_krita.host import memories

path = given["path"]

found = shown_panel.variations
result["seam"], result["notes"] = found.seam.text(), found.notes.text()
result["report"] = [one.memory.report.ring_delta_e_after for one in job.candidates]
known = memories.recall(made, group_of(made)).layers.values()
result["remembered"] = [kept.memory.report.ring_delta_e_after for kept in known]
made = save_and_reopen(made, path)
made.setActiveNode(group_of(made))
pump_until(lambda: found.isVisible() and found.seam.text(), 10)
result["after reopening"] = [found.seam.text(), found.notes.text()]
show_wish(Wish())
