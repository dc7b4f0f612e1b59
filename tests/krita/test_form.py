"""The form as a hurried hand meets it: double-clicks, the wheel, colours as people write them, and only fields that matter."""

import shutil
from pathlib import Path

import pytest
from skimage import data

from krita.driver import Krita, Screen
from krita.photo import soft, write

OPEN = """
from inlay_bridge.inside import *
from inlay_krita import api
from inlay_krita.host import place
from inlay_krita.wish import Wish
from PyQt5.QtTest import QTest
shown_panel = panel()
form = shown_panel.form
form.show_wish(Wish(seed=3))
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
form.show_wish(Wish())
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
form.show_wish(Wish(verb="fill", seed=3, count=3, strength=0.5, grow_px=4, feather_px=4))
form.details.set_open(True)
pump(0.5)
said = form.wish()
named = {"verb": form.verb, "count": form.count, "strength": form.strength, "seed": form.seed, "grow": form.grow,
         "feather": form.feather, "prompt": form.prompt}
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
        type_into(form.count)
        """
    )
    screen.wheel(fields["count"], -1)
    real_krita.until("form.count.value() == 4", timeout_s=20)
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
form.show_wish(Wish(prompt="wood", tier="draft", strength=0.3, count=3, seed=9))
shows = {}
for number in range(form.verb.count()):
    form.verb.setCurrentIndex(number)
    fields = {"prompt": form.prompt, "color": form.color, "tier": form.tier, "count": form.count,
              "strength": form.strength, "seed": form.seed, "grow": form.grow, "feather": form.feather}
    shows[form.verb.currentData()] = [name for name, field in fields.items() if field.isVisible()]
result["shows"] = shows
form.verb.setCurrentText("Recolor")
recolor = form.wish()
result["recolor"] = [recolor.tier, recolor.count, recolor.strength, recolor.prompt]
form.details.set_open(False)
result["strength in sight"] = []
for number in range(form.verb.count()):
    form.verb.setCurrentIndex(number)
    if form.strength.isVisible():
        result["strength in sight"].append(form.verb.currentData())
form.verb.setCurrentText("Fill")
form.strength.setValue(80)
form.verb.setCurrentText("Refine")
form.strength.setValue(40)
form.verb.setCurrentText("Fill")
result["strength of fill"] = form.strength.value()
form.verb.setCurrentText("Refine")
result["strength of refine"] = form.strength.value()
for verb in ("Fill", "Refine"):
    form.verb.setCurrentText(verb)
    form.strength.setValue(100)
kinds = (QtWidgets.QComboBox, QtWidgets.QSpinBox, QtWidgets.QLineEdit, QtWidgets.QPlainTextEdit, QtWidgets.QListWidget)
result["nameless"] = [
    one.toolTip() or type(one).__name__ for one in shown_panel.findChildren(QtWidgets.QWidget)
    if isinstance(one, kinds) and not isinstance(one.parent(), kinds) and not one.accessibleName()
]
"""
        + RESET,
        **given,
    )
    edge, paints = ["grow", "feather"], ["tier", "count", "strength", "seed"]
    assert seen["shows"]["recolor"] == ["color", *edge]
    assert seen["shows"]["erase"] == [*paints, *edge]
    for verb in ("fill", "generate", "refine", "instruct", "replace_background", "expand"):
        assert seen["shows"][verb] == ["prompt", *paints, *edge], verb
    assert seen["recolor"] == ["standard", 1, 1.0, ""], "what is not shown must not be asked for"
    assert seen["strength in sight"] == ["refine"]
    assert (seen["strength of fill"], seen["strength of refine"]) == (80, 40)
    assert seen["nameless"] == []


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("1F7A4E", "#1F7A4E"),
        ("#1f7a4e", "#1F7A4E"),
        ("#a4e", "#AA44EE"),
        ("rgb(31, 122, 78)", "#1F7A4E"),
        ("31 122 78", "#1F7A4E"),
        ("lab(45, -35, 18)", "lab(45, -35, 18)"),
        ("rgb(31, 122, 300)", ""),
        ("cmyk(80, 10, 60, 5)", ""),
        ("brand green", ""),
    ],
)
def test_a_colour_is_understood_as_people_write_it_or_the_panel_says_how(
    real_krita: Krita, given: dict[str, str], written: str, meant: str
) -> None:
    seen = real_krita.run(
        OPEN
        + """
form.verb.setCurrentText("Recolor")
form.color.line.setText(written)
pump_until(lambda: shown_panel.go.isEnabled() == bool(meant))
shown_panel.look()
result["meant"] = form.wish().target_color
shown_panel.run() if not meant else None
texts = [one.text() for one in shown_panel.findChildren(QtWidgets.QLabel) if one.isVisible()]
result["told"] = [text for text in texts if "#1F7A4E with or without" in text]
form.color.line.setText("#C0392B")
"""
        + RESET,
        written=written,
        meant=meant,
        **given,
    )
    assert seen["meant"] == meant
    assert len(seen["told"]) == (0 if meant else 1), "said once, where Run is"


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
shown_panel.run_again()
result["said"] = shown_panel.trouble.text()
pump(1.0)
result["stays"] = shown_panel.trouble.isVisible()
made.setSelection(None)
pump_until(lambda: not shown_panel.trouble.isVisible(), 20)
result["left"] = shown_panel.hud.text()
"""
        + RESET,
        **given,
    )
    assert "no result of Inlay" in seen["said"]
    assert seen["stays"]
    assert seen["left"] == "Select what should change."


def test_what_the_server_thinks_of_a_selection_is_said_before_the_run(real_krita: Krita, tmp_path: Path) -> None:
    """A canvas that is larger than the engine paints at once, whatever the tier."""
    seen = real_krita.run(
        """
from inlay_bridge.inside import *
from inlay_krita import api
from inlay_krita.wish import Wish
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
    form.show_wish(Wish(tier=tier))
    pump_until(lambda: shown_panel.planning.plan and "Softer" in shown_panel.hud.text(), 60)
    result[tier] = shown_panel.hud.text()
form.show_wish(Wish())
"""
    )
    for tier in ("standard", "final"):
        assert "Select less" in seen[tier]
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
