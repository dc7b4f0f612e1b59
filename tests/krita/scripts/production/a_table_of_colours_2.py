"""A table of colours is filled by the dialog, 2 of 2: what stands in the documents."""

from inlay_bridge import given, result
from inlay_bridge.inside import app, settle, show, shown, undo
from inlay_bridge.scene import dialog, group, made

from inlay_krita import api
from inlay_krita.host import place
from inlay_krita.host.memories import id_of, recall

folder = given["folder"]
result["cells"] = [
    [dialog.table.item(row, column).text() for column in range(dialog.table.columnCount())]
    for row in range(dialog.table.rowCount())
]
result["told"] = dialog.told.text()
result["close"] = dialog.close_it.text()
result["documents"] = {}
for number, one in enumerate(app.documents()):
    groups = place.results_of(one)
    if not groups or api.production.scratch.is_hidden(one):
        continue
    show(one)
    settle(one)
    found = groups[-1]
    known = recall(one, found).layers
    layers = place.variations_of(one, found)
    rows = {}
    for at, layer in enumerate(layers):
        place.show(one, found, at)
        settle(one)
        shown(one, f"{folder}/{number} {layer.name()}")
        rows[layer.name()] = known[id_of(layer)].memory.recipe.SerializeToString().hex()
    place.hide(one, found, True)
    settle(one)
    shown(one, f"{folder}/{number} below")
    place.hide(one, found, False)
    result["documents"][one.name()] = {
        "number": number,
        "size": [one.width(), one.height()],
        "rows": rows,
        "groups": len(groups),
    }
show(made)
settle(made)
count = len(place.variations_of(made, group))
undo(made)
result["undone"] = count - len(place.variations_of(made, group))
result["left"] = [edit.phase for edit in [*api.session().edits]]
dialog.reject()
