"""Finishing the second draft keeps what it shows and the drafts below, 2 of 3."""

from inlay_bridge.scene import asked, shown_panel

shown_panel.variations.finish.click()
asked += shown_panel.session.edits
