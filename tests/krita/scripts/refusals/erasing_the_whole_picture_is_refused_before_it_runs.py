"""Erasing the whole picture is refused before it runs."""

from inlay_bridge import result
from inlay_bridge.inside import app, pump_until
from inlay_bridge.scene import picture, told

made = picture()
app.action("select_all").trigger()
made.waitForDone()
pump_until(lambda: made.selection() is not None and made.selection().width() == 160)
result["said"] = told(verb="erase")
result["layers"] = len(made.topLevelNodes())
