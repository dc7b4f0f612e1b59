"""Recolor opens the probe and its result is measured on its own, 3 of 3."""

from inlay_bridge import result
from inlay_bridge.inside import group_of, pump_until, settle
from inlay_bridge.scene import made, probe, shown_panel

made.setSelection(None)
probe.measure()
pump_until(lambda: probe.reading is not None)
result["delta_e"] = probe.reading.delta_e
made.setActiveNode(group_of(made))
settle(made)
shown_panel.look()
pump_until(lambda: probe.reading is not None)
result["with the result active"] = probe.reading.delta_e
