"""History: everything that a picture's edits made is there again, by its words, and comes back pixel for pixel."""

from pathlib import Path

import pytest

from krita.driver import Krita, Screen
from krita.photo import grainy, soft, write

WIDTH, HEIGHT = 300, 220


@pytest.fixture
def scene(tmp_path: Path) -> dict[str, str]:
    """Where a scenario finds its picture and its selection, and writes what it saw."""
    return {
        "folder": str(tmp_path),
        "pixels": write(grainy(WIDTH, HEIGHT, "RGBA", "U16"), tmp_path / "pixels"),
        "mask": write(soft(WIDTH, HEIGHT, (150, 100), 40, 10), tmp_path / "mask"),
    }


def test_what_was_made_is_listed_with_its_seed_its_seconds_and_what_became_of_it(
    real_krita: Krita, screen: Screen, screenshots: Path, scene: dict[str, str]
):
    real_krita.script("history/begin", **scene)
    real_krita.until("[one.rating for one in history.entries] == [2, 1]")
    seen = real_krita.script("history/what_was_made_is_listed_with_its_seed_its_seconds_and_what_became_of_it")
    screen.screenshot(screenshots / "panel-with-history.png")
    real_krita.run("history.search.setText('no such words')")
    real_krita.until("history.said.text() and not history.entries")
    nothing = real_krita.run("result['said'] = history.said.text(); history.search.setText('eRaSe')")
    real_krita.until("len(history.entries) == 2")
    first, second = seen["said"]
    assert "Seed 4" in first
    assert first.endswith("discarded")
    assert "Seed 3" in second
    assert second.endswith("kept")
    assert " s, " in second
    assert seen["pictures"] == [[52, 52], [52, 52]], "a thumbnail shows the region, which is as wide as high"
    assert nothing["said"] == "Nothing was found."


@pytest.mark.parametrize("closed", [False, True], ids=["", "after the picture was closed and opened again"])
def test_a_click_places_what_was_thrown_away_again_pixel_for_pixel(real_krita: Krita, scene, closed: bool):
    real_krita.script("history/begin", **scene)
    real_krita.script(
        "history/a_click_places_what_was_thrown_away_again_pixel_for_pixel_1",
        closed=closed,
    )
    real_krita.until("[one.seed for one in history.entries] == [4, 3]")
    real_krita.script("history/a_click_places_what_was_thrown_away_again_pixel_for_pixel_2")
    real_krita.until("place.results_of(made) and not shown_panel.session.edits")
    result = real_krita.script("history/a_click_places_what_was_thrown_away_again_pixel_for_pixel_3")
    folder = Path(scene["folder"])
    assert result["left"] == []
    assert [child[1] for child in result["tree"][0][2]] == ["Variation 1 (seed 3)", "Mask"]
    assert (folder / "again").read_bytes() == (folder / "kept").read_bytes()
    assert (folder / "without").read_bytes() != (folder / "kept").read_bytes()


def test_a_click_on_what_is_there_shows_it_and_adds_nothing(real_krita: Krita, scene):
    real_krita.script("history/begin", **scene)
    real_krita.until("len(history.entries) == 2")
    real_krita.run("history._place(1); edit = shown_panel.session.edits[0]")
    real_krita.until("edit.has_ended")
    result = real_krita.run("result['said'], result['tree'] = edit.message, tree(made)")
    assert "in this result already" in result["said"]
    assert [child[1] for child in result["tree"][0][2]] == ["Variation 1 (seed 3)", "Mask"]


def test_another_picture_has_a_history_of_its_own(real_krita: Krita, scene):
    real_krita.script("history/begin", **scene)
    real_krita.until("len(history.entries) == 2")
    real_krita.run('other = document(300, 220, "RGBA", "U16", "sRGB-elle-V2-srgbtrc.icc", pixels)', **scene)
    real_krita.until("history.said.text() and not history.entries")
    assert real_krita.run("result['said'] = history.said.text()")["said"] == "Nothing was made for this picture yet."
