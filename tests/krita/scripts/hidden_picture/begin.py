"""Begins with a picture and a selection."""

from inlay_bridge import given
from inlay_bridge.inside import app, document, select, settle

from inlay_krita import api

pixels = given["pixels"]
mask = given["mask"]

made = document(300, 220, "RGBA", "U16", "sRGB-elle-V2-srgbtrc.icc", pixels)
select(made, mask)
views = len(app.views())


def edit(seed):
    job = api.edit(seed=seed)
    api.wait(job)
    api.place(job)
    settle(made)
    return job
