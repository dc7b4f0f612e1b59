"""A file that forgets how results were made is named when it is written."""

from inlay_bridge import given, result
from inlay_bridge.inside import panel, pump_until, settle
from inlay_bridge.scene import picture, told

folder = given["folder"]

shown_panel = panel()
made = picture()
told(verb="erase")
made.setBatchmode(True)
for suffix in (".kra", ".ora"):
    made.saveAs(folder + "/saved" + suffix)
    made.waitForDone()
    pump_until(lambda: made.fileName().endswith(suffix))
    settle(made)
    result[suffix] = shown_panel.trouble.text()
