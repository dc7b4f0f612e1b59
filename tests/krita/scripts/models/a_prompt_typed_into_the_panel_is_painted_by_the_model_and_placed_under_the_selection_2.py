"""A prompt typed into the panel is painted by the model and placed under the selection, 2 of 2."""

from inlay_bridge import result
from inlay_bridge.inside import Wish, field, group_of, masked, show_wish, shown, tree
from inlay_bridge.scene import at, form, made, shown_panel

from inlay_krita.host import memories

group = group_of(made)
shown(made, at / "after")
masked(made, group, at / "group mask")
result["trouble"] = shown_panel.trouble.text()
result["tree"] = tree(made)
result["receipts"] = [one.memory.receipt_json for one in memories.recall(made, group).layers.values()]
form.verb.setCurrentText("Recolor")
result["recolor asks what to leave out"] = field.negative_prompt is not None
show_wish(Wish())
