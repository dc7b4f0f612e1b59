"""What a retoucher did to a result is never covered, hidden, replaced or taken out by another run of Inlay."""

from pathlib import Path

import numpy as np
import pytest

from krita.driver import Krita, Screen
from krita.photo import grainy, soft, write

WIDTH, HEIGHT = 300, 220

WORK = ("painted on", "half opaque", "multiplied", "its layer half opaque", "a layer inside")


@pytest.fixture
def scene(tmp_path: Path) -> dict[str, str]:
    """Where a scenario finds its picture and its selection, and writes what it saw."""
    return {
        "folder": str(tmp_path),
        "pixels": write(grainy(WIDTH, HEIGHT, "RGBA", "U16"), tmp_path / "pixels"),
        "mask": write(soft(WIDTH, HEIGHT, (150, 100), 22, 10), tmp_path / "mask"),
    }


@pytest.mark.parametrize("work", WORK)
def test_a_result_that_was_worked_on_is_what_the_same_edit_builds_on(real_krita: Krita, scene, work: str):
    real_krita.script("worked_on_result", work=work, count=2, **scene)
    result = real_krita.script("retouchers_work/a_result_that_was_worked_on_is_what_the_same_edit_builds_on")
    *lower, top = result["after"]
    assert lower == result["before"], "the first result is no longer as the retoucher left it"
    assert top[1] == "grouplayer"
    folder = Path(scene["folder"])
    assert (folder / "undone").read_bytes() == (folder / "before").read_bytes()


def test_another_verb_builds_on_the_result_that_is_seen(real_krita: Krita, scene):
    real_krita.script("worked_on_result", work="none", count=2, **scene)
    result = real_krita.script("retouchers_work/another_verb_builds_on_the_result_that_is_seen")
    assert result["after"][:-1] == result["before"]
    assert result["source"] == result["seen"], "what was recoloured is not what was seen"


@pytest.mark.parametrize(
    ("again", "layers"), [("api.edit_again()", 2), ("api.edit(seed=60)", 3)], ids=["run again", "rolled again"]
)
def test_a_refined_mask_survives_another_roll(real_krita: Krita, scene, again: str, layers: int):
    real_krita.script("worked_on_result", work="its mask refined", count=2, **scene)
    result = real_krita.script(
        "retouchers_work/a_refined_mask_survives_another_roll",
        again=again,
    )
    folder = Path(scene["folder"])
    assert (folder / "mask after").read_bytes() == (folder / "refined").read_bytes()
    assert len(result["layers"]) == layers
    assert result["seen"] == 0


def test_running_a_painted_result_again_leaves_the_painting_in_sight(real_krita: Krita, scene):
    real_krita.script("worked_on_result", work="painted on", count=2, **scene)
    result = real_krita.script("retouchers_work/running_a_painted_result_again_leaves_the_painting_in_sight")
    folder = Path(scene["folder"])
    assert (folder / "after").read_bytes() == (folder / "before").read_bytes()
    assert "worked on" in result["said"]
    assert len(result["layers"]) == 3, "of the two only the painted one came back: the other is there as it was"


def test_running_an_untouched_result_again_shows_what_is_there_and_adds_no_copies(real_krita: Krita, scene):
    real_krita.script("worked_on_result", work="the second shown", count=2, **scene)
    result = real_krita.script(
        "retouchers_work/running_an_untouched_result_again_shows_what_is_there_and_adds_no_copies"
    )
    assert "in this result already" in result["said"]
    assert len(result["after"]) == len(result["before"])
    assert result["seen"] == 0, "the first of its variations"
    assert result["offered"] == 0, "what is there already was offered as missing"


@pytest.mark.parametrize("chosen", [False, True], ids=["", "while those are selected"])
def test_keep_changes_nothing_but_the_other_variations_and_one_undo_takes_it_back(
    real_krita: Krita, screen: Screen, screenshots: Path, scene, chosen: bool
):
    real_krita.script("worked_on_result", work="everything", count=4, **scene)
    result = real_krita.script(
        "retouchers_work/keep_changes_nothing_but_the_other_variations_and_one_undo_takes_it_back_1",
        chosen=chosen,
    )
    screen.screenshot(screenshots / "layers-after-keep.png")
    result |= real_krita.script(
        "retouchers_work/keep_changes_nothing_but_the_other_variations_and_one_undo_takes_it_back_2"
    )
    folder = Path(scene["folder"])
    assert (folder / "kept").read_bytes() == (folder / "before").read_bytes()
    assert (folder / "undone").read_bytes() == (folder / "before").read_bytes()
    assert result["undone"] == result["before"]
    background, group = result["before"]
    dropped = {"Variation 2 (seed 6)", "Variation 3 (seed 7)"}
    group[6] = [child for child in group[6] if child[0] not in dropped]
    assert result["kept"] == [background, group]
    assert "Variation 4 (seed 8)" in [child[0] for child in group[6]], "a variation that was painted on was dropped"
    assert np.count_nonzero(np.frombuffer((folder / "kept").read_bytes(), np.uint8))
