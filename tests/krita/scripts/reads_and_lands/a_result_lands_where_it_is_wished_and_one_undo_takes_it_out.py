"""A result lands where it is wished and one undo takes it out."""

from inlay_bridge import result
from inlay_bridge.inside import shown, undo
from inlay_bridge.scene import folder, folder_, made


def names(parent):
    return [node.name() for node in reversed(parent.childNodes()) if node.type() != "selectionmask"]


result["root"], result["inside"] = names(made.rootNode()), names(folder_)
shown(made, folder + "/after")
undo(made)
result["undone"] = [names(made.rootNode()), names(folder_)]
