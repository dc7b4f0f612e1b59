"""That one layer lies over every frame of an animation is told."""

from inlay_bridge import result
from inlay_bridge.inside import pump_until
from inlay_bridge.scene import picture, told

picture()
result["still"] = told(verb="erase")
made = picture()
made.topLevelNodes()[0].enableAnimation()
pump_until(lambda: made.topLevelNodes()[0].animated(), 20)
result["animated"] = told(verb="erase")
