"""Before is shown while it is held and discard takes all out in one step, 2 of 2."""

from inlay_bridge import result
from inlay_bridge.inside import app, pump_until, settle, shown, undo
from inlay_bridge.scene import folder, made, shown_panel
from PyQt5.QtCore import Qt
from PyQt5.QtTest import QTest

from inlay_krita.host import place

settle(made)
shown(made, folder + "/after")
QTest.mousePress(shown_panel.variations.before, Qt.LeftButton)
settle(made)
shown(made, folder + "/held")
result["ants"] = app.action("toggle_display_selection").isChecked()
QTest.mouseRelease(shown_panel.variations.before, Qt.LeftButton)
settle(made)
result["ants after"] = app.action("toggle_display_selection").isChecked()
shown(made, folder + "/let go")
QTest.mouseClick(shown_panel.variations.discard, Qt.LeftButton)
pump_until(lambda: not place.results_of(made))
settle(made)
shown(made, folder + "/discarded")
undo(made)
result["undone"] = len(place.results_of(made))
shown(made, folder + "/undone")
