"""The panel where Krita docks it: what matters stands without scrolling, and the strip of results does what it says."""

import shutil
from pathlib import Path

import numpy as np
import pytest
from skimage import data

from krita.driver import Krita, Screen
from krita.photo import read, soft, write

OPEN = """
from inlay_bridge.inside import *
from inlay_krita import api
from inlay_krita.host import place
from PyQt5.QtTest import QTest
shown_panel = panel(width, height)
form = shown_panel.form
made = app.openDocument(photo)
app.activeWindow().addView(made)
pump_until(lambda: app.activeDocument() == made)
select(made, mask)
show_wish(Wish("fill", prompt="wood", seed=3, count=2))
pump_until(lambda: shown_panel.go.isEnabled())
"""

FIRST_PX = 140
SIZES = [(250, 190), (230, 300), (250, 660)]


@pytest.fixture
def given(tmp_path: Path) -> dict[str, object]:
    """A photograph, and the spoon's handle on it, selected softly."""
    photo = shutil.copy(Path(data.data_dir) / "coffee.png", tmp_path)
    mask = write(soft(600, 400, (478, 122), 26, 6), tmp_path / "mask")
    return {"photo": str(photo), "mask": mask, "width": 250, "height": 660}


@pytest.mark.parametrize(("width", "height"), SIZES)
def test_verb_words_and_run_stand_first_and_the_strip_next(
    width: int, height: int, real_krita: Krita, screen: Screen, screenshots: Path, given: dict[str, object]
) -> None:
    real_krita.run(OPEN + "shown_panel.run()", **{**given, "width": width, "height": height})
    real_krita.until("not shown_panel.session.edits and shown_panel.variations.isVisible()")
    seen = real_krita.run(
        """
        def low(part):
            return part.mapTo(shown_panel, part.rect().bottomLeft()).y()
        result["places"] = {}
        for verb in ("erase", "fill", "recolor", "fill"):
            form.verb.put(verb)
            pump_until(lambda: shown_panel.hud.text() and not form.details.is_open)
            pump(0.2)
            parts = [form.verb, *(one for one in [field.prompt] if one), shown_panel.go]
            result["places"][verb] = [low(part) for part in parts]
        result["strip"] = [
            low(shown_panel.go), shown_panel.variations.strip.mapTo(shown_panel, QtCore_point()).y(),
            shown_panel.variations.strip.count(),
        ]
        result["size"] = [shown_panel.width(), shown_panel.height()]
        result["seen whole"] = not shown_panel.go.visibleRegion().isEmpty() and (
            shown_panel.go.visibleRegion().boundingRect() == shown_panel.go.rect()
        )
        """.replace("QtCore_point()", "shown_panel.variations.strip.rect().topLeft()")
    )
    screen.screenshot(screenshots / f"panel-{width}x{height}.png")
    for verb, places in seen["places"].items():
        assert places == sorted(places), verb
        assert places[-1] <= FIRST_PX, verb
    run, strip, count = seen["strip"]
    assert count == 2
    assert run < strip <= run + 60, "the strip is what comes next"
    assert strip < seen["size"][1]
    assert seen["seen whole"]


