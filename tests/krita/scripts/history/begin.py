"""Erases twice over, keeps the first of two variations, and opens the history."""

from pathlib import Path

from inlay_bridge import given
from inlay_bridge.inside import document, group_of, panel, pump_until, select, settle, shown

from inlay_krita import api
from inlay_krita.host import place

at = Path(given["folder"])
shown_panel = panel()
history = shown_panel.history
made = document(300, 220, "RGBA", "U16", "sRGB-elle-V2-srgbtrc.icc", given["pixels"])
select(made, given["mask"])
job = api.edit(seed=3, count=2)
api.wait(job)
api.place(job)
group = group_of(made)
place.show(made, group, 0)
api.session().keep(made, group)
pump_until(lambda: len(place.variations_of(made, group)) == 1)
settle(made)
shown(made, at / "kept")
shown_panel.look()
history.section.set_open(True)
