"""Keep changes nothing but the other variations and one undo takes it back, 2 of 2."""

from inlay_bridge import result
from inlay_bridge.inside import shown, undo
from inlay_bridge.scene import at, made, nodes

undo(made)
shown(made, at / "undone")
result["undone"] = nodes(made.rootNode())
