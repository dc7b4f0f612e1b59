"""Finishing the second draft keeps what it shows and the drafts below, 3 of 3."""

from inlay_bridge import given, result
from inlay_bridge.inside import group_of, masked, pump_until, settle, shown, tree, use_server
from inlay_bridge.scene import asked, at, made, shown_panel

from inlay_krita import api
from inlay_krita.host import memories, place

other = given["other"]

settle(made)
result["trouble"] = shown_panel.trouble.text()
result["sent"] = asked[0].uploaded_bytes
result["tree"] = tree(made)
group = group_of(made)
masked(made, group, at / "mask")
shown(made, at / "final")
top = memories.recall(made, group).layers[memories.id_of(place.variations_of(made, group)[0])].memory
how = top.recipe.sampling
result["recipe"] = [how.tier, how.count, how.seed]
result["receipts"] = [top.receipt_json]
result["visible"] = place.shown(made, group)
shown_panel.look()
result["offered again"] = shown_panel.variations.finish.isVisible()
again = api.edit_again()
api.wait(again)
result["again"] = again.candidates[0].pixels == asked[0].candidates[0].pixels
use_server(other)
assert api.connect(60)
elsewhere = api.edit_again()
pump_until(lambda: elsewhere.has_ended)
result["where the draft is not"] = elsewhere.message
