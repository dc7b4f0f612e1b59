"""Begins an edit, and measures from now on."""

import time

from inlay_bridge import given
from inlay_bridge.inside import Wish, document, panel, select, settle
from PyQt5.QtCore import QObject, QTimer

from inlay_krita import api
from inlay_krita.client.tasks import Task
from inlay_krita.session import Session
from inlay_krita.ui.panel import Panel

width = given["width"]
height = given["height"]
pixels = given["pixels"]
mask = given["mask"]

made = document(width, height, "RGBA", "U16", "sRGB-elle-V2-srgbtrc.icc", pixels)
select(made, mask)
settle(made)


class Heart(QObject):
    # The longest pause between two beats of the event loop is the longest that anybody held it.
    def __init__(self):
        super().__init__()
        self.longest, self.last, self.phase = {}, time.perf_counter(), ""
        self.timer = QTimer(self)
        self.timer.timeout.connect(self.beat)
        self.timer.start(2)

    def beat(self):
        now = time.perf_counter()
        phase = job.phase
        self.longest[phase] = max(self.longest.get(phase, 0.0), 1000 * (now - self.last))
        self.last = now


# Whatever the plugin does in Krita's UI thread begins in one of these, which are wrapped until `speed/end`.
entered, bare = {}, []


def timed(owner, name):
    does = getattr(owner, name)

    def wrapper(self, *arguments):
        began = time.perf_counter()
        try:
            return does(self, *arguments)
        finally:
            took = 1000 * (time.perf_counter() - began)
            where = self._coroutine.__qualname__ if name == "_advance" else f"{owner.__name__}.{name}"
            entered[where] = max(entered.get(where, 0.0), took)

    bare.append((owner, name, does))
    setattr(owner, name, wrapper)


for owner, name in ((Task, "_advance"), (Panel, "look"), (Panel, "refresh"), (Session, "_look_for_documents")):
    timed(owner, name)
shown_panel = panel()
shown_panel.probe.section.set_open(True)
session = api.session()
looks = ((shown_panel._timer, lambda: shown_panel.look()), (session._timer, lambda: session._look_for_documents()))
for timer, does in looks:
    timer.timeout.disconnect()
    timer.timeout.connect(does)

job = api.session().run(Wish(verb="erase", seed=2))
heart = Heart()
