"""The panel as a retoucher uses it: mouse and keys on the real docker, pictures of it kept for people to look at."""

import re
import shutil
from pathlib import Path

import pytest
from skimage import data

from krita.driver import Krita, Screen
from krita.photo import soft, write

COFFEE = Path(data.data_dir) / "coffee.png"


@pytest.fixture
def given(tmp_path: Path) -> dict[str, str]:
    """A photograph, and the spoon's handle on it, selected softly."""
    photo = shutil.copy(COFFEE, tmp_path)  # Krita autosaves beside it, and asks about what an earlier run left there
    return {"photo": str(photo), "mask": write(soft(600, 400, (478, 122), 26, 6), tmp_path / "mask")}


def test_what_is_too_long_for_a_line_is_broken_and_not_cut(real_krita: Krita):
    seen = real_krita.run(
        """
        from inlay_krita.ui import parts

        path = "/mnt/production/Weihnachtskampagne_Herbstkollektion_Freisteller_Endfassung_v17.safetensors"
        label = parts.words(path)
        line_px = label.fontMetrics().horizontalAdvance(path)
        result["lines"] = label.heightForWidth(200) / label.fontMetrics().lineSpacing()
        result["needed"] = line_px / 200
        result["kept"] = label.text() == path
        """
    )
    assert seen["kept"]
    assert seen["lines"] >= seen["needed"], seen


def test_select_run_flip_keep(real_krita: Krita, screen: Screen, screenshots: Path, given: dict[str, str]):
    hint = real_krita.script(
        "panel/open",
        "panel/select_run_flip_keep_1",
        **given,
    )
    assert hint["can run"] is False
    assert hint["asks what to leave out"] is False, "nothing on this server reads words"
    assert hint["width"] <= 260
    screen.screenshot(screenshots / "panel-before-selecting.png")
    result = real_krita.script(
        "panel/select_run_flip_keep_2",
        **given,
    )
    screen.screenshot(screenshots / "panel-while-painting.png")
    real_krita.until("not shown_panel.session.edits and shown_panel.variations.isVisible()")
    real_krita.until('shown_panel.variations.strip.count() == 3 and made.activeNode().name() == "Background"')
    flipped = real_krita.script("panel/select_run_flip_keep_3")
    screen.screenshot(screenshots / "panel-with-result.png")
    assert result["hud"].startswith("classic")
    seen, painted = re.findall(r"(\d+ × \d+) px", result["window"])
    assert seen == painted, "a small window is painted at its own size"
    assert result["verb by key"] == "Fill"
    assert flipped == {
        "active layer": "Background",
        "trouble": "",
        "variations": [3, 0, 0],
        "after right": [1, 1],
        "after left twice": [2, 2],
        "seed stayed": 11,
    }
    real_krita.run("QTest.mouseClick(shown_panel.variations.keep, Qt.LeftButton)")
    real_krita.until(
        "shown_panel.variations.strip.count() == 1 and len(place.variations_of(made, group_of(made))) == 1"
    )
    kept = real_krita.script("panel/select_run_flip_keep_4")
    real_krita.until("not shown_panel.session.edits and len(place.variations_of(made, group_of(made))) == 4")
    kept |= real_krita.script("panel/select_run_flip_keep_5")
    assert [child[1] for child in kept["tree"][0][2]] == ["Variation 3 (seed 13)", "Mask"]
    assert kept["trouble"] == ""
    assert len(set(kept["seeds"])) == 4, "more paints others, with new seeds, into the same result"
    assert kept["groups"] == 1


def test_the_seam_of_the_visible_variation_is_told_and_remembered(
    real_krita: Krita, screen: Screen, screenshots: Path, given: dict[str, str], tmp_path: Path
):
    real_krita.script(
        "panel/open",
        "panel/the_seam_of_the_visible_variation_is_told_and_remembered_1",
        **given,
    )
    real_krita.until("not shown_panel.session.edits and shown_panel.variations.isVisible()")
    real_krita.until("shown_panel.variations.seam.text()")
    screen.screenshot(screenshots / "panel-with-seam.png")
    told = real_krita.script(
        "panel/the_seam_of_the_visible_variation_is_told_and_remembered_2",
        path=str(tmp_path / "saved.kra"),
    )
    assert told["seam"].startswith(f"Seam ΔE {told['report'][0]:.1f}")
    assert told["remembered"] == told["report"]
    assert told["notes"].count("does not read prompts") == 1, "the classic engine cannot follow a prompt: said once"
    assert told["after reopening"] == [told["seam"], told["notes"]]


def test_what_the_form_says_is_what_the_recipe_remembers(real_krita: Krita, given: dict[str, str]):
    real_krita.script(
        "panel/open",
        "panel/what_the_form_says_is_what_the_recipe_remembers_1",
        **given,
    )
    real_krita.until("not shown_panel.session.edits and shown_panel.variations.isVisible()")
    kept = real_krita.script("panel/what_the_form_says_is_what_the_recipe_remembers_2")
    assert kept["strength"] == pytest.approx(0.35)
    assert kept["stored"] == ["wood", "draft", 2, 77, 3, 2]
    assert kept["layers"] == ["Variation 1 (seed 77)", "Variation 2 (seed 78)"]


def test_strength_nought_changes_nothing(real_krita: Krita, given: dict[str, str], tmp_path: Path):
    real_krita.script(
        "panel/open",
        "panel/strength_nought_changes_nothing_1",
        at=str(tmp_path),
        **given,
    )
    real_krita.until("not shown_panel.session.edits and shown_panel.variations.isVisible()")
    result = real_krita.script("panel/strength_nought_changes_nothing_2")
    assert len(result["placed"]) == 2
    assert (tmp_path / "before").read_bytes() == (tmp_path / "after").read_bytes()


def test_every_part_of_the_panel_has_an_action_for_shortcuts(real_krita: Krita):
    result = real_krita.script("panel/every_part_of_the_panel_has_an_action_for_shortcuts")
    assert result["missing"] == []
    assert set(result["listed"]) == set(result["registered"])


def test_recolor_takes_the_brush_colour(real_krita: Krita, screen: Screen, screenshots: Path, given: dict[str, str]):
    result = real_krita.script(
        "panel/open",
        "panel/recolor_takes_the_brush_colour",
        **given,
    )
    screen.screenshot(screenshots / "panel-recolor.png")
    real_krita.run('form.verb.setCurrentText("Erase"); form.details.set_open(False)')
    assert result["color"] == "#FF3300"
    assert result["prompt"] is False


def test_the_panel_says_what_keeps_the_server_from_a_waiting_edit(real_krita: Krita):
    result = real_krita.script("panel/the_panel_says_what_keeps_the_server_from_a_waiting_edit")
    assert result["said"] == ["waiting: the disk is full", "waiting, 2 before it"]
