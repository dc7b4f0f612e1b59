"""What cannot be edited is refused with a sentence that says what to do, and the document stays as it was."""

import pytest

from krita.driver import Krita


@pytest.mark.parametrize(
    ("model", "area", "said"),
    [
        ("CMYKA", [8, 8, 20, 20], "Convert a copy with Image › Convert Image Color Space… to RGB"),
        ("RGBA", None, "Select what should change"),
        ("RGBA", [70, 70, 20, 20], "The selection lies outside the canvas"),
    ],
)
def test_the_reason_says_what_to_do(real_krita: Krita, model: str, area: list[int] | None, said: str):
    result = real_krita.script("refused", model=model, area=area)
    assert said in result["said"]
    assert result["untouched"][:2] == [True, model]


def test_without_a_document_the_panel_says_so(real_krita: Krita):
    result = real_krita.run(
        """
        from inlay_bridge.inside import *
        shown_panel = panel()
        pump(1.0)
        result["hud"] = shown_panel.hud.text()
        result["can run"] = shown_panel.go.isEnabled()
        """
    )
    assert result == {"hud": "Open a picture to begin.", "can run": False}


ADVISED = """
from inlay_bridge.inside import *
from inlay_krita import api
from krita import Selection
def picture(depth="U8", values=None):
    made = app.createDocument(160, 120, "test", "RGBA", depth, "", 300.0)
    app.activeWindow().addView(made)
    pump()
    if values:
        made.topLevelNodes()[0].setPixelData(values, 0, 0, 160, 120)
        made.refreshProjection()
    selection = Selection()
    selection.select(50, 40, 30, 20, 255)
    made.setSelection(selection)
    pump()
    return made

def told(**wish):
    try:
        job = api.edit(**wish)
        api.wait(job)
        api.place(job)
        return job.message
    except api.CannotEdit as reason:
        return str(reason)
"""


def test_erasing_the_whole_picture_is_refused_before_it_runs(real_krita: Krita, tmp_path):
    result = real_krita.run(
        ADVISED
        + """
made = picture()
app.action("select_all").trigger()
made.waitForDone()
pump_until(lambda: made.selection() is not None and made.selection().width() == 160)
result["said"] = told(verb="erase")
result["layers"] = len(made.topLevelNodes())
""",
        folder=str(tmp_path),
    )
    assert "nothing is left to continue" in result["said"]


def test_that_one_layer_lies_over_every_frame_of_an_animation_is_told(real_krita: Krita, tmp_path):
    result = real_krita.run(
        ADVISED
        + """
picture()
result["still"] = told(verb="erase")
made = picture()
made.topLevelNodes()[0].enableAnimation()
pump_until(lambda: made.topLevelNodes()[0].animated(), 20)
result["animated"] = told(verb="erase")
""",
        folder=str(tmp_path),
    )
    assert ["every frame" in result[name] for name in ("still", "animated")] == [False, True]


def test_a_layers_own_selection_is_what_is_selected(real_krita: Krita, tmp_path):
    result = real_krita.run(
        ADVISED
        + """
from inlay_krita.host import capture
made = picture()
node = made.createSelectionMask("local")
node.setSelection(made.selection())
made.activeNode().addChildNode(node, None)
made.setSelection(None)
made.setActiveNode(made.topLevelNodes()[0])
pump_until(lambda: capture.region_of(made) is not None, 20)
mask = capture.selection_of(made)
result["region"], result["selected"] = list(mask.region), mask.data.count(255)
""",
        folder=str(tmp_path),
    )
    assert result == {"region": [50, 40, 30, 20], "selected": 600}


def test_values_above_white_under_a_mask_are_told(real_krita: Krita, tmp_path):
    result = real_krita.run(
        ADVISED
        + """
import struct
from PyQt5.QtCore import QByteArray
bright = QByteArray(struct.pack("<4f", 3.0, 2.0, 0.5, 1.0) * (160 * 120))
made = picture("F32", bright)
result["bright"] = told(verb="erase")
made = picture("F32", QByteArray(struct.pack("<4f", 0.5, 0.4, 0.3, 1.0) * (160 * 120)))
result["plain"] = told(verb="erase")
""",
        folder=str(tmp_path),
    )
    assert "above white" in result["bright"]
    assert "above white" not in result["plain"]


def test_a_file_that_forgets_how_results_were_made_is_named_when_it_is_written(real_krita: Krita, tmp_path):
    result = real_krita.run(
        ADVISED
        + """
shown_panel = panel()
made = picture()
told(verb="erase")
made.setBatchmode(True)
for suffix in (".kra", ".ora"):
    made.saveAs(folder + "/saved" + suffix)
    made.waitForDone()
    pump_until(lambda: made.fileName().endswith(suffix))
    pump(0.3)
    result[suffix] = shown_panel.trouble.text()
""",
        folder=str(tmp_path),
    )
    assert result[".kra"] == ""
    assert "Save a .kra beside it" in result[".ora"]


def test_an_edit_that_is_cancelled_too_late_is_not_offered(real_krita: Krita, tmp_path):
    result = real_krita.run(
        ADVISED
        + """
from inlay_krita.client.tasks import Task
from inlay_krita.host import identity
made = picture()
session = api.session()
job = session.run(Wish(verb="erase"))
pump_until(lambda: job.phase in ("fetching", "placing") or job.has_ended)
job.cancel()
asked = Task(session._ask_for(made, identity.opening_of(made)))
pump_until(lambda: asked.done())
result["phase"], result["offers"] = job.phase, len(session.offers_of(made))
""",
        folder=str(tmp_path),
    )
    assert result == {"phase": "cancelled", "offers": 0}
