"""Draws a line of type in each of the given faces, on a vector layer of its own, and writes down what it shows."""

from pathlib import Path
from types import SimpleNamespace

from inlay_bridge import given
from inlay_bridge.inside import document, pump_until

from inlay_krita.host.live_type import svg_of

width, height = 400, 200
made = document(width, height, "RGBA", "U8", "sRGB-elle-V2-srgbtrc.icc", given["pixels"])
for name, face in given["faces"].items():
    origin = SimpleNamespace(x=60.0, y=120.0)
    line = SimpleNamespace(**{**given["plain"], **face}, origin=origin)
    layer = made.createVectorLayer(name)
    made.rootNode().addChildNode(layer, None)
    layer.addShapesFromSvg(svg_of(line, width, height))
    pump_until(lambda layer=layer: layer.bounds().width() > 20)
    made.waitForDone()
    (Path(given["folder"]) / name).write_bytes(layer.projectionPixelData(0, 0, width, height).data())
