"""A click places what was thrown away again pixel for pixel, 2 of 3."""

from inlay_bridge.scene import history
from PyQt5.QtCore import Qt
from PyQt5.QtTest import QTest

at_row = history.list.visualItemRect(history.list.item(1)).center()
QTest.mouseClick(history.list.viewport(), Qt.LeftButton, Qt.NoModifier, at_row)
