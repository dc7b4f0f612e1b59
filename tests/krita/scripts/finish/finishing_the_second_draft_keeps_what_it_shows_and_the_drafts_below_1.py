"""Finishing the second draft keeps what it shows and the drafts below, 1 of 3."""

from inlay_bridge.inside import group_of, panel, pump_until, settle, shown
from inlay_bridge.scene import at, made

from inlay_krita import api
from inlay_krita.host import place

job = api.edit(verb="fill", prompt="a red kite", tier="draft", count=2, seed=3)
api.wait(job)
api.place(job)
group = group_of(made)
for number in (0, 1):
    place.show(made, group, number)
    settle(made)
    shown(made, at / f"draft {number}")
place.variations_of(made, group)[1].setName("the good one")
shown_panel = panel()
pump_until(lambda: shown_panel.variations.finish.isVisible())
asked = []
