"""What cannot be edited is refused with a sentence that says what to do, and the document stays as it was."""

import pytest

from krita.driver import Krita


@pytest.mark.parametrize(
    ("model", "area", "said"),
    [
        ("CMYKA", [8, 8, 20, 20], "Convert a copy with Image › Convert Image Color Space… to RGB"),
        ("RGBA", None, "Select what should change"),
        ("RGBA", [70, 70, 20, 20], "The selection lies outside the canvas"),
    ],
)
def test_the_reason_says_what_to_do(real_krita: Krita, model: str, area: list[int] | None, said: str):
    result = real_krita.script("refused", model=model, area=area)
    assert said in result["said"]
    assert result["untouched"][:2] == [True, model]


def test_without_a_document_the_panel_says_so(real_krita: Krita):
    result = real_krita.script("refusals/without_a_document_the_panel_says_so")
    assert result == {"hud": "Open a picture to begin.", "can run": False}


def test_erasing_the_whole_picture_is_refused_before_it_runs(real_krita: Krita, tmp_path):
    result = real_krita.script(
        "refusals/advised",
        "refusals/erasing_the_whole_picture_is_refused_before_it_runs",
        folder=str(tmp_path),
    )
    assert "nothing is left to continue" in result["said"]


def test_that_one_layer_lies_over_every_frame_of_an_animation_is_told(real_krita: Krita, tmp_path):
    result = real_krita.script(
        "refusals/advised",
        "refusals/that_one_layer_lies_over_every_frame_of_an_animation_is_told",
        folder=str(tmp_path),
    )
    assert ["every frame" in result[name] for name in ("still", "animated")] == [False, True]


def test_a_layers_own_selection_is_what_is_selected(real_krita: Krita, tmp_path):
    result = real_krita.script(
        "refusals/advised",
        "refusals/a_layers_own_selection_is_what_is_selected",
        folder=str(tmp_path),
    )
    assert result == {"region": [50, 40, 30, 20], "selected": 600}


def test_values_above_white_under_a_mask_are_told(real_krita: Krita, tmp_path):
    result = real_krita.script(
        "refusals/advised",
        "refusals/values_above_white_under_a_mask_are_told",
        folder=str(tmp_path),
    )
    assert "above white" in result["bright"]
    assert "above white" not in result["plain"]


def test_a_file_that_forgets_how_results_were_made_is_named_when_it_is_written(real_krita: Krita, tmp_path):
    result = real_krita.script(
        "refusals/advised",
        "refusals/a_file_that_forgets_how_results_were_made_is_named_when_it_is_written",
        folder=str(tmp_path),
    )
    assert result[".kra"] == ""
    assert "Save a .kra beside it" in result[".ora"]


def test_an_edit_that_is_cancelled_too_late_is_not_offered(real_krita: Krita, tmp_path):
    result = real_krita.script(
        "refusals/advised",
        "refusals/an_edit_that_is_cancelled_too_late_is_not_offered",
        folder=str(tmp_path),
    )
    assert result == {"phase": "cancelled", "offers": 0}
