"""A picture whose layers lie in a group."""

from inlay_bridge import given
from inlay_bridge.inside import document, select, settle

pixels = given["pixels"]
mask = given["mask"]

made = document(300, 220, "RGBA", "U16", "sRGB-elle-V2-srgbtrc.icc", pixels)
select(made, mask)
folder_ = made.createGroupLayer("retouch")
made.rootNode().addChildNode(folder_, None)
for parent, name in ((folder_, "dust"), (folder_, "skin"), (made.rootNode(), "curves")):
    parent.addChildNode(made.createNode(name, "paintlayer"), None)
made.waitForDone()
settle(made)


def named(name):
    return next(node for node in [*made.rootNode().childNodes(), *folder_.childNodes()] if node.name() == name)