def test_before_is_shown_while_it_is_held_and_discard_takes_all_out_in_one_step(
    real_krita: Krita, given: dict[str, object], tmp_path: Path
) -> None:
    real_krita.run(OPEN + "shown(made, folder + '/before')\nshown_panel.run()", folder=str(tmp_path), **given)
    real_krita.until("not shown_panel.session.edits and shown_panel.variations.isVisible()")
    seen = real_krita.run(
        """
        from inlay_krita.host import composite
        def settle():
            pump_until(lambda: not composite._running)
            pump(0.2)
        settle()
        shown(made, folder + "/after")
        QTest.mousePress(shown_panel.variations.before, Qt.LeftButton)
        settle()
        shown(made, folder + "/held")
        result["ants"] = app.action("toggle_display_selection").isChecked()
        QTest.mouseRelease(shown_panel.variations.before, Qt.LeftButton)
        settle()
        result["ants after"] = app.action("toggle_display_selection").isChecked()
        shown(made, folder + "/let go")
        QTest.mouseClick(shown_panel.variations.discard, Qt.LeftButton)
        pump_until(lambda: not place.results_of(made))
        pump(0.3)
        shown(made, folder + "/discarded")
        undo(made)
        result["undone"] = len(place.results_of(made))
        shown(made, folder + "/undone")
        """
    )
    pictures = {
        name: (tmp_path / name).read_bytes() for name in ("before", "after", "held", "let go", "discarded", "undone")
    }
    assert pictures["held"] == pictures["discarded"] == pictures["before"]
    assert pictures["let go"] == pictures["undone"] == pictures["after"] != pictures["before"]
    assert seen == {"ants": False, "ants after": True, "undone": 1}


def test_a_thumbnail_shows_the_region_and_survives_reopening(
    real_krita: Krita, given: dict[str, object], tmp_path: Path
) -> None:
    real_krita.run(OPEN + "shown_panel.run()", **given)
    real_krita.until("not shown_panel.session.edits and shown_panel.variations.isVisible()")
    seen = real_krita.run(
        """
        strip = shown_panel.variations.strip
        def looks():
            picture = strip.item(0).icon().pixmap(strip.iconSize()).toImage()
            return [picture.width(), picture.height(), picture.pixelColor(picture.width() // 2, picture.height() // 2).name()]
        result["first"] = looks()
        made.refreshProjection()
        mask = next(node for node in group_of(made).childNodes() if node.type() == "transparencymask")
        middle = place.bounds_of(mask)
        pixel = made.pixelData(middle.x + middle.width // 2, middle.y + middle.height // 2, 1, 1).data()
        result["there"] = list(pixel[2::-1])
        made = save_and_reopen(made, path)
        made.setActiveNode(group_of(made))
        pump_until(lambda: strip.count() == 2 and shown_panel.variations.isVisible(), 20)
        result["reopened"] = looks()
        """,
        path=str(tmp_path / "saved.kra"),
    )
    assert seen["first"] == seen["reopened"]
    color = [int(seen["first"][2][at : at + 2], 16) for at in (1, 3, 5)]
    assert np.abs(np.subtract(color, seen["there"])).max() < 40, (
        "the middle of the thumbnail is the middle of the selection"
    )


def test_the_form_remembers_each_picture_and_what_was_said_before(
    real_krita: Krita, given: dict[str, object], tmp_path: Path
) -> None:
    real_krita.run(
        OPEN
        + """
first = made
shown_panel.run()
pump_until(lambda: shown_panel.session.edits)
""",
        **given,
    )
    real_krita.until("not shown_panel.session.edits")
    seen = real_krita.run(
        """
        from inlay_krita.host import identity
        other = app.createDocument(300, 200, "other", "RGBA", "U8", "sRGB-elle-V2-srgbtrc.icc", 300.0)
        app.activeWindow().addView(other)
        app.setActiveDocument(other)
        pump_until(lambda: shown_panel._opening == identity.opening_of(other))
        form.verb.put("recolor")
        close(other)
        pump_until(lambda: form.verb.get() == "fill", 20)
        result["back in the first"] = [form.verb.get(), field.prompt.get(), field.count.get()]
        field.prompt.put("")
        type_into(field.prompt)
        QTest.keyClick(field.prompt, Qt.Key_Up)
        result["arrow up"] = field.prompt.get()
        QTest.keyClick(field.prompt, Qt.Key_Down)
        result["arrow down"] = field.prompt.get()
        form.verb.put("recolor")
        first = save_and_reopen(first, path)
        pump_until(lambda: form.verb.get() == "fill", 20)
        result["after reopening"] = [form.verb.get(), field.prompt.get(), field.count.get()]
        """,
        path=str(tmp_path / "first.kra"),
    )
    assert seen["back in the first"] == seen["after reopening"] == ["fill", "wood", 2]
    assert seen["arrow up"] == "wood"
    assert seen["arrow down"] == ""


