"""The run button says what is sent to whom before it is, 2 of 3."""

from inlay_bridge import result
from inlay_bridge.scene import shown_panel

window = shown_panel.planning.plan.window
result["size"] = [window.width, window.height]
result["abroad"] = shown_panel.go.text().replace(chr(10), " ")
result["whole"] = shown_panel.go.visibleRegion().boundingRect() == shown_panel.go.rect()
result["right"] = shown_panel.go.mapTo(shown_panel, shown_panel.go.rect().bottomRight()).x() < shown_panel.width()
lines = shown_panel.go.text().split(chr(10))
result["fits"] = max(shown_panel.go.fontMetrics().horizontalAdvance(line) for line in lines) < shown_panel.go.width()
