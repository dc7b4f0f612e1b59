"""A picture that was saved before its first edit gets the result of a crash, 3 of 3."""

from inlay_bridge import given, result
from inlay_bridge.inside import tree
from inlay_bridge.scene import offered

path = given["path"]

result["tree"] = tree(offered(path))
