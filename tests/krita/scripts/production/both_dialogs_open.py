"""Both dialogs are opened from a narrow panel, in a language."""

from inlay_bridge import given, result
from inlay_bridge.inside import Wish, document, fresh_panels, panel, pump_until, select, settle

from inlay_krita import api

session = api.session()
told = []
session.connection.described.connect(told.append)
session.connection.use(session.connection.line.address._replace(locale=given["locale"]))
pump_until(lambda: bool(told) and session.connection.is_ready)
fresh_panels()
shown_panel = panel(width=230, height=660)
for name in ("another", "double", "double"):
    other = document(300, 220, "RGBA", "U8", "sRGB-elle-V2-srgbtrc.icc", given["pixels"])
    other.setName(name)
made = document(300, 220, "RGBA", "U8", "sRGB-elle-V2-srgbtrc.icc", given["pixels"])
select(made, given["mask"])
api.place(api.wait(session.run(Wish("recolor", target_color="#AA2222"), places_itself=False)))
settle(made)
shown_panel.refresh()
shown_panel.look()
variations = shown_panel.variations
pump_until(lambda: variations.isVisible() and variations.many.isVisible())
marks = (variations.before, variations.save_style, variations.share.turn, variations.many, variations.discard)
result["right edges"] = [mark.mapTo(shown_panel, mark.rect().topRight()).x() for mark in marks]
result["width"] = shown_panel.width()
result["least width"] = variations.minimumSizeHint().width()


def opened(deed, name):
    shown_panel.do(deed)
    return next(one for one in shown_panel.window().children() if type(one).__name__ == name)


table_dialog, apply_dialog = opened("table", "Table"), opened("apply", "Apply")
table_dialog.move(40, 120)
apply_dialog.move(560, 120)
pump_until(lambda: table_dialog.formats.count() == 8)
result["buttons"] = [[one.go.text(), one.close_it.text()] for one in (table_dialog, apply_dialog)]
table_dialog.rows.setPlainText(
    "no colour but a sentence of somebody who has not been told that colours were asked for\nanother one"
)
table_dialog.go.click()
pump_until(lambda: table_dialog.work.is_over)
states = table_dialog.table
result["states"] = [states.item(row, 0).text()[:1] for row in range(states.rowCount())]
result["states seen"] = states.viewport().width() - states.columnViewportPosition(0)
result["can run"] = apply_dialog.go.isEnabled()
result["others"] = [apply_dialog.table.item(row, 0).text() for row in range(apply_dialog.table.rowCount())]
