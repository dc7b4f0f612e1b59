"""Opens the photograph with a selection in it, and a panel beside it."""

from inlay_bridge import given
from inlay_bridge.inside import Wish, app, panel, pump_until, select, show, show_wish

photo = given["photo"]
mask = given["mask"]

shown_panel = panel()
form = shown_panel.form
show_wish(Wish(seed=3, count=2))
made = app.openDocument(photo)
show(made)
select(made, mask)
pump_until(lambda: shown_panel.go.isEnabled())
