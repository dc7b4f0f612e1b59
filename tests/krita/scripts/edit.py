"""Erases, looks, undoes, redoes, saves, reopens and runs again; what is seen on the way lies in the folder that is given."""

from pathlib import Path

from inlay_bridge import given, result
from inlay_bridge.inside import (
    document,
    group_of,
    masked,
    redo,
    save_and_reopen,
    select,
    selected,
    settle,
    shown,
    tree,
    undo,
)

from inlay_krita import api

at = Path(given["folder"])
made = document(*(given[name] for name in ("width", "height", "model", "depth", "profile", "pixels")))
select(made, given["mask"])
shown(made, at / "before")
selected(made, at / "selection")
active = made.activeNode().name()
job = api.edit(verb="erase", count=2, seed=7)
api.wait(job)
api.place(job)
settle(made)
shown(made, at / "after")
selected(made, at / "selection after")
group = group_of(made)
masked(made, group, at / "mask")
result["tree"] = tree(made)
result["active"] = [active, made.activeNode().name()]
made.refreshProjection()
shown(made, at / "refreshed")
undo(made)
result["tree undone"] = tree(made)
shown(made, at / "undone")
redo(made)
result["tree redone"] = tree(made)
shown(made, at / "redone")
result["changed"] = job.uploaded_bytes
made = save_and_reopen(made, str(at / "saved.kra"))
shown(made, at / "reopened")
made.setActiveNode(group_of(made).childNodes()[1])
settle(made)
again = api.edit_again()
api.wait(again)
result["bytes of the re-run"] = again.uploaded_bytes
result["same pixels"] = [
    one.pixels == other.pixels for one, other in zip(job.candidates, again.candidates, strict=True)
]
result["notes"] = again.notes
