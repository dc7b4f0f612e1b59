"""A thumbnail shows the region and survives reopening, 1 of 2."""

from inlay_bridge.scene import shown_panel

shown_panel.run()
