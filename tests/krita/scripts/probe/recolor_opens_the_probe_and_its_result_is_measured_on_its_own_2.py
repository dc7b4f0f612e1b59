"""Recolor opens the probe and its result is measured on its own, 2 of 3."""

from inlay_bridge import result
from inlay_bridge.scene import probe, words

result["delta_e"] = probe.reading.delta_e
result["words"] = words()
