"""Keeping one of three is one undo step and keeps its pixels."""

from inlay_bridge import result
from inlay_bridge.inside import group_of, pump_until, settle, shown, tree, undo
from inlay_bridge.scene import at, made

from inlay_krita import api
from inlay_krita.host import place

job = api.edit(count=3, seed=1)
api.wait(job)
api.place(job)
group = group_of(made)
place.show(made, group, 1)
settle(made)
shown(made, at / "second")
result["visible"] = place.shown(made, group)
api.session().keep(made, group)
pump_until(lambda: len(place.variations_of(made, group)) == 1)
settle(made)
shown(made, at / "kept")
result["kept"] = tree(made)
undo(made)
result["undone"] = len(place.variations_of(made, group_of(made)))
shown(made, at / "undone")
