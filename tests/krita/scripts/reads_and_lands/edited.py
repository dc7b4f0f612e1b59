"""Edited."""

from inlay_bridge import given
from inlay_bridge.inside import document
from PyQt5.QtCore import QByteArray

pixels = given["pixels"]
adjusted = given["adjusted"]

made = document(300, 220, "RGBA", "U16", "sRGB-elle-V2-srgbtrc.icc", pixels)
if adjusted:
    adjustment = made.createNode("inverted", "paintlayer")
    adjustment.setPixelData(QByteArray(bytes([255]) * (8 * 300 * 220)), 0, 0, 300, 220)
    adjustment.setBlendingMode("diff")
    made.rootNode().addChildNode(adjustment, None)
    made.refreshProjection()
    made.waitForDone()
