"""A prompt typed into the panel is painted by the model and placed under the selection, 1 of 2."""

from inlay_bridge import given
from inlay_bridge.inside import app, field, panel, pump_until, select, selected, show, shown, type_into
from inlay_bridge.scene import at
from PyQt5.QtCore import Qt
from PyQt5.QtTest import QTest

photo = given["photo"]
mask = given["mask"]
prompt = given["prompt"]
unwanted = given["unwanted"]

shown_panel = panel()
form = shown_panel.form
made = app.openDocument(photo)
show(made)
select(made, mask)
shown(made, at / "before")
selected(made, at / "selection")
pump_until(lambda: shown_panel.go.isEnabled() and shown_panel.hud.text())
QTest.keyClick(form.verb, Qt.Key_Down)
assert form.verb.currentText() == "Fill", form.verb.currentText()
pump_until(lambda: field.negative_prompt is not None)
QTest.keyClicks(field.prompt, prompt)
QTest.keyClicks(field.negative_prompt, unwanted)
field.strength.setValue(50)
field.count.setValue(2)
pump_until(lambda: shown_panel.go.isEnabled())
form.details.set_open(True)
type_into(field.negative_prompt)
