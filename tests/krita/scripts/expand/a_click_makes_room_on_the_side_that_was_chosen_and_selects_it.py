"""A click makes room on the side that was chosen and selects it."""

from inlay_bridge import given, result
from inlay_bridge.inside import Wish, app, document, panel, pump_until, selected, show_wish, shown

pixels = given["pixels"]
size = given["size"]
folder = given["folder"]

shown_panel = panel()
shown_panel.form.verb.put("expand")
room = shown_panel.room
result["offered"] = [button.text() for button in room.sizes.values()]
result["seen"] = room.isVisible()
result["made"] = []
for point in range(9):
    made = document(120, 90, "RGBA", "U8", "sRGB-elle-V2-srgbtrc.icc", pixels)
    pump_until(lambda: app.activeDocument() == made)
    room.anchor.put(point)
    next(button for button in room.sizes.values() if button.text() == size).click()
    made.waitForDone()
    result["made"].append([made.width(), made.height()])
    shown(made, f"{folder}/shown {point}")
    selected(made, f"{folder}/selected {point}")
show_wish(Wish())
