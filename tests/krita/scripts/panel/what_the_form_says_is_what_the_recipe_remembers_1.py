"""What the form says is what the recipe remembers, 1 of 2."""

from inlay_bridge import given
from inlay_bridge.inside import Wish, pump_until, select, show_wish
from inlay_bridge.scene import form, made, shown_panel
from PyQt5.QtCore import Qt
from PyQt5.QtTest import QTest

mask = given["mask"]

select(made, mask)
said = Wish("fill", prompt="wood", tier="draft", strength=0.35, count=2, seed=77, grow_px=3, feather_px=2)
show_wish(said)
assert form.wish() == said, [form.wish().values, said.values]
pump_until(lambda: shown_panel.go.isEnabled())
QTest.mouseClick(shown_panel.go, Qt.LeftButton)
pump_until(lambda: shown_panel.session.edits)
