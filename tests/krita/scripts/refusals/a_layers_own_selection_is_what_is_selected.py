"""A layers own selection is what is selected."""

from inlay_bridge import result
from inlay_bridge.inside import pump_until
from inlay_bridge.scene import picture

from inlay_krita.host import capture

made = picture()
node = made.createSelectionMask("local")
node.setSelection(made.selection())
made.activeNode().addChildNode(node, None)
made.setSelection(None)
made.setActiveNode(made.topLevelNodes()[0])
pump_until(lambda: capture.region_of(made) is not None, 20)
mask = capture.selection_of(made)
result["region"], result["selected"] = list(mask.region), mask.data.count(255)
