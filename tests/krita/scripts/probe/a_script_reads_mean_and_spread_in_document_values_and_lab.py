"""A script reads mean and spread in document values and lab."""

from inlay_bridge import given, result
from inlay_bridge.inside import document, select

from inlay_krita import api

model = given["model"]
depth = given["depth"]
profile = given["profile"]
pixels = given["pixels"]
mask = given["mask"]

made = document(300, 220, model, depth, profile, pixels)
select(made, mask)
made.setModified(False)
read = api.probe(target_color="#3050A0")
result["mean"], result["spread"] = list(read.document_mean), list(read.document_spread)
result["lab"], result["delta_e"], result["pixels"] = list(read.lab_mean), read.delta_e, read.pixels
result["values"] = read.lines[0]
result["untouched"] = not made.modified()
