"""A result leaves the keyboard with whom it was, 1 of 2."""

from inlay_bridge.inside import Wish, show_wish
from inlay_bridge.scene import form, shown_panel

show_wish(Wish(verb="fill", seed=3, count=2))
form.details.set_open(True)
shown_panel.run()
