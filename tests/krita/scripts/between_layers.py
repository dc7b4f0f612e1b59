"""A picture with something selected and with layers above and below a cut-out."""

from pathlib import Path

from inlay_bridge import given
from inlay_bridge.inside import document, select, settle, use_server
from PyQt5.QtCore import QByteArray

from inlay_krita import api

use_server(given["url"])
assert api.connect(60), str(api.session().connection.trouble)
made = document(300, 220, "RGBA", "U16", "sRGB-elle-V2-srgbtrc.icc", given["pixels"])
below = made.topLevelNodes()[0]
for name in ("Cut-out", "healing", "grain"):
    node = made.createNode(name, "paintlayer")
    made.rootNode().addChildNode(node, below)
    node.setPixelData(QByteArray(Path(given["pixels"]).read_bytes()[: 60 * 50 * 8]), 120, 75, 60, 50)
    below = node
select(made, given["mask"])
made.refreshProjection()
settle(made)
