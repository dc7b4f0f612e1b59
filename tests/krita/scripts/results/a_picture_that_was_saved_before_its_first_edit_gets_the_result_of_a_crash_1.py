"""A picture that was saved before its first edit gets the result of a crash, 1 of 3."""

from inlay_bridge.inside import pump_until
from inlay_bridge.scene import at, made

from inlay_krita import api

path = str(at / "saved.kra")
made.setBatchmode(True)
made.saveAs(path)
made.waitForDone()
job = api.edit(seed=6)
pump_until(lambda: job.position is not None or job.phase == "painting")
