"""The card copies its command and the doctor looks, 2 of 2."""

import os

from inlay_bridge import result
from inlay_bridge.scene import buttons, card, path
from PyQt5.QtCore import Qt
from PyQt5.QtTest import QTest

result["found"] = card.findings.text()
result["visible"] = card.findings.isVisible()
os.environ["PATH"] = "/nowhere"
QTest.mouseClick(buttons["Doctor"], Qt.LeftButton)
result["without"] = card.findings.text()
os.environ["PATH"] = path
