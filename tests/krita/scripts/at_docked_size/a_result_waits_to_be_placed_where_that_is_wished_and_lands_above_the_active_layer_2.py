"""A result waits to be placed where that is wished and lands above the active layer, 2 of 2."""

from inlay_bridge import result
from inlay_bridge.scene import made, shown_panel

from inlay_krita.host import place

progress = shown_panel.progress
(row,) = progress.rows.values()
result["seen"] = [row.words.text(), row.place.isVisible(), len(place.results_of(made))]
made.setActiveNode(made.rootNode().childNodes()[0])
