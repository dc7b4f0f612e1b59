"""What the panel says, and which labels do not show all of their words."""

from inlay_bridge import result
from inlay_bridge.inside import QtWidgets, settle
from inlay_bridge.scene import made, shown_panel

settle(made)
labels = [one for one in shown_panel.findChildren(QtWidgets.QLabel) if one.isVisible() and one.text()]
result["words"] = [one.text() for one in labels]
result["cut off"] = [
    one.text()
    for one in labels
    if one.width() < one.sizeHint().width() and not (one.wordWrap() and one.height() >= one.heightForWidth(one.width()))
]
