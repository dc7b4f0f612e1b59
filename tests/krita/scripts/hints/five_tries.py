"""Five tries at the selection, and what is said of each; the box in the settings is turned before them if that is asked for."""

from inlay_bridge import given, result
from inlay_bridge.inside import panel, pump_until, settle
from inlay_bridge.scene import made
from PyQt5 import QtWidgets

from inlay_krita import api
from inlay_krita.host import options
from inlay_krita.ui.settings import Settings

if given.get("turns"):
    settings = Settings(panel().window())
    settings.findChild(QtWidgets.QCheckBox, "hints").click()
    settings.reject()
result["wanted"] = options.wants_hints()
result["said"] = []
for number in range(5):
    job = api.edit(seed=given["seed"] + number, tier="draft")
    api.wait(job)
    api.place(job)
    settle(made)
    result["said"].append(job.message)
found = panel().variations
pump_until(lambda: found.kept is not None)
result["panel"] = found.notes.text()
result["shown"] = [found.kept.memory.job_id == job.job_id, found.strip.currentRow(), found.strip.count()]
