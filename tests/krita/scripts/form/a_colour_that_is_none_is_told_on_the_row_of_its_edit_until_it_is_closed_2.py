"""A colour that is none is told on the row of its edit until it is closed, 2 of 3."""

from inlay_bridge import result
from inlay_bridge.scene import shown_panel
from PyQt5.QtCore import Qt
from PyQt5.QtTest import QTest

(row,) = shown_panel.progress.rows.values()
result["said"], result["seen"] = row.words.text(), row.words.isVisible()
QTest.mouseClick(row.close_button, Qt.LeftButton)