def test_actions_work_with_the_panel_closed_and_say_over_the_canvas_when_they_cannot(
    real_krita: Krita, server, given: dict[str, object]
) -> None:
    seen = real_krita.run(
        OPEN
        + """
from inlay_krita import entry
from inlay_krita.host import desk
told, tell = [], desk.tell
desk.tell = told.append
entry.dockers[0].hide()
pump(0.3)
try:
    app.action("inlay_keep").trigger()
    result["without a result"] = list(told)
    use_server(url)
    result["still connecting"] = not api.session().connection.is_ready
    app.action("inlay_run").trigger()
    pump_until(lambda: place.results_of(made) and not api.session().edits, 60)
    result["ran"] = len(place.results_of(made))
    before = place.shown(made, group_of(made))
    app.action("inlay_next").trigger()
    result["flipped"] = place.shown(made, group_of(made)) != before
    app.action("inlay_before").trigger()
    result["hidden"] = not group_of(made).visible()
    app.action("inlay_before").trigger()
    made.setSelection(None)
    del told[:]
    app.action("inlay_run").trigger()
    result["nothing selected"] = list(told)
finally:
    desk.tell = tell
    entry.dockers[0].show()
""",
        url=server.url,
        **given,
    )
    assert seen["without a result"] == ["No result is in hand. Select a result's group or one of its layers."]
    assert seen["still connecting"]
    assert (seen["ran"], seen["flipped"], seen["hidden"]) == (1, True, True)
    assert seen["nothing selected"] == ["Select what should change."]


def test_a_result_waits_to_be_placed_where_that_is_wished_and_lands_above_the_active_layer(
    real_krita: Krita, given: dict[str, object]
) -> None:
    real_krita.run(
        OPEN
        + """
curves = made.createNode("curves", "paintlayer")
made.rootNode().addChildNode(curves, None)
made.waitForDone()
form.fields["panel.placing"].put("on_call")
form.fields["panel.lands"].put("above")
shown_panel.run()
""",
        **given,
    )
    real_krita.until("shown_panel.session.left and shown_panel.progress.rows")
    waiting = real_krita.run(
        """
        progress = shown_panel.progress
        (row,) = progress.rows.values()
        result["seen"] = [row.words.text(), row.place.isVisible(), len(place.results_of(made))]
        made.setActiveNode(made.rootNode().childNodes()[0])
        """
    )
    real_krita.until(
        "made.activeNode().name() == 'Background' and [row.place.isVisible() for row in progress.rows.values()] == [True]"
    )
    real_krita.run("QTest.mouseClick(next(iter(progress.rows.values())).place, Qt.LeftButton)")
    real_krita.until("place.results_of(made) and not shown_panel.session.left")
    placed = real_krita.run("result['names'] = [node[1] for node in tree(made)]")
    assert waiting["seen"] == ["wood: ready to be placed", True, 0]
    assert placed["names"] == ["curves", "wood", "Background"]


def test_replace_background_takes_the_selected_subject_and_changes_the_rest(
    real_krita: Krita, given: dict[str, object], tmp_path: Path
) -> None:
    seen = real_krita.run(
        OPEN
        + """
from inlay_krita.host import capture
form = api.session().connection.forms["replace_background"]
asked = capture.asked_of(made, form)
result["region"] = list(asked.region)
open(folder + "/asked", "wb").write(asked.data)
selected(made, folder + "/selected")
made.setSelection(None)
result["without"] = capture.region_of(made, form)
""",
        folder=str(tmp_path),
        **given,
    )
    like = np.zeros((400, 600), np.uint8)
    asked, chosen = read(tmp_path / "asked", like), read(tmp_path / "selected", like)
    assert seen["region"] == [0, 0, 600, 400]
    assert np.array_equal(asked, 255 - chosen)
    assert seen["without"] is None
