"""An edit survives that its server is killed and started again."""

from pathlib import Path

from inlay_bridge import given, result
from inlay_bridge.inside import document, pump_until, select, tree, use_server

from inlay_krita import api

url = given["url"]
pixels = given["pixels"]
mask = given["mask"]
folder = given["folder"]

use_server(url)
assert api.connect()
made = document(700, 600, "RGBA", "U8", "sRGB-elle-V2-srgbtrc.icc", pixels)
select(made, mask)
job = api.edit(count=4, seed=9)
told = []
job.changed.connect(lambda: told.append(job.message) if job.message and job.message not in told else None)
pump_until(lambda: job.phase in ("queued", "painting") and api.session().connection.is_ready)
Path(folder, "submitted").write_text(job.job_id)
api.wait(job, 120)
api.place(job)
result["told"] = told
result["tree"] = tree(made)
result["ready"] = api.session().connection.is_ready
