"""Does something with a picture, and closes it in the same breath. `over` says when Krita's layer list must have looked.

Krita deletes the view once this script has ended, and not while it lets Krita live.
"""

from inlay_bridge import given
from inlay_bridge.inside import document
from PyQt5.QtCore import QTimer

from inlay_krita import api
from inlay_krita.host import place
from krita import Selection

LATER_MS = 250
"""A timer of Krita's that was set before is over by then: its layer list looks after 100."""

made = document(300, 220, "RGBA", "U8", "sRGB-elle-V2-srgbtrc.icc", given["pixels"])
group = made.createGroupLayer("result")
made.rootNode().addChildNode(group, None)
made.waitForDone()


def compare():
    """As quickly as a key that repeats."""
    for hidden in (True, False):
        place.hide(made, group, hidden)


def ask():
    """Of its own it selects something, which changes the layer list twice."""
    selection = Selection()
    selection.select(20, 20, 100, 100, 255)
    made.setSelection(selection)
    api.connect()


{"compare": compare, "ask": ask}[given["does"]]()
made.setModified(False)
made.close()
over = []
QTimer.singleShot(LATER_MS, lambda: over.append(True))
