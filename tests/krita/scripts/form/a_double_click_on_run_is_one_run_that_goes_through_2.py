"""A double click on run is one run that goes through, 2 of 2."""

from inlay_bridge.scene import shown_panel

del shown_panel.session.run
