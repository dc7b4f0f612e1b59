"""Adds two selections and a layer as regions in the panel at its docked size, each with its words."""

from pathlib import Path

from inlay_bridge import given, result
from inlay_bridge.inside import document, focused, panel, pump_until, select, settle, tree, type_into, use_server
from PyQt5.QtCore import QByteArray

from inlay_krita import api
from inlay_krita.host import regions as places

folder, pixels = given["folder"], given["pixels"]
use_server(given["url"])
assert api.connect(60), str(api.session().connection.trouble)
shown_panel = panel(250, 660)
form = shown_panel.form
made = document(300, 220, "RGBA", "U16", "sRGB-elle-V2-srgbtrc.icc", given["pixels"])
layer = made.createNode("vase", "paintlayer")
layer.setPixelData(QByteArray(Path(given["layer"]).read_bytes()), 200, 150, 40, 30)
layer.setVisible(False)
made.rootNode().addChildNode(layer, None)
made.refreshProjection()
settle(made)
form.verb.put("marks")
pump_until(lambda: "inputs.region" in form.fields)
pump_until(lambda: shown_panel.planning.obstacle not in ("", "…"))
result["before"] = shown_panel.planning.obstacle
regions = form.fields["inputs.region"]
type_into(form.fields["words.prompt"])
result["keyboard"], result["in turn"] = [], []
for mask, words in ((given["first"], "0.9"), (given["second"], "half"), ("", "0.1")):
    if mask:
        select(made, mask)
        regions.attempt(places.selected, made)
    else:
        regions.take(layer.uniqueId().toString())
    line = regions.rows[-1].line
    pump_until(lambda line=line: focused() is line, 20)
    result["keyboard"].append(focused() is line)
    result["in turn"].append(regions.in_turn.isVisible())
    line.put(words)
result["in turn says"] = regions.in_turn.text()
select(made, given["elsewhere"])
shown_panel.look()
settle(made)
pump_until(lambda: all(row.isVisible() and row.width() <= shown_panel.width() for row in regions.rows), 20)
result["wide"] = [
    [row.gone.mapTo(shown_panel, row.gone.rect().topRight()).x(), shown_panel.width()] for row in regions.rows
]
result["tree"] = tree(made)
