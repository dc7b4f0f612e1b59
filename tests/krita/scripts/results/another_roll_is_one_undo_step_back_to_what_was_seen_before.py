"""Another roll is one undo step back to what was seen before."""

from inlay_bridge import given, result
from inlay_bridge.inside import group_of, redo, settle, shown, tree, undo
from inlay_bridge.scene import at, made

from inlay_krita import api
from inlay_krita.host import place

count = given["count"]

seen = [tree(made)]
for seed in (5, 60):
    job = api.edit(seed=seed, count=count)
    api.wait(job)
    api.place(job)
    settle(made)
    if seed == 5 and count > 1:
        place.show(made, group_of(made), 1)
        settle(made)
    shown(made, at / f"seed {seed}")
    seen.append(tree(made))
undo(made)
seen.append(tree(made))
shown(made, at / "undone")
redo(made)
shown(made, at / "redone")
undo(made)
undo(made)
seen.append(tree(made))
result["seen"] = seen
