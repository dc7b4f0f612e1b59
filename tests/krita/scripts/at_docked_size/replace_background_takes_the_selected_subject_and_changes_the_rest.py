"""Replace background takes the selected subject and changes the rest."""

from pathlib import Path

from inlay_bridge import given, result
from inlay_bridge.inside import selected
from inlay_bridge.scene import made

from inlay_krita import api
from inlay_krita.host import capture

folder = given["folder"]

form = api.session().connection.forms["replace_background"]
asked = capture.asked_of(made, form)
result["region"] = list(asked.region)
Path(folder, "asked").write_bytes(asked.data)
selected(made, folder + "/selected")
made.setSelection(None)
result["without"] = capture.region_of(made, form)
