"""A result leaves the keyboard with whom it was, 2 of 2."""

from inlay_bridge import result
from inlay_bridge.inside import focused, group_of, settle
from inlay_bridge.scene import holder, made

from inlay_krita.host import place

settle(made)
result["kept"] = focused() is holder
result["shown"] = place.shown(made, group_of(made))
