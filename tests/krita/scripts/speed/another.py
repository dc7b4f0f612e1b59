"""Begins another edit in the same picture."""

from inlay_bridge.inside import Wish, settle
from inlay_bridge.scene import Heart, made

from inlay_krita import api

moved = made.selection().duplicate()
moved.move(1500, 700)
made.setSelection(moved)
settle(made)
job = api.session().run(Wish(verb="erase", seed=2))
heart = Heart()
