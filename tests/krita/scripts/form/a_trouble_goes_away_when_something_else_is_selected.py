"""A trouble goes away when something else is selected."""

from inlay_bridge import result
from inlay_bridge.inside import pump_until
from inlay_bridge.scene import made, shown_panel
from PyQt5.QtCore import Qt
from PyQt5.QtTest import QTest

shown_panel.do("run_again")
result["said"] = shown_panel.trouble.text()
for _ in range(3):
    shown_panel.look()
result["stays"] = shown_panel.trouble.isVisible()
made.setSelection(None)
pump_until(lambda: not shown_panel.trouble.isVisible(), 20)
result["left"] = shown_panel.hud.text()
shown_panel.do("run_again")
QTest.mouseClick(shown_panel.close_trouble, Qt.LeftButton)
result["closed"] = not shown_panel.trouble.isVisible()
