"""Results that are no patch, in the real Krita: layers become a group, a mask the selection, a picture a document of its own.

The server's engines answer by the pixels alone (tests/support/answers.py), so that what must come is known to the sample.
"""

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from krita.conftest import Server
from krita.driver import Krita, Screen
from krita.photo import DTYPES, grainy, read, soft, write

WIDTH, HEIGHT = 300, 220
KINDS = [("U8", "sRGB-elle-V2-srgbtrc.icc"), ("U16", "sRGB-elle-V2-srgbtrc.icc"), ("U16", "ClayRGB-elle-V2-g22.icc")]


def run(krita: Krita, server: Server, folder: Path, verb: str, depth: str, profile: str) -> tuple:
    """What there was then, the picture, and the part of it that the engine saw (slices of rows and columns)."""
    picture, mask = grainy(WIDTH, HEIGHT, "RGBA", depth), soft(WIDTH, HEIGHT, (150, 100), 40, 10)
    result = krita.script(
        "other_result",
        url=server.url,
        verb=verb,
        depth=depth,
        profile=profile,
        folder=str(folder),
        pixels=write(picture, folder / "pixels"),
        mask=write(mask, folder / "mask"),
    )
    x, y, width, height = result["window"]
    return result, picture, (slice(y, y + height), slice(x, x + width))


@pytest.mark.parametrize(("depth", "profile"), KINDS)
def test_layers_become_a_group_in_their_order_and_one_undo_takes_it_out(
    real_krita: Krita, answering: Server, tmp_path: Path, depth: str, profile: str
):
    result, picture, window = run(real_krita, answering, tmp_path, "take_apart", depth, profile)
    group, background = result["tree"]
    assert group == ["grouplayer", "Take apart", [["paintlayer", "veil", True], ["paintlayer", "left", True]]]
    assert result["blending"] == ["multiply", "normal"]
    assert result["undone"] == [background]
    left, veil = (read(tmp_path / name, picture) for name in ("left", "veil"))
    rows, columns = window
    half = slice(columns.start, columns.start + (columns.stop - columns.start) // 2)
    third = slice(rows.start, rows.start + (rows.stop - rows.start) // 3)
    white = np.iinfo(DTYPES[depth]).max
    assert_alpha(left, (rows, half), white)
    assert_alpha(veil, (third, columns), white / 2)
    assert_same_colours(left, picture, (rows, half))
    assert_same_colours(veil, picture, (third, columns))


def assert_alpha(layer: NDArray[np.generic], inside: tuple[slice, slice], expected: float) -> None:
    opaque = layer[..., 3].astype(float)
    there = np.zeros(opaque.shape, bool)
    there[inside] = True
    assert np.abs(opaque[there] - expected).max() <= 1
    assert not opaque[~there].any(), "something shows elsewhere"


def assert_same_colours(layer: NDArray[np.generic], picture: NDArray[np.generic], inside: tuple[slice, slice]) -> None:
    apart = np.abs(layer[inside][..., :3].astype(float) - picture[inside][..., :3])
    assert apart.max() <= 1, "the layer's colours are not the picture's"


@pytest.mark.parametrize(("depth", "profile"), KINDS[:2])
def test_a_found_mask_becomes_the_selection_and_no_layer_is_touched(
    real_krita: Krita, answering: Server, tmp_path: Path, depth: str, profile: str
):
    result, picture, (rows, columns) = run(real_krita, answering, tmp_path, "find_red", depth, profile)
    chosen = read(tmp_path / "selected", np.zeros((HEIGHT, WIDTH), np.uint8)).astype(float)
    expected = np.zeros_like(chosen)
    lower = slice(rows.start + (rows.stop - rows.start) // 2, rows.stop)
    expected[lower, columns] = picture[lower, columns, 2].astype(float) * 255 / np.iinfo(DTYPES[depth]).max
    assert np.abs(chosen - expected).max() <= 1
    assert [node[1] for node in result["tree"]] == ["Background"]
    assert result["pictures"] == []
    assert (tmp_path / "shown").read_bytes() == picture.tobytes()
    assert (tmp_path / "selected again").read_bytes() == (tmp_path / "mask").read_bytes(), (
        "one undo brings back what was selected"
    )


def test_of_several_selections_the_first_is_placed_and_of_all_else_everything(real_krita: Krita):
    placed = real_krita.run(
        """
        from inlay_krita.client.messages import recipe_pb2
        from inlay_krita.host import results
        several = [recipe_pb2.Variation(index=index) for index in range(4)]
        for one in several[:2]:
            one.selection.SetInParent()
        for one in several[2:]:
            one.layers.SetInParent()
        result["placed"] = [one.index for one in results.to_place(several)]
        """
    )
    assert placed == {"placed": [0, 2, 3]}


@pytest.mark.parametrize(("depth", "profile"), KINDS)
def test_a_picture_becomes_a_document_of_its_own_size_in_the_same_colours(
    real_krita: Krita, answering: Server, tmp_path: Path, depth: str, profile: str
):
    result, picture, window = run(real_krita, answering, tmp_path, "double", depth, profile)
    rows, columns = window
    height, width = 2 * (rows.stop - rows.start), 2 * (columns.stop - columns.start)
    assert result["pictures"] == [["test Double", width, height, "RGBA", depth, profile]]
    larger = np.frombuffer((tmp_path / "picture").read_bytes(), DTYPES[depth]).reshape(height, width, 4)
    for y, x in ((0, 0), (0, 1), (1, 0), (1, 1)):
        assert np.abs(larger[y::2, x::2].astype(float) - picture[window]).max() <= 1
    assert (tmp_path / "shown").read_bytes() == picture.tobytes()


def test_the_run_button_says_what_is_sent_to_whom_before_it_is(
    real_krita: Krita, answering: Server, screen: Screen, screenshots: Path, tmp_path: Path
):
    picture, mask = grainy(WIDTH, HEIGHT, "RGBA", "U8"), soft(WIDTH, HEIGHT, (150, 100), 40, 10)
    real_krita.script(
        "other_results/the_run_button_says_what_is_sent_to_whom_before_it_is_1",
        url=answering.url,
        pixels=write(picture, tmp_path / "pixels"),
        mask=write(mask, tmp_path / "mask"),
    )
    real_krita.until("shown_panel.planning.plan and shown_panel.planning.plan.model == 'abroad'")
    seen = real_krita.script("other_results/the_run_button_says_what_is_sent_to_whom_before_it_is_2")
    screen.screenshot(screenshots / "panel-sends-away.png")
    here = real_krita.script("other_results/the_run_button_says_what_is_sent_to_whom_before_it_is_3")
    width, height = seen["size"]
    assert here["said"] == "Run"
    assert seen["abroad"].startswith("Run: sends ")
    assert "to example.org, 0.07 USD (2026-11)" in seen["abroad"]
    assert (seen["whole"], seen["right"], seen["fits"]) == (True, True, True)
    assert min(width, height) > 0
