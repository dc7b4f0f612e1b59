"""Adds two pictures in the panel at its docked size and sets their roles, by the fields themselves; leaves one to be taken out."""

from inlay_bridge import given, result
from inlay_bridge.inside import app, on_screen, panel, pump_until, select, show, use_server

from inlay_krita.host import pictures

use_server(given["url"])
shown_panel = panel(250, 660)
form = shown_panel.form
made = app.openDocument(given["photo"])
show(made)
select(made, given["mask"])
pump_until(lambda: "fill" in form.forms and not form.forms["fill"].unable)
form.verb.put("fill")
pump_until(lambda: "inputs.references" in form.fields)
form.fields["words.prompt"].put("wood")
form.details.set_open(True)
references = form.fields["inputs.references"]
references.take(pictures.seen(made))
references.take(made.topLevelNodes()[0].uniqueId().toString())
references.rows[1].role.put("style")
references.rows[1].weight.put(0.5)
pump_until(lambda: references.rows[1].isVisible() and shown_panel.go.isEnabled())
result["says"] = [{**one, "picture": bool(one["picture"])} for one in references.get()]
result["wide"] = [
    references.rows[0].gone.mapTo(shown_panel, references.rows[0].gone.rect().topRight()).x(),
    shown_panel.width(),
]
result["roles"] = [references.rows[0].role.itemText(at) for at in range(references.rows[0].role.count())]
result["remove"] = on_screen(references.rows[0].gone)
