"""The edit of a result is applied to other open documents; each is looked at before, after and after undo."""

from inlay_bridge import given, result
from inlay_bridge.inside import (
    Wish,
    document,
    group_of,
    masked,
    redo,
    select,
    selected,
    settle,
    show,
    shown,
    tree,
    undo,
)

from inlay_krita import api
from inlay_krita.host.memories import recall

SRGB = "sRGB-elle-V2-srgbtrc.icc"
folder = given["folder"]
others = {}
for name, (width, height, depth, path) in given["others"].items():
    others[name] = document(width, height, "RGBA", depth, SRGB, path)
    others[name].setName(name)
master = document(512, 512, "RGBA", "U8", SRGB, given["master"])
select(master, given["mask"])
edit = api.session().run(Wish("erase", seed=77, tier="draft"), places_itself=False)
api.place(api.wait(edit))
settle(master)
above = master.createNode("the retoucher's", "paintlayer")
master.rootNode().addChildNode(above, None)
settle(master)
master.setActiveNode(group_of_result := next(node for node in master.topLevelNodes() if node.type() == "grouplayer"))
settle(master)
before = {name: tree(other) for name, other in others.items()}
for name, other in others.items():
    shown(other, f"{folder}/{name} before")
result["visible before"] = [node.visible() for node in master.topLevelNodes()]
result["told"] = api.apply(list(others.values()))
settle(master)
result["visible after"] = [node.visible() for node in master.topLevelNodes()]


def recipe_of(made, group):
    (kept,) = recall(made, group).layers.values()
    recipe = kept.memory.recipe
    words = {
        "seed": recipe.sampling.seed,
        "tier": recipe.sampling.tier,
        "verb": recipe.verb,
        "prompt": recipe.words.prompt,
    }
    return {**words, "model": recipe.sampling.resolved.model, "job": kept.memory.job_id}


result["recipes"] = {"master": recipe_of(master, group_of_result)}
result["touched"] = {}
for name, other in others.items():
    settle(other)
    shown(other, f"{folder}/{name} after")
    result["touched"][name] = tree(other) != before[name]
    if other.selection():
        selected(other, f"{folder}/{name} selected")
    if result["touched"][name]:
        masked(other, group_of(other), f"{folder}/{name} mask")
        result["recipes"][name] = recipe_of(other, group_of(other))
        show(other)
        undo(other)
        result["undone"] = tree(other) == before[name]
        shown(other, f"{folder}/{name} undone")
        redo(other)
        result["redone"] = tree(other) != before[name]
result["master keeps its result"] = group_of_result in master.topLevelNodes()
result["left"] = [edit.phase for edit in [*api.session().edits, *api.session().left]]
