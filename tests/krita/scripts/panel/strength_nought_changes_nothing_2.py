"""Strength nought changes nothing, 2 of 2."""

from inlay_bridge import result
from inlay_bridge.inside import field, shown, tree
from inlay_bridge.scene import at, made

shown(made, at + "/after")
result["placed"] = [node[1] for node in tree(made)]
field.strength.setValue(100)
