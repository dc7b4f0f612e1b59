"""A result that no model painted offers no finish and its shortcut says why."""

from inlay_bridge import result
from inlay_bridge.inside import panel, settle
from inlay_bridge.scene import made

from inlay_krita import api

job = api.edit(verb="erase", tier="draft")
api.wait(job)
api.place(job)
settle(made)
shown_panel = panel()
shown_panel.look()
result["result is shown"] = shown_panel.variations.isVisible()
result["offered"] = shown_panel.variations.finish.isVisible()
shown_panel.do("finish")
result["trouble"] = shown_panel.trouble.text()
