"""A large region is read in rows with the same mean."""

from inlay_bridge import given, result
from inlay_bridge.inside import document, select

from inlay_krita import api, probe

pixels = given["pixels"]
mask = given["mask"]

made = document(300, 220, "RGBA", "U8", "sRGB-elle-V2-srgbtrc.icc", pixels)
select(made, mask)
whole = api.probe()
most, probe.MOST_PX = probe.MOST_PX, 5000
rows = api.probe()
probe.MOST_PX = most
result["pixels"] = [whole.pixels, rows.pixels]
result["means"] = [list(whole.document_mean), list(rows.document_mean)]
