"""Opens the photograph beside a panel of the size that is given."""

from inlay_bridge import given
from inlay_bridge.inside import Wish, app, panel, pump_until, select, show, show_wish

width = given["width"]
height = given["height"]
photo = given["photo"]
mask = given["mask"]

shown_panel = panel(width, height)
form = shown_panel.form
made = app.openDocument(photo)
show(made)
select(made, mask)
show_wish(Wish("fill", prompt="wood", seed=3, count=2))
pump_until(lambda: shown_panel.go.isEnabled())
