"""The same edit of the same selection is another roll unless it shall build on."""

from inlay_bridge import result
from inlay_bridge.inside import settle, tree
from inlay_bridge.scene import made

from inlay_krita import api

jobs = []
for build_on in (False, False, True):
    job = api.edit(seed=5, build_on=build_on)
    api.wait(job)
    api.place(job)
    settle(made)
    jobs.append(job)
result["same"] = [jobs[0].candidates[0].pixels == job.candidates[0].pixels for job in jobs]
result["sent"] = [job.uploaded_bytes for job in jobs]
result["tree"] = tree(made)
