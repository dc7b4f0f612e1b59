"""What cannot be edited is refused with a sentence that says what to do, and the document stays as it was."""

import pytest

from krita.driver import Krita

TRY = """
from inlay_bridge.inside import *
from inlay_krita import api
from krita import Selection
made = app.createDocument(64, 64, "test", model, "U8", "", 300.0)
app.activeWindow().addView(made)
pump()
if area:
    selection = Selection()
    selection.select(*area, 255)
    made.setSelection(selection)
    pump()
made.setModified(False)
try:
    api.edit(verb="erase")
    result["said"] = ""
except api.CannotEdit as reason:
    result["said"] = str(reason)
result["untouched"] = [not made.modified(), made.colorModel(), len(made.topLevelNodes())]
"""


@pytest.mark.parametrize(
    ("model", "area", "said"),
    [
        ("CMYKA", [8, 8, 20, 20], "Convert a copy with Image › Convert Image Color Space… to RGB"),
        ("RGBA", None, "Nothing is selected. Select what should change"),
        ("RGBA", [70, 70, 20, 20], "The selection lies outside the canvas"),
    ],
)
def test_the_reason_says_what_to_do(real_krita: Krita, model: str, area: list[int] | None, said: str):
    result = real_krita.run(TRY, model=model, area=area)
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
