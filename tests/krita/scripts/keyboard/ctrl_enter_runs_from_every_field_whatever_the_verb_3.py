"""Ctrl enter runs from every field whatever the verb, 3 of 3."""

from inlay_bridge.inside import Wish, show_wish
from inlay_bridge.scene import form, shown_panel

del shown_panel.session.run
form.details.set_open(False)
show_wish(Wish())
