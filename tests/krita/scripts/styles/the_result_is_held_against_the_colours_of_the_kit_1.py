"""The result is held against the colours of the kit, and again once something is painted above it."""

from pathlib import Path

from inlay_bridge import given, result
from inlay_bridge.inside import group_of, masked, pump_until, select, settle, shown
from inlay_bridge.scene import form, made, shown_panel
from PyQt5.QtCore import QByteArray

folder = given["folder"]
probe = shown_panel.probe
style = form.fields["sampling.style"]
form.details.set_open(False)


def told():
    """What is said of the brand once it is measured anew."""
    probe.measure()
    pump_until(lambda: probe.reading is not None or probe.trouble.text(), 60)
    assert not probe.trouble.text(), probe.trouble.text()
    return probe.brand.text().split("\n") if probe.brand.isVisible() else []


group = group_of(made)
masked(made, group, f"{folder}/open")
made.setSelection(None)
made.setActiveNode(group)
settle(made)
probe.section.set_open(True)
shown_panel.look()
result["result"] = told()
result["rest"] = probe.brand.toolTip()
shown(made, f"{folder}/result")

above = made.createNode("retouch", "paintlayer")
made.rootNode().addChildNode(above, None)
wood = b"".join(value.to_bytes(2, "little") for value in (46 * 257, 90 * 257, 140 * 257, 65535))
above.setPixelData(QByteArray(wood * (60 * 220)), 80, 0, 60, 220)
made.refreshProjection()
settle(made)
shown(made, f"{folder}/covered")
result["covered"] = told()
result["covered rest"] = [probe.brand.toolTip()]
select(made, given["other"])
shown_panel.look()
result["selected"] = told()
style.put("plain")
shown_panel.look()
result["plain"] = told()
result["plain reading"] = probe.values.isVisible()
style.put("")
shown_panel.look()
result["none"] = told()
shown(made, f"{folder}/afterwards")
result["unchanged"] = Path(folder, "afterwards").read_bytes() == Path(folder, "covered").read_bytes()
above.remove()
made.refreshProjection()
settle(made)
style.put("kit")
shown_panel.look()
assert told(), "for the picture of the panel"
