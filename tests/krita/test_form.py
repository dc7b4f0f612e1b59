"""The form as a hurried hand meets it: double-clicks, the wheel, colours as people write them, and only fields that matter."""

import shutil
from pathlib import Path

import pytest
from skimage import data

from krita.driver import Krita, Screen
from krita.photo import grainy, soft, write

OPEN = """
from inlay_bridge.inside import *
from inlay_krita import api
from inlay_krita.host import place
from PyQt5.QtTest import QTest
shown_panel = panel()
form = shown_panel.form
show_wish(Wish(seed=3))
made = app.openDocument(photo)
app.activeWindow().addView(made)
pump(0.5)
select(made, mask)
app.activeWindow().qwindow().activateWindow()
pump_until(lambda: shown_panel.go.isEnabled())
"""

RESET = """
form.details.set_open(False)
shown_panel.probe.section.set_open(False)
show_wish(Wish())
"""


@pytest.fixture
def given(tmp_path: Path) -> dict[str, str]:
    """A photograph, and the spoon's handle on it, selected softly."""
    photo = shutil.copy(Path(data.data_dir) / "coffee.png", tmp_path)
    return {"photo": str(photo), "mask": write(soft(600, 400, (478, 122), 26, 6), tmp_path / "mask")}


def test_a_double_click_on_run_is_one_run_that_goes_through(
    real_krita: Krita, screen: Screen, given: dict[str, str]
) -> None:
    at = real_krita.run(
        OPEN
        + """
runs, begin = [], shown_panel.session.run
def counted(*given):
    runs.append(begin(*given))
    return runs[-1]
shown_panel.session.run = counted
go = shown_panel.go
result["points"] = [
    [point.x(), point.y()]
    for point in (go.mapToGlobal(go.rect().center()), go.mapToGlobal(go.rect().center() + go.rect().bottomRight() / 4))
]
""",
        **given,
    )["points"]
    try:
        for number, point in enumerate(at, start=1):
            screen.click(point, times=2)
            real_krita.until(f"len(runs) >= {number}", timeout_s=20)
            real_krita.until("not shown_panel.session.edits")
            seen = real_krita.run("result['phases'] = [edit.phase for edit in runs]")["phases"]
            assert seen == ["placed"] * number
    finally:
        real_krita.run("del shown_panel.session.run\n" + RESET)


def test_the_wheel_scrolls_the_panel_and_changes_no_value_under_the_pointer(
    real_krita: Krita, screen: Screen, given: dict[str, str]
) -> None:
    fields = real_krita.run(
        OPEN
        + """
show_wish(Wish(verb="fill", seed=3, count=3, strength=0.5, grow_px=4, feather_px=4))
shown_panel.variations.hide()
form.details.set_open(True)
pump(0.5)
said = form.wish()
named = {"verb": form.verb, "count": field.count, "strength": field.strength, "seed": field.seed, "grow": field.grow_px,
         "feather": field.feather_px, "prompt": field.prompt}
held = focused()
result["at"] = {name: on_screen(field) for name, field in named.items()}
""",
        **given,
    )["at"]
    for at in fields.values():
        screen.wheel(at, 2)
        screen.wheel(at, -2)
        screen.wheel(at, 1)
    seen = real_krita.run(
        """
        pump(0.5)
        result["same"] = form.wish() == said
        result["keyboard stayed"] = focused() is held
        type_into(field.count)
        """
    )
    screen.wheel(fields["count"], -1)
    real_krita.until("field.count.value() == 4", timeout_s=20)
    real_krita.run("type_into(form.verb)")
    screen.wheel(fields["verb"], 1)
    seen |= real_krita.run("pump(0.5); result['verb'] = form.verb.currentText()\n" + RESET)
    assert seen["same"]
    assert seen["keyboard stayed"], "scrolling gave a field the keyboard"
    assert seen["verb"] == "Fill", "a menu that still has the keyboard is turned by scrolling"


