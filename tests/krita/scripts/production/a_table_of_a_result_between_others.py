"""A table of the middle one of three results, the lower of which it was made of and the upper of which came later."""

from inlay_bridge import given, result
from inlay_bridge.inside import Wish, app, document, select, settle, show, shown

from inlay_krita import api
from inlay_krita.host import place, scratch

folder = given["folder"]
made = document(300, 220, "RGBA", "U16", "sRGB-elle-V2-srgbtrc.icc", given["pixels"])
made.setName("master")


def painted(mask, color, build_on=False):
    select(made, given[mask])
    wish = Wish("recolor", target_color=color)
    wish = type(wish)(wish.form, {**wish.values, "sampling.seed": 5}, build_on=build_on)
    edit = api.session().run(wish, places_itself=False)
    api.place(api.wait(edit))
    settle(made)
    return place.result_with(made, edit.group_id)


older = painted("mask", "#AA2222")
middle = painted("mask", "#22AA22", build_on=True)
newer = painted("later", "#2222AA")
result["order"] = place.results_of(made) == [older, middle, newer]
made.setActiveNode(middle)
settle(made)
result["cells"] = api.table(["#1F4E79", "#C0C010"], formats=("", "square"))
settle(made)
result["variations"] = [layer.name() for layer in place.variations_of(made, middle)]
(copy,) = [one for one in app.documents() if one != made and not scratch.is_hidden(one)]
for one, name in ((made, "master"), (copy, "copy")):
    show(one)
    settle(one)
    shown(one, f"{folder}/{name}")
    result[name] = [(node.name(), node.type(), node.visible()) for node in one.topLevelNodes()]
result["size"] = [copy.width(), copy.height()]
result["results"] = len(place.results_of(copy))
