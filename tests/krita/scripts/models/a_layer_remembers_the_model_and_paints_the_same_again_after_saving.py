"""A layer remembers the model and paints the same again after saving."""

from inlay_bridge import given, result
from inlay_bridge.inside import document, group_of, save_and_reopen, select, settle, shown
from inlay_bridge.scene import at

from inlay_krita import api
from inlay_krita.host import memories

pixels = given["pixels"]
mask = given["mask"]
prompt = given["prompt"]
unwanted = given["unwanted"]

made = document(320, 240, "RGBA", "U16", "sRGB-elle-V2-srgbtrc.icc", pixels)
select(made, mask)
shown(made, at / "before")
job = api.edit(verb="fill", prompt=prompt, negative_prompt=unwanted, count=2, seed=7)
api.wait(job)
api.place(job)
settle(made)
shown(made, at / "after")
made = save_and_reopen(made, str(at / "saved.kra"))
group = group_of(made)
result["receipts"] = [one.memory.receipt_json for one in memories.recall(made, group).layers.values()]
made.setActiveNode(group.childNodes()[1])
settle(made)
again = api.edit_again()
api.wait(again)
result["same pixels"] = [
    one.pixels == other.pixels for one, other in zip(job.candidates, again.candidates, strict=True)
]
result["uploaded"] = again.uploaded_bytes
result["left out again"] = again.recipe.words.negative_prompt
result["differ"] = job.candidates[0].pixels != job.candidates[1].pixels
