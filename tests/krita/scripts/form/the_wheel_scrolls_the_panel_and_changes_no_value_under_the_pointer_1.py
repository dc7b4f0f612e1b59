"""The wheel scrolls the panel and changes no value under the pointer, 1 of 3."""

from inlay_bridge import result
from inlay_bridge.inside import Wish, field, focused, on_screen, pump_until, settle, show_wish
from inlay_bridge.scene import form, made, shown_panel

show_wish(Wish(verb="fill", seed=3, count=3, strength=0.5, grow_px=4, feather_px=4))
shown_panel.variations.hide()
form.details.set_open(True)
pump_until(lambda: field.feather_px.isVisible())
settle(made)
said = form.wish()
named = {
    "verb": form.verb,
    "count": field.count,
    "strength": field.strength,
    "seed": field.seed,
    "grow": field.grow_px,
    "feather": field.feather_px,
    "prompt": field.prompt,
}
held = focused()
result["at"] = {name: on_screen(field) for name, field in named.items()}
result["aside"] = on_screen(shown_panel.go)