def test_each_verb_shows_only_what_decides_its_result(real_krita: Krita, given: dict[str, str]) -> None:
    seen = real_krita.run(
        OPEN
        + """
form.details.set_open(True)
show_wish(Wish("fill", prompt="wood", tier="draft", strength=0.3, count=3, seed=9))
result["shows"], result["out of sight"], result["nameless"] = {}, {}, []
form.details.set_open(False)
kinds = (QtWidgets.QComboBox, QtWidgets.QDoubleSpinBox, QtWidgets.QLineEdit, QtWidgets.QPlainTextEdit, QtWidgets.QListWidget)
for number in range(form.verb.count()):
    form.verb.setCurrentIndex(number)
    pump(0.1)
    verb = form.verb.currentData()
    named = {path.rpartition(".")[2]: made for path, made in form.fields.items() if not path.startswith("panel.")}
    result["shows"][verb] = sorted(named)
    result["out of sight"][verb] = sorted(name for name, made in named.items() if not made.isVisible())
    result["nameless"] += [
        [verb, one.toolTip() or type(one).__name__] for one in shown_panel.findChildren(QtWidgets.QWidget)
        if isinstance(one, kinds) and one.isVisible() and not isinstance(one.parent(), kinds) and not one.accessibleName()
    ]
form.verb.setCurrentText("Recolor")
result["recolor"] = sorted(form.wish().values)
form.verb.setCurrentText("Fill")
field.strength.setValue(80)
form.verb.setCurrentText("Refine")
field.strength.setValue(40)
form.verb.setCurrentText("Fill")
result["strengths"] = [field.strength.value()]
form.verb.setCurrentText("Refine")
result["strengths"].append(field.strength.value())
result["words went along"] = field.prompt.get()
"""
        + RESET,
        **given,
    )
    edge, paints = ["feather_px", "grow_px"], ["count", "seed", "strength", "tier"]
    assert seen["shows"]["recolor"] == sorted([*edge, "target_color"])
    assert seen["shows"]["erase"] == sorted([*paints, *edge])
    for verb in ("fill", "generate", "refine", "instruct", "replace_background", "expand"):
        assert seen["shows"][verb] == sorted(["prompt", *paints, *edge]), verb
    assert seen["recolor"] == ["where.feather_px", "where.grow_px", "words.target_color"], "nothing else is asked for"
    assert seen["out of sight"]["recolor"] == edge
    assert seen["out of sight"]["fill"] == [*edge, "seed", "strength"]
    assert "strength" not in seen["out of sight"]["refine"], "it is what refine is about"
    assert seen["strengths"] == [80, 40], "each verb has its own"
    assert seen["words went along"] == "wood"
    assert seen["nameless"] == []


def test_a_colour_that_is_none_is_told_on_the_row_of_its_edit_until_it_is_closed(
    real_krita: Krita, given: dict[str, str]
) -> None:
    real_krita.run(
        OPEN
        + """
form.verb.setCurrentText("Recolor")
field.target_color.line.setText("brand green")
pump_until(lambda: shown_panel.go.isEnabled())
shown_panel.run()
""",
        **given,
    )
    real_krita.until("shown_panel.session.left and not shown_panel.session.edits")
    real_krita.until("[row.close_button.isVisible() for row in shown_panel.progress.rows.values()] == [True]")
    seen = real_krita.run(
        """
(row,) = shown_panel.progress.rows.values()
result["said"], result["seen"] = row.words.text(), row.words.isVisible()
QTest.mouseClick(row.close_button, Qt.LeftButton)
"""
    )
    real_krita.until("not shown_panel.progress.rows")
    seen |= real_krita.run("result['groups'] = len(place.results_of(made))\n" + RESET)
    assert seen["seen"]
    assert "brand green" in seen["said"]
    assert seen["groups"] == 0


def test_generate_and_instruct_ask_for_words_before_they_run(real_krita: Krita, given: dict[str, str]) -> None:
    seen = real_krita.run(
        OPEN
        + """
from inlay_krita.host.facts import CannotEdit
for verb in ("generate", "instruct"):
    form.verb.setCurrentIndex(form.verb.findData(verb))
    shown_panel.look()
    result[verb] = shown_panel.hud.text()
    assert not shown_panel.go.isEnabled()
    try:
        api.edit(verb=verb)
    except CannotEdit as reason:
        result[verb + " in a script"] = str(reason)
shown_panel.run()
result["once"] = shown_panel.trouble.isVisible()
"""
        + RESET,
        **given,
    )
    assert seen["generate"] == seen["generate in a script"] == "Say what should be there."
    assert seen["instruct"] == seen["instruct in a script"] == "Say what should change."
    assert seen["once"] is False, "the same sentence stood there twice"


