"""Samples in some profile as Krita converts them to linear sRGB, and the profile itself."""

import base64

from inlay_bridge import given
from PyQt5.QtCore import QByteArray

from inlay_krita.host import scratch
from krita import Krita

document = Krita.instance().createDocument(32, 32, "colours", given["model"], "F32", given["profile"], 72.0)
layer = document.topLevelNodes()[0]
layer.setPixelData(QByteArray(base64.b64decode(given["samples"])), 0, 0, 32, 32)
document.setColorSpace("RGBA", "F32", "sRGB-elle-V2-g10.icc")
pixels = bytes(layer.pixelData(0, 0, 32, 32))
document.close()
icc = scratch.icc_of(given["model"], "F32", given["profile"]) if given["with_bytes"] else b""
result = [base64.b64encode(data).decode() for data in (pixels, icc)]
