"""How long the plugin holds Krita's UI thread: measured and printed for a 1024 px window in a 24 megapixel picture."""

import json
from pathlib import Path

import numpy as np
import pytest

from krita.driver import Krita
from krita.photo import grainy, soft, write

WIDTH, HEIGHT = 6000, 4000

BEGIN = """
from inlay_bridge.inside import *
from inlay_krita import api
import time
made = document(width, height, "RGBA", "U16", "sRGB-elle-V2-srgbtrc.icc", pixels)
select(made, mask)
pump(1.0)

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

# Whatever the plugin does in Krita's UI thread begins in one of these.
from inlay_krita.client.tasks import Task
from inlay_krita.session import Session
from inlay_krita.ui.panel import Panel
entered = {}
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
"""


TELL = """
heart.timer.stop()
result["phase"] = job.phase
result["message"] = job.message
result["window, px"] = [job.recipe.canvas.window.width, job.recipe.canvas.window.height]
result["longest stay in the plugin, ms"] = {name: round(took, 1) for name, took in entered.items()}
entered.clear()
result["longest pause of the loop, ms"] = {name: round(took, 1) for name, took in heart.longest.items()}
result["sent, bytes"] = job.uploaded_bytes
def read_a_megapixel():
    began = time.perf_counter()
    made.rootNode().projectionPixelData(0, 0, 1000, 1000).data()
    return 1000 * (time.perf_counter() - began)
result["a megapixel read, ms"] = min(read_a_megapixel() for _ in range(5))
"""

ANOTHER = """
moved = made.selection().duplicate()
moved.move(1500, 700)
made.setSelection(moved)
pump(1.0)
job = api.session().run(Wish(verb="erase", seed=2))
heart = Heart()
"""


@pytest.mark.slow
def test_a_1024_px_window_in_24_megapixels_is_edited_and_its_holds_are_told(
    real_krita: Krita, tmp_path, screenshots: Path
):
    tile = grainy(1000, 1000, "RGBA", "U16")
    picture = np.tile(tile, (HEIGHT // 1000, WIDTH // 1000, 1))
    mask = soft(WIDTH, HEIGHT, (2000, 1500), 180, 24)
    real_krita.run(
        "from PyQt5.QtCore import QObject, QTimer\n" + BEGIN,
        timeout_s=240,
        width=WIDTH,
        height=HEIGHT,
        pixels=write(picture, tmp_path / "pixels"),
        mask=write(mask, tmp_path / "mask"),
    )
    held = {}
    for name, again in (("first result in the picture", ANOTHER), ("second result in the picture", "")):
        real_krita.until("job.has_ended")
        held[name] = real_krita.run(TELL + again)
        assert held[name]["phase"] == "placed", held[name]["message"]
    (screenshots.parent / "ui_holds.json").write_text(json.dumps(held, indent=2))  # For bench/ui_holds.py.
