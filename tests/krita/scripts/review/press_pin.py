"""Presses a pin's words, and then what lies before them."""

from inlay_bridge import given
from inlay_bridge.scene import review
from PyQt5 import QtWidgets
from PyQt5.QtCore import Qt
from PyQt5.QtTest import QTest

if given["part"] == "words":
    (said,) = [one for one in review._list.findChildren(QtWidgets.QLabel) if given["text"] in one.text()]
    QTest.mouseClick(said, Qt.LeftButton)
else:
    (tick,) = [one for one in review._list.findChildren(QtWidgets.QCheckBox) if given["text"] in one.accessibleName()]
    QTest.mouseClick(tick, Qt.LeftButton)
