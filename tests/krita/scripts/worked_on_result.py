"""Places a result, does some work on it as a retoucher might, and describes the layers before anything else comes."""

from pathlib import Path

from inlay_bridge import given
from inlay_bridge.inside import document, group_of, select, settle, shown
from PyQt5.QtCore import QByteArray

from inlay_krita import api
from inlay_krita.host import place

at = Path(given["folder"])
made = document(300, 220, "RGBA", "U16", "sRGB-elle-V2-srgbtrc.icc", given["pixels"])
select(made, given["mask"])
job = api.edit(seed=5, count=given["count"])
api.wait(job)
api.place(job)
settle(made)
group = group_of(made)


def paint(node):
    node.setPixelData(QByteArray(b"\x00\x00\x10\x90\x00\xf0\xff\xff" * 100), 145, 95, 10, 10)


def add(kind, name):
    node = made.createNode(name, kind)
    group.addChildNode(node, None)
    return node


def nodes(parent):
    return [
        [
            node.name(),
            node.type(),
            node.visible(),
            node.opacity(),
            node.blendingMode(),
            node.colorLabel(),
            nodes(node),
            node.pixelData(120, 80, 40, 40).data().hex() if node.type() != "grouplayer" else "",
        ]
        for node in parent.childNodes()
        if node.type() != "selectionmask"
    ]


def refine():
    refined = next(node for node in group.childNodes() if node.type() == "transparencymask")
    refined.setPixelData(QByteArray(bytes([90]) * 200), 140, 90, 20, 10)


def work_on_everything():
    group.setOpacity(128)
    group.setBlendingMode("multiply")
    group.setColorLabel(3)
    paint(add("paintlayer", "mine"))
    add("vectorlayer", "lines")
    paint(place.variations_of(made, group)[3])


WORK = {
    "none": lambda: None,
    "painted on": lambda: paint(place.variations_of(made, group)[0]),
    "half opaque": lambda: group.setOpacity(128),
    "multiplied": lambda: group.setBlendingMode("multiply"),
    "its layer half opaque": lambda: place.variations_of(made, group)[0].setOpacity(128),
    "a layer inside": lambda: paint(add("paintlayer", "mine")),
    "its mask refined": refine,
    "the second shown": lambda: place.show(made, group, 1),
    "everything": work_on_everything,
}

WORK[given["work"]]()
made.refreshProjection()
made.waitForDone()
settle(made)
shown(made, at / "before")
before = nodes(made.rootNode())
