"""An unknown verb is shown filled in sent and placed, 1 of 3."""

from inlay_bridge import given, result
from inlay_bridge.inside import app, panel, select, settle, show, shown, use_server
from PyQt5.QtCore import QByteArray

from inlay_krita import api

url = given["url"]
photo = given["photo"]
color = given["color"]
mask = given["mask"]
folder = given["folder"]

use_server(url)
assert api.connect(60), str(api.session().connection.trouble)
shown_panel = panel()
form = shown_panel.form
made = app.openDocument(photo)
show(made)
sky = made.createNode("a blue sky", "paintlayer")
sky.setPixelData(QByteArray(bytes([*reversed(color), 255]) * (600 * 400)), 0, 0, 600, 400)
sky.setVisible(False)
made.rootNode().addChildNode(sky, None)
made.setActiveNode(made.rootNode().childNodes()[0])
made.waitForDone()
select(made, mask)
shown(made, folder + "/before")
form.verb.setCurrentText("Weather")
form.details.set_open(True)
asked = form.form.fields
result["shown"] = sorted(path for path in form.fields if not path.startswith("panel."))
result["described"] = sorted(one.path for one in asked)
settle(made)
result["out of sight"] = [path for path, made_ in form.fields.items() if not made_.isVisible()]
result["begins with"] = {path: value.get() for path, value in form.fields.items() if path.startswith("options.")}
