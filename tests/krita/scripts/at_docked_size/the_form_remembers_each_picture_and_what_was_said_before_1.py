"""The form remembers each picture and what was said before, 1 of 2."""

from inlay_bridge.inside import pump_until
from inlay_bridge.scene import made, shown_panel

first = made
shown_panel.run()
pump_until(lambda: shown_panel.session.edits)
