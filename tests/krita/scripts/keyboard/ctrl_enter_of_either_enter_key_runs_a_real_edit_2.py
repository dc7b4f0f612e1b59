"""Ctrl enter of either enter key runs a real edit, 2 of 2."""

from inlay_bridge import result
from inlay_bridge.inside import group_of
from inlay_bridge.scene import made, shown_panel

from inlay_krita.host import place

result["variations"] = len(place.variations_of(made, group_of(made)))
result["groups"] = len(place.results_of(made))
result["said"] = [edit.message for edit in shown_panel.session.left]
