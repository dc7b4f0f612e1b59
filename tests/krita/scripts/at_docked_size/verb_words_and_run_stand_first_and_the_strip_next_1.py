"""Verb words and run stand first and the strip next, 1 of 2."""

from inlay_bridge.scene import shown_panel

shown_panel.run()
