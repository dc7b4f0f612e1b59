"""The form as a hurried hand meets it: double-clicks, the wheel, colours as people write them, and only fields that matter."""

import shutil
from pathlib import Path

import pytest
from skimage import data

from krita.driver import Krita, Screen
from krita.photo import grainy, soft, write


@pytest.fixture
def given(tmp_path: Path) -> dict[str, str]:
    """A photograph, and the spoon's handle on it, selected softly."""
    photo = shutil.copy(Path(data.data_dir) / "coffee.png", tmp_path)
    return {"photo": str(photo), "mask": write(soft(600, 400, (478, 122), 26, 6), tmp_path / "mask")}


def test_a_double_click_on_run_is_one_run_that_goes_through(
    real_krita: Krita, screen: Screen, given: dict[str, str]
) -> None:
    at = real_krita.script(
        "form/open",
        "form/a_double_click_on_run_is_one_run_that_goes_through_1",
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
        real_krita.script("form/a_double_click_on_run_is_one_run_that_goes_through_2", "form/reset")


def test_the_wheel_scrolls_the_panel_and_changes_no_value_under_the_pointer(
    real_krita: Krita, screen: Screen, given: dict[str, str]
) -> None:
    opened = real_krita.script(
        "form/open",
        "form/the_wheel_scrolls_the_panel_and_changes_no_value_under_the_pointer_1",
        **given,
    )
    fields = opened["at"]

    def all_arrived() -> None:
        screen.move(opened["aside"])
        real_krita.until("shown_panel.go.underMouse()", timeout_s=20)

    for at in fields.values():
        screen.wheel(at, 2)
        screen.wheel(at, -2)
        screen.wheel(at, 1)
    all_arrived()
    seen = real_krita.script("form/the_wheel_scrolls_the_panel_and_changes_no_value_under_the_pointer_2")
    screen.wheel(fields["count"], -1)
    real_krita.until("field.count.value() == 4", timeout_s=20)
    real_krita.run("type_into(form.verb)")
    screen.wheel(fields["verb"], 1)
    all_arrived()
    seen |= real_krita.script("form/the_wheel_scrolls_the_panel_and_changes_no_value_under_the_pointer_3", "form/reset")
    assert seen["same"]
    assert seen["keyboard stayed"], "scrolling gave a field the keyboard"
    assert seen["verb"] == "Fill", "a menu that still has the keyboard is turned by scrolling"


def test_each_verb_shows_only_what_decides_its_result(real_krita: Krita, given: dict[str, str]) -> None:
    seen = real_krita.script(
        "form/open",
        "form/each_verb_shows_only_what_decides_its_result",
        "form/reset",
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
    real_krita.script(
        "form/open",
        "form/a_colour_that_is_none_is_told_on_the_row_of_its_edit_until_it_is_closed_1",
        **given,
    )
    real_krita.until("shown_panel.session.left and not shown_panel.session.edits")
    real_krita.until("[row.close_button.isVisible() for row in shown_panel.progress.rows.values()] == [True]")
    seen = real_krita.script("form/a_colour_that_is_none_is_told_on_the_row_of_its_edit_until_it_is_closed_2")
    real_krita.until("not shown_panel.progress.rows")
    seen |= real_krita.script(
        "form/a_colour_that_is_none_is_told_on_the_row_of_its_edit_until_it_is_closed_3", "form/reset"
    )
    assert seen["seen"]
    assert "brand green" in seen["said"]
    assert seen["groups"] == 0


def test_generate_and_instruct_ask_for_words_before_they_run(real_krita: Krita, given: dict[str, str]) -> None:
    seen = real_krita.script(
        "form/open",
        "form/generate_and_instruct_ask_for_words_before_they_run",
        "form/reset",
        **given,
    )
    assert seen["generate"] == seen["generate in a script"] == "Say what should be there."
    assert seen["instruct"] == seen["instruct in a script"] == "Say what should change."
    assert seen["once"] is False, "the same sentence stood there twice"


def test_a_trouble_goes_away_when_something_else_is_selected(real_krita: Krita, given: dict[str, str]) -> None:
    seen = real_krita.script(
        "form/open",
        "form/a_trouble_goes_away_when_something_else_is_selected",
        "form/reset",
        **given,
    )
    assert "No result is in hand" in seen["said"]
    assert seen["closed"]
    assert seen["stays"]
    assert seen["left"] == "Select what should change."


def test_what_the_server_thinks_of_a_selection_is_said_before_the_run(real_krita: Krita, tmp_path: Path) -> None:
    """A canvas that is larger than the engine paints at once, whatever the tier."""
    seen = real_krita.script("form/what_the_server_thinks_of_a_selection_is_said_before_the_run")
    for tier in ("standard", "final"):
        assert "% sharpness: select less for full" in seen[tier]
        assert "Final" not in seen[tier], "no tier paints it sharper"


def test_an_edit_of_another_or_a_closed_picture_is_seen_and_can_be_cancelled(
    real_krita: Krita, given: dict[str, str], tmp_path: Path
) -> None:
    seen = real_krita.script(
        "form/open",
        "form/an_edit_of_another_or_a_closed_picture_is_seen_and_can_be_cancelled",
        "form/reset",
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
