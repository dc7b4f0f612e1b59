"""Select run flip keep, 4 of 5."""

from inlay_bridge import result
from inlay_bridge.inside import tree
from inlay_bridge.scene import made, shown_panel
from PyQt5.QtCore import Qt
from PyQt5.QtTest import QTest

result["tree"] = tree(made)
QTest.mouseClick(shown_panel.variations.more, Qt.LeftButton)
