"""Separates, saves and opens the picture, and runs what a layer of the result remembers again."""

from pathlib import Path

from inlay_bridge import given, result
from inlay_bridge.inside import document, pump_until, save_and_reopen, select, settle, tree, use_server

from inlay_krita import api
from inlay_krita.host.memories import job_ids, recall_other

at = Path(given["folder"])
use_server(given["url"])
assert api.connect(60), str(api.session().connection.trouble)
made = document(300, 220, "RGBA", given["depth"], given["profile"], given["pixels"])
select(made, given["mask"])


def placed(job) -> None:
    api.wait(job)
    job.place()
    pump_until(lambda: job.phase == "placed")


def group_on_top(picture):
    """Beside it Krita keeps the selection among the layers of a file."""
    return [node for node in picture.rootNode().childNodes() if node.type() == "grouplayer"][-1]


def stored(folder: str, group) -> None:
    for node in group.childNodes():
        (at / f"{folder}-{node.name()}").write_bytes(node.pixelData(0, 0, 300, 220).data())


first = api.edit(verb="separate")
placed(first)
settle(made)
stored("first", group_on_top(made))
again = save_and_reopen(made, given["file"])
group = group_on_top(again)
found = recall_other(again, group.childNodes()[0])
assert found
_, mask, kept = found
memory = kept.memory
result["remembers"] = [memory.recipe.verb, memory.title, memory.job_id == first.job_id, len(mask)]
result["receipt"] = memory.receipt_json
result["known"] = first.job_id in job_ids(again)
again.setActiveNode(group.childNodes()[1])
second = api.edit_again()
placed(second)
settle(again)
result["tree"] = tree(again)
result["recipes_alike"] = second.recipe.SerializeToString() == memory.recipe.SerializeToString()
stored("second", group_on_top(again))
again.setModified(False)
