"""Looks at the thumbnail of the result."""

from inlay_bridge import result
from inlay_bridge.scene import folder, job, shown_panel, strip

ratio = shown_panel.devicePixelRatioF()
picture = strip.item(0).icon().pixmap(strip.iconSize())
picture.save(folder + "/thumbnail.png")
result["side"], result["ratio"] = strip.side, ratio
result["picture"] = [picture.width(), picture.height()]
result["high"] = strip.height()
patch = job.candidates[0].memory.patch.bounds
result["bounds"] = [patch.x, patch.y, patch.width, patch.height]
