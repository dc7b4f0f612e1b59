"""A table of colours is filled by the dialog, 1 of 2: it is run."""

from inlay_bridge import given, result
from inlay_bridge.inside import Wish, document, panel, pump_until, select, settle

from inlay_krita import api

folder = given["folder"]
shown_panel = panel(width=250, height=660)
made = document(300, 220, "RGBA", "U16", "sRGB-elle-V2-srgbtrc.icc", given["pixels"])
made.setName("master")
select(made, given["mask"])
wish = Wish("recolor", target_color="#AA2222")
wish.values["sampling.seed"] = 5
edit = api.session().run(wish, places_itself=False)
api.place(api.wait(edit))
settle(made)
group = next(node for node in made.topLevelNodes() if node.type() == "grouplayer")
made.setActiveNode(group)
settle(made)
shown_panel.look()
result["marks"] = [action.text() for action in shown_panel.variations.many.menu().actions()]
result["in sight"] = shown_panel.variations.many.isVisible()
shown_panel.do("table")
dialog = next(one for one in shown_panel.window().children() if type(one).__name__ == "Table")
pump_until(lambda: dialog.formats.count() == 8)
result["formats"] = [dialog.formats.item(row).text() for row in range(8)]
result["rows are"] = dialog.paths.currentText()
result["ready"] = dialog.go.isEnabled()
dialog.rows.setPlainText("#1F4E79\n\nno colour\n#00A651\n#1F4E79")
for row in range(8):
    if dialog.formats.item(row).text() in given["columns"]:
        dialog.formats.item(row).setCheckState(2)
dialog.go.click()
