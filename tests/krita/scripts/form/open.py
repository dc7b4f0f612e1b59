"""Opens the photograph with a selection in it, and a form that nobody touched."""

from inlay_bridge import given
from inlay_bridge.inside import Wish, app, panel, pump_until, select, show, show_wish

photo = given["photo"]
mask = given["mask"]

shown_panel = panel()
form = shown_panel.form
show_wish(Wish(seed=3))
made = app.openDocument(photo)
show(made)
select(made, mask)
app.activeWindow().qwindow().activateWindow()
pump_until(lambda: shown_panel.go.isEnabled())
