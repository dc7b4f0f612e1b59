"""The form remembers each picture and what was said before, 2 of 2."""

from inlay_bridge import given, result
from inlay_bridge.inside import app, close, field, pump_until, save_and_reopen, type_into
from inlay_bridge.scene import first, form, shown_panel
from PyQt5.QtCore import Qt
from PyQt5.QtTest import QTest

from inlay_krita.host import identity

path = given["path"]

other = app.createDocument(300, 200, "other", "RGBA", "U8", "sRGB-elle-V2-srgbtrc.icc", 300.0)
app.activeWindow().addView(other)
app.setActiveDocument(other)
pump_until(lambda: shown_panel._opening == identity.opening_of(other))
form.verb.put("recolor")
close(other)
pump_until(lambda: form.verb.get() == "fill", 20)
result["back in the first"] = [form.verb.get(), field.prompt.get(), field.count.get()]
field.prompt.put("")
type_into(field.prompt)
QTest.keyClick(field.prompt, Qt.Key_Up)
result["arrow up"] = field.prompt.get()
QTest.keyClick(field.prompt, Qt.Key_Down)
result["arrow down"] = field.prompt.get()
form.verb.put("recolor")
first = save_and_reopen(first, path)
pump_until(lambda: form.verb.get() == "fill", 20)
result["after reopening"] = [form.verb.get(), field.prompt.get(), field.count.get()]
