"""A table of words is painted by a model that reads them, in this picture and in a format."""

from inlay_bridge import given, result
from inlay_bridge.inside import Wish, app, document, select, settle, show, shown

from inlay_krita import api
from inlay_krita.host import place, scratch
from inlay_krita.host.memories import id_of, recall

folder = given["folder"]
made = document(300, 220, "RGBA", "U8", "sRGB-elle-V2-srgbtrc.icc", given["pixels"])
made.setName("master")
select(made, given["mask"])
wish = Wish("generate", prompt=given["first"], model="tiny", tier="draft", seed=5)
edit = api.session().run(wish, places_itself=False)
api.place(api.wait(edit))
settle(made)
group = place.result_with(made, edit.group_id)
made.setActiveNode(group)
settle(made)
result["cells"] = api.table(given["rows"], formats=("", "square"))
result["documents"] = {}
for one in app.documents():
    if scratch.is_hidden(one):
        continue
    show(one)
    settle(one)
    found = place.results_of(one)[-1]
    known, recipes = recall(one, found).layers, {}
    for at, layer in enumerate(place.variations_of(one, found)):
        place.show(one, found, at)
        settle(one)
        shown(one, f"{folder}/{one.name()} {at}")
        recipes[at] = known[id_of(layer)].memory.recipe.SerializeToString().hex()
    result["documents"][one.name()] = {"size": [one.width(), one.height()], "recipes": recipes}
