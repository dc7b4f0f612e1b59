"""The hidden picture in which results are put together: opened before painting, kept, never seen, gone when it should be."""

import pytest

from krita.driver import Krita
from krita.photo import grainy, soft, write

WIDTH, HEIGHT = 300, 220


@pytest.fixture
def given(tmp_path):
    """A picture and a selection."""
    return {
        "pixels": write(grainy(WIDTH, HEIGHT, "RGBA", "U16"), tmp_path / "pixels"),
        "mask": write(soft(WIDTH, HEIGHT, (140, 100), 22, 10), tmp_path / "mask"),
    }


def test_it_is_opened_before_painting_and_kept_without_a_view(real_krita: Krita, given):
    result = real_krita.script(
        "hidden_picture/begin",
        "hidden_picture/it_is_opened_before_painting_and_kept_without_a_view",
        **given,
    )
    assert result == {"before the result": 2, "after two edits": 2, "views": 0, "modified": [False], "in front": True}


def test_a_cancelled_edit_leaves_nothing_behind_once_its_picture_is_closed(real_krita: Krita, given):
    result = real_krita.script(
        "hidden_picture/begin",
        "hidden_picture/a_cancelled_edit_leaves_nothing_behind_once_its_picture_is_closed",
        **given,
    )
    assert result["phase"] == "cancelled"
    assert [node[1] for node in result["tree"]] == ["Background"]


def test_an_edit_survives_that_a_script_closed_every_other_picture(real_krita: Krita, given):
    result = real_krita.script(
        "hidden_picture/begin",
        "hidden_picture/an_edit_survives_that_a_script_closed_every_other_picture",
        **given,
    )
    assert result["left"] == 1
    assert [child[1] for child in result["tree"][0][2]] == ["Variation 1 (seed 1)", "Mask"]


def test_two_results_that_are_put_together_at_the_same_time_do_not_mix(real_krita: Krita, given):
    result = real_krita.script(
        "hidden_picture/begin",
        "hidden_picture/two_results_that_are_put_together_at_the_same_time_do_not_mix",
        **given,
    )
    for seed in (1, 11):
        assert result[str(seed)] == {
            "visible": True,
            "layers": [[f"Variation {n + 1} (seed {seed + n})", n == 0] for n in range(3)],
            "same pixels": [True] * 3,
        }


def test_it_is_replaced_after_much_was_built_in_it(real_krita: Krita, given):
    result = real_krita.script(
        "hidden_picture/begin",
        "hidden_picture/it_is_replaced_after_much_was_built_in_it",
        **given,
    )
    assert result["documents"] == 2
    assert result["replaced"]
    assert len(result["tree"]) == 2


def test_krita_quits_in_order_while_it_is_open(real_krita: Krita, given):
    result = real_krita.script(
        "hidden_picture/begin",
        "hidden_picture/krita_quits_in_order_while_it_is_open",
        **given,
    )
    assert result["documents"] == 2
    assert real_krita.process.wait(timeout=60) == 0
