"""Verb words and run stand first and the strip next, 2 of 2."""

from inlay_bridge import result
from inlay_bridge.inside import field, pump_until, settle
from inlay_bridge.scene import form, made, shown_panel


def low(part):
    return part.mapTo(shown_panel, part.rect().bottomLeft()).y()


result["places"] = {}
for verb in ("erase", "fill", "recolor", "fill"):
    form.verb.put(verb)
    pump_until(lambda: shown_panel.hud.text() and not form.details.is_open)
    settle(made)
    parts = [form.verb, *(one for one in [field.prompt] if one), shown_panel.go]
    result["places"][verb] = [low(part) for part in parts]
result["strip"] = [
    low(shown_panel.go),
    shown_panel.variations.strip.mapTo(shown_panel, shown_panel.variations.strip.rect().topLeft()).y(),
    shown_panel.variations.strip.count(),
]
result["size"] = [shown_panel.width(), shown_panel.height()]
result["seen whole"] = not shown_panel.go.visibleRegion().isEmpty() and (
    shown_panel.go.visibleRegion().boundingRect() == shown_panel.go.rect()
)
