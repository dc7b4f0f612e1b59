"""A thumbnail shows the region and survives reopening, 2 of 2."""

from inlay_bridge import given, result
from inlay_bridge.inside import group_of, pump_until, save_and_reopen
from inlay_bridge.scene import made, shown_panel

from inlay_krita.host import place

path = given["path"]

strip = shown_panel.variations.strip


def looks():
    picture = strip.item(0).icon().pixmap(strip.iconSize()).toImage()
    return [picture.width(), picture.height(), picture.pixelColor(picture.width() // 2, picture.height() // 2).name()]


result["first"] = looks()
made.refreshProjection()
mask = next(node for node in group_of(made).childNodes() if node.type() == "transparencymask")
middle = place.bounds_of(mask)
pixel = made.pixelData(middle.x + middle.width // 2, middle.y + middle.height // 2, 1, 1).data()
result["there"] = list(pixel[2::-1])
made = save_and_reopen(made, path)
made.setActiveNode(group_of(made))
pump_until(lambda: strip.count() == 2 and shown_panel.variations.isVisible(), 20)
result["reopened"] = looks()
