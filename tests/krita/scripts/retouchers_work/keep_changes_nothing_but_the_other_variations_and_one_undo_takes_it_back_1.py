"""Keep changes nothing but the other variations and one undo takes it back, 1 of 2."""

from inlay_bridge import given, result
from inlay_bridge.inside import panel, pump_until, shown
from inlay_bridge.scene import at, before, group, made, nodes

from inlay_krita import api
from inlay_krita.host import place

chosen = given["chosen"]

panel()
screenshot = at / "taken"
result["before"] = before
made.setActiveNode(made.rootNode().childNodes()[0])
pump_until(lambda: made.activeNode().name() == "Background")
if chosen:
    assert place.select_only(made, [made.rootNode().childNodes()[0], *place.variations_of(made, group)[1:3]])
    assert place.select_only(made, place.variations_of(made, group)[1:3])
api.session().keep(made, group)
pump_until(lambda: len(place.variations_of(made, group)) < 4)
if not chosen:
    pump_until(lambda: made.activeNode().name() == "Background")
shown(made, at / "kept")
result["kept"] = nodes(made.rootNode())
