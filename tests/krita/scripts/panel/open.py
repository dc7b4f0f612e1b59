"""Opens the photograph, with the panel beside it."""

from inlay_bridge import given
from inlay_bridge.inside import app, panel, show

photo = given["photo"]

shown_panel = panel()
form = shown_panel.form
made = app.openDocument(photo)
show(made)
