"""Before is shown while it is held and discard takes all out in one step, 1 of 2."""

from inlay_bridge import given
from inlay_bridge.inside import shown
from inlay_bridge.scene import made, shown_panel

folder = given["folder"]

shown(made, folder + "/before")
shown_panel.run()
