"""An edit of another or a closed picture is seen and can be cancelled."""

from inlay_bridge import result
from inlay_bridge.inside import Wish, app, close, pump_until
from inlay_bridge.scene import made, shown_panel
from PyQt5.QtCore import Qt
from PyQt5.QtTest import QTest

from inlay_krita import api

elsewhere = shown_panel.progress.elsewhere
long = Wish(count=16, tier="final", seed=1)
first = api.session().run(long)
other = app.createDocument(300, 200, "other", "RGBA", "U8", "sRGB-elle-V2-srgbtrc.icc", 300.0)
app.activeWindow().addView(other)
app.setActiveDocument(other)
pump_until(lambda: elsewhere.isVisible())
result["open"] = elsewhere.words.text()
pump_until(lambda: first.phase in ("queued", "painting") or first.has_ended)
close(made)
pump_until(lambda: elsewhere.isVisible(), 20)
result["closed"] = [elsewhere.words.text(), first.phase]
QTest.mouseClick(elsewhere.cancel, Qt.LeftButton)
pump_until(lambda: first.has_ended, 60)
pump_until(lambda: not elsewhere.isVisible(), 20)
result["ended"] = first.phase
