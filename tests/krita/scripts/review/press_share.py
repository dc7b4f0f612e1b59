"""Opens what asks who looks, by its button, and says it with the keyboard."""

from inlay_bridge import given
from inlay_bridge.inside import type_into
from inlay_bridge.scene import shown_panel
from PyQt5.QtCore import Qt
from PyQt5.QtTest import QTest

share = shown_panel.variations.share
if not share.turn.isChecked():
    QTest.mouseClick(share.turn, Qt.LeftButton)
type_into(share.who)
share.who.setText(given["name"])
QTest.keyClick(share.who, Qt.Key_Return)
