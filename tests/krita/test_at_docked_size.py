"""The panel where Krita docks it: what matters stands without scrolling, and the strip of results does what it says."""

import shutil
from pathlib import Path

import numpy as np
import pytest
from skimage import data

from krita.driver import Krita, Screen
from krita.photo import read, soft, write

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
    real_krita.script(
        "at_docked_size/open",
        "at_docked_size/verb_words_and_run_stand_first_and_the_strip_next_1",
        **{**given, "width": width, "height": height},
    )
    real_krita.until("not shown_panel.session.edits and shown_panel.variations.isVisible()")
    seen = real_krita.script("at_docked_size/verb_words_and_run_stand_first_and_the_strip_next_2")
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
    real_krita.script(
        "at_docked_size/open",
        "at_docked_size/before_is_shown_while_it_is_held_and_discard_takes_all_out_in_one_step_1",
        folder=str(tmp_path),
        **given,
    )
    real_krita.until("not shown_panel.session.edits and shown_panel.variations.isVisible()")
    seen = real_krita.script("at_docked_size/before_is_shown_while_it_is_held_and_discard_takes_all_out_in_one_step_2")
    pictures = {
        name: (tmp_path / name).read_bytes() for name in ("before", "after", "held", "let go", "discarded", "undone")
    }
    assert pictures["held"] == pictures["discarded"] == pictures["before"]
    assert pictures["let go"] == pictures["undone"] == pictures["after"] != pictures["before"]
    assert seen == {"ants": False, "ants after": True, "undone": 1}


def test_a_thumbnail_shows_the_region_and_survives_reopening(
    real_krita: Krita, given: dict[str, object], tmp_path: Path
) -> None:
    real_krita.script(
        "at_docked_size/open", "at_docked_size/a_thumbnail_shows_the_region_and_survives_reopening_1", **given
    )
    real_krita.until("not shown_panel.session.edits and shown_panel.variations.isVisible()")
    seen = real_krita.script(
        "at_docked_size/a_thumbnail_shows_the_region_and_survives_reopening_2",
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
    real_krita.script(
        "at_docked_size/open",
        "at_docked_size/the_form_remembers_each_picture_and_what_was_said_before_1",
        **given,
    )
    real_krita.until("not shown_panel.session.edits")
    seen = real_krita.script(
        "at_docked_size/the_form_remembers_each_picture_and_what_was_said_before_2",
        path=str(tmp_path / "first.kra"),
    )
    assert seen["back in the first"] == seen["after reopening"] == ["fill", "wood", 2]
    assert seen["arrow up"] == "wood"
    assert seen["arrow down"] == ""


def test_actions_work_with_the_panel_closed_and_say_over_the_canvas_when_they_cannot(
    real_krita: Krita, server, given: dict[str, object]
) -> None:
    seen = real_krita.script(
        "at_docked_size/open",
        "at_docked_size/actions_work_with_the_panel_closed_and_say_over_the_canvas_when_they_cannot",
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
    real_krita.script(
        "at_docked_size/open",
        "at_docked_size/a_result_waits_to_be_placed_where_that_is_wished_and_lands_above_the_active_layer_1",
        **given,
    )
    real_krita.until("shown_panel.session.left and shown_panel.progress.rows")
    waiting = real_krita.script(
        "at_docked_size/a_result_waits_to_be_placed_where_that_is_wished_and_lands_above_the_active_layer_2"
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
    seen = real_krita.script(
        "at_docked_size/open",
        "at_docked_size/replace_background_takes_the_selected_subject_and_changes_the_rest",
        folder=str(tmp_path),
        **given,
    )
    like = np.zeros((400, 600), np.uint8)
    asked, chosen = read(tmp_path / "asked", like), read(tmp_path / "selected", like)
    assert seen["region"] == [0, 0, 600, 400]
    assert np.array_equal(asked, 255 - chosen)
    assert seen["without"] is None
