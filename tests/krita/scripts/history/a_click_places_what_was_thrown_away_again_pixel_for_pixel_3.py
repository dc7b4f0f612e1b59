"""A click places what was thrown away again pixel for pixel, 3 of 3."""

from inlay_bridge import result
from inlay_bridge.inside import shown, tree
from inlay_bridge.scene import at, made, shown_panel

shown(made, at / "again")
result["tree"] = tree(made)
result["left"] = [edit.message for edit in shown_panel.session.left_of(made)]
