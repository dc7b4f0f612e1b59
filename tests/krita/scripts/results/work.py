"""Erases, and saves the picture while the edit is on its way."""

from inlay_bridge.inside import Wish, pump_until
from inlay_bridge.scene import at, made

from inlay_krita import api

path = str(at / "closed.kra")
made.setBatchmode(True)
made.saveAs(path)
made.waitForDone()
edit = api.session().run(Wish(seed=6, count=2))
pump_until(lambda: edit.phase not in ("capturing", "uploading"))
made.save()
made.waitForDone()