def test_a_trouble_goes_away_when_something_else_is_selected(real_krita: Krita, given: dict[str, str]) -> None:
    seen = real_krita.run(
        OPEN
        + """
shown_panel.do("run_again")
result["said"] = shown_panel.trouble.text()
pump(1.0)
result["stays"] = shown_panel.trouble.isVisible()
made.setSelection(None)
pump_until(lambda: not shown_panel.trouble.isVisible(), 20)
result["left"] = shown_panel.hud.text()
shown_panel.do("run_again")
QTest.mouseClick(shown_panel.close_trouble, Qt.LeftButton)
result["closed"] = not shown_panel.trouble.isVisible()
"""
        + RESET,
        **given,
    )
    assert "No result is in hand" in seen["said"]
    assert seen["closed"]
    assert seen["stays"]
    assert seen["left"] == "Select what should change."


def test_what_the_server_thinks_of_a_selection_is_said_before_the_run(real_krita: Krita, tmp_path: Path) -> None:
    """A canvas that is larger than the engine paints at once, whatever the tier."""
    seen = real_krita.run(
        """
from inlay_bridge.inside import *
from inlay_krita import api
from krita import Selection
shown_panel = panel()
form = shown_panel.form
made = app.createDocument(4200, 4200, "test", "RGBA", "U8", "sRGB-elle-V2-srgbtrc.icc", 300.0)
app.activeWindow().addView(made)
pump(0.5)
whole = Selection()
whole.select(0, 0, 4200, 4200, 255)
made.setSelection(whole)
for tier in ("standard", "final"):
    show_wish(Wish(tier=tier))
    pump_until(lambda: shown_panel.planning.plan and "sharpness: select less" in shown_panel.hud.text(), 60)
    result[tier] = shown_panel.hud.text()
show_wish(Wish())
"""
    )
    for tier in ("standard", "final"):
        assert "% sharpness: select less for full" in seen[tier]
        assert "Final" not in seen[tier], "no tier paints it sharper"


def test_an_edit_of_another_or_a_closed_picture_is_seen_and_can_be_cancelled(
    real_krita: Krita, given: dict[str, str], tmp_path: Path
) -> None:
    seen = real_krita.run(
        OPEN
        + """
elsewhere = shown_panel.progress.elsewhere
long = Wish(count=16, tier="final", seed=1)
first = api.session().run(long)
other = app.createDocument(300, 200, "other", "RGBA", "U8", "sRGB-elle-V2-srgbtrc.icc", 300.0)
app.activeWindow().addView(other)
app.setActiveDocument(other)
pump_until(lambda: elsewhere.isVisible())
result["open"] = elsewhere.words.text()
pump_until(lambda: first.phase in ("queued", "painting") or first.has_ended)
close(made)
pump_until(lambda: elsewhere.isVisible(), 20)
result["closed"] = [elsewhere.words.text(), first.phase]
QTest.mouseClick(elsewhere.cancel, Qt.LeftButton)
pump_until(lambda: first.has_ended, 60)
pump_until(lambda: not elsewhere.isVisible(), 20)
result["ended"] = first.phase
"""
        + RESET,
        **given,
    )
    assert seen["open"] == seen["closed"][0] == "1 edit of another picture is running"
    assert seen["closed"][1] in ("queued", "painting")
    assert seen["ended"] == "cancelled"


def test_a_click_on_the_row_of_an_edit_counts_while_no_picture_is_in_front(real_krita: Krita, tmp_path: Path) -> None:
    """Krita has none for a moment while views come and go."""
    seen = real_krita.script(
        "no_picture_in_front",
        pixels=write(grainy(300, 220, "RGBA", "U8"), tmp_path / "pixels"),
        mask=write(soft(300, 220, (140, 100), 40, 10), tmp_path / "mask"),
    )
    assert seen == {"same rows": True, "phase": "cancelled"}
