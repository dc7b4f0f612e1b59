"""A picture that was cropped, converted, mirrored or painted on while an edit ran, or before its result is used again.

What comes then is in the right place to the pixel, or refused with the reason; a result that was there stays as it was.
"""

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from krita.driver import Krita
from krita.photo import DTYPES, grainy, soft, write

WIDTH, HEIGHT = 300, 220

WAYS = ("the job ends", "the result is offered", "the result is run again")
"""All ways by which a result comes into a picture that does not look as it did."""

REFUSED = {
    "to 8 bit": "converted since",
    "to linear light": "converted since",
    "mirrored": "mirrored since",
    "turned by 180°": "turned by 180° since",
    "turned by 90°": "turned by 90° since",
    "scaled": "cropped or resized since",
}


@pytest.fixture
def scene(tmp_path: Path) -> dict[str, str]:
    """Where a scenario finds its picture and its selection, and writes what it saw."""
    return {
        "folder": str(tmp_path),
        "pixels": write(grainy(WIDTH, HEIGHT, "RGBA", "U16"), tmp_path / "pixels"),
        "mask": write(soft(WIDTH, HEIGHT, (150, 100), 22, 10), tmp_path / "mask"),
    }


def run(krita: Krita, scene: dict[str, str], way: str, change: str) -> tuple[dict, dict[str, NDArray[np.generic]]]:
    """What was said, and the pictures that were seen, each height x width x 4."""
    krita.run("from inlay_krita import api\napi.session()._asked.clear()")
    result = krita.script("changed_picture", way=way, change=change, **scene)
    folder = Path(scene["folder"])
    pictures = {
        name: np.frombuffer((folder / name).read_bytes(), DTYPES[depth]).reshape(height, width, 4)
        for name, width, height, depth in result["seen"]
    }
    return result, pictures


@pytest.fixture(scope="module")
def plain() -> dict[str, NDArray[np.generic]]:
    """The same edit with nothing changed in between, once it is known."""
    return {}


def erased(krita: Krita, scene: dict[str, str], plain: dict[str, NDArray[np.generic]]) -> NDArray[np.generic]:
    if not plain:
        plain |= run(krita, scene, "the job ends", "none")[1]
        krita.run("from inlay_bridge.inside import *\nclose_all()")
    return plain["after"]


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize(
    ("change", "rows", "columns"),
    [
        ("cropped", slice(30, 200), slice(40, 280)),
        ("cropped into what was seen", slice(60, 150), slice(100, 220)),
    ],
)
def test_after_a_crop_the_result_lies_where_it_belongs(real_krita: Krita, scene, plain, way, change, rows, columns):
    expected = erased(real_krita, scene, plain)[rows, columns]
    result, pictures = run(real_krita, scene, way, change)
    assert result["said"][0] == "placed", result["said"]
    assert "moved with the picture" in result["said"][1]
    assert np.array_equal(pictures["after"], expected)


@pytest.mark.parametrize("way", WAYS)
def test_on_a_larger_canvas_the_result_lies_where_it_belongs(real_krita: Krita, scene, plain, way):
    expected = erased(real_krita, scene, plain)
    result, pictures = run(real_krita, scene, way, "on a larger canvas")
    assert result["said"][0] == "placed", result["said"]
    assert np.array_equal(pictures["after"][15:235, 25:325], expected)
    frame = np.ones((260, 350), bool)
    frame[15:235, 25:325] = False
    assert np.array_equal(pictures["after"][frame], pictures["before"][frame])


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("change", REFUSED)
def test_where_a_result_does_not_fit_any_more_nothing_moves_and_the_reason_is_told(
    real_krita: Krita, scene, way: str, change: str
):
    result, pictures = run(real_krita, scene, way, change)
    assert result["said"][0] == "failed"
    assert REFUSED[change] in result["said"][1]
    assert np.array_equal(pictures["after"], pictures["before"])


@pytest.mark.parametrize("change", ["to 8 bit", "cropped"])
def test_a_picture_that_becomes_another_before_it_was_read_is_told_to_be_the_reason(
    real_krita: Krita, scene, change: str
):
    result, pictures = run(real_krita, scene, "it is read", change)
    assert result["said"] == ["failed", "The document changed while it was read. Run the edit again."]
    assert np.array_equal(pictures["after"], pictures["before"])
