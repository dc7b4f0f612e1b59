"""A picture with a cut-out over it."""

from pathlib import Path

from inlay_bridge import given
from inlay_bridge.inside import document, settle
from PyQt5.QtCore import QByteArray

made = document(300, 220, "RGBA", given["depth"], "sRGB-elle-V2-srgbtrc.icc", given["pixels"])
cut = made.createNode("Cut-out", "paintlayer")
made.rootNode().addChildNode(cut, None)
cut.setPixelData(QByteArray(Path(given["layer"]).read_bytes()), 0, 0, 300, 220)
made.refreshProjection()
settle(made)
