"""Writes down what a line of type is and shows, and what is left once it is undone."""

from pathlib import Path

from inlay_bridge import given, result
from inlay_bridge.inside import shown, tree, undo
from inlay_bridge.scene import made, vector

at = Path(given["folder"])
result["svg"] = [[shape.type(), shape.toSvg()] for shape in vector.shapes()]
(at / "type").write_bytes(vector.projectionPixelData(0, 0, 300, 220).data())
shown(made, at / "shown")
undo(made)
result["undone"] = tree(made)
shown(made, at / "undone")
