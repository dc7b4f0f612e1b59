"""Opens an animated file and notes what its timeline says, and what its layer and the picture show at every time."""

from pathlib import Path

from inlay_bridge import given, result
from inlay_bridge.inside import app, pump_until, settle, show

opened = app.openDocument(given["file"])
show(opened)
settle(opened)
(layer,) = opened.rootNode().childNodes()
width, height = opened.width(), opened.height()
result["document"] = [
    width,
    height,
    opened.colorModel(),
    opened.colorDepth(),
    opened.colorProfile(),
    opened.resolution(),
]
result["layer"] = [layer.name(), layer.animated(), layer.isPinnedToTimeline()]
result["fps"] = opened.framesPerSecond()
result["plays"] = [opened.playBackStartTime(), opened.playBackEndTime()]
result["clip"] = [opened.fullClipRangeStartTime(), opened.fullClipRangeEndTime(), opened.animationLength()]
result["stands_at"] = opened.currentTime()
result["keyframes"] = [at for at in range(given["count"] + 3) if layer.hasKeyframeAtTime(at)]
result["beside"] = list(layer.pixelDataAtTime(-100, -100, 1, 1, 1).data())
result["note"] = bytes(opened.annotation("inlay/provenance")).decode()
result["uuid"] = layer.uniqueId().toString()
folder = Path(given["folder"])
for at in range(given["count"]):
    opened.setCurrentTime(at)
    opened.waitForDone()
    pump_until(lambda at=at: opened.currentTime() == at)
    opened.refreshProjection()
    opened.waitForDone()
    (folder / f"layer {at}").write_bytes(layer.pixelDataAtTime(0, 0, width, height, at).data())
    (folder / f"shown {at}").write_bytes(opened.pixelData(0, 0, width, height).data())
opened.setBatchmode(True)
assert opened.saveAs(str(folder / "saved again.kra"))
opened.waitForDone()
