"""Opens the panel beside a picture whose active layer is in a hidden group, and runs an edit that lands there."""

from inlay_bridge.inside import panel, settle
from inlay_bridge.scene import made

shown_panel = panel()
around = made.createGroupLayer("Notes")
made.rootNode().addChildNode(around, None)
inside = made.createNode("note", "paintlayer")
around.addChildNode(inside, None)
around.setVisible(False)
made.refreshProjection()
made.setActiveNode(inside)
settle(made)
shown_panel.form.fields["panel.lands"].put("group")
shown_panel.run("erase")
