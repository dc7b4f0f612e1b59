"""A click places what was thrown away again pixel for pixel, 1 of 3."""

from inlay_bridge import given
from inlay_bridge.inside import group_of, pump_until, save_and_reopen, settle, shown
from inlay_bridge.scene import at, made, shown_panel

from inlay_krita import api
from inlay_krita.host import place

closed = given["closed"]

if closed:
    made = save_and_reopen(made, str(at / "saved.kra"))
api.session().discard(made, group_of(made))
pump_until(lambda: len(made.rootNode().childNodes()) == 2 or not place.results_of(made))
settle(made)
shown(made, at / "without")
shown_panel.look()
