"""Select run flip keep, 5 of 5."""

from inlay_bridge import result
from inlay_bridge.inside import group_of
from inlay_bridge.scene import made, shown_panel

from inlay_krita.host import place

result["trouble"] = shown_panel.trouble.text()
result["seeds"] = [layer.name().partition("seed")[2] for layer in place.variations_of(made, group_of(made))]
result["groups"] = len(place.results_of(made))
