"""Replace background keeps the selected subject and paints what is around it."""

from inlay_bridge import given, result
from inlay_bridge.inside import document, group_of, masked, select, settle, shown, tree
from inlay_bridge.scene import at

from inlay_krita import api

made = document(320, 240, "RGBA", "U16", "sRGB-elle-V2-srgbtrc.icc", given["pixels"])
select(made, given["mask"])
shown(made, at / "before")
job = api.edit(verb="replace_background", prompt=given["prompt"], seed=7)
api.wait(job)
api.place(job)
settle(made)
shown(made, at / "after")
masked(made, group_of(made), at / "mask")
result["tree"] = tree(made)
