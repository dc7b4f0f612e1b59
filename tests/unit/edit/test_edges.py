"""A sharp edge is the same wherever in the picture it lies, though the picture is looked at part by part."""

import numpy as np
import pytest
from numpy.typing import NDArray

from inlay.color.raster import Raster, SampleType
from inlay.edit.edges import with_edge
from inlay.recipe import Canvas, Recipe, Where
from inlay.region import Rect, Size

SIDE = 320


def found(at: int) -> NDArray[np.float32]:
    """The edge of a selection that is 3 px off one at column `at` of a slanted picture."""
    rows, columns = np.mgrid[:SIDE, :SIDE]
    across = columns - at - rows // 4
    picture = np.where((across > 0)[..., None], np.array([0.8, 0.3, 0.2]), np.array([0.2, 0.3, 0.6])).astype(np.float32)
    raster = Raster(SIDE, SIDE, "RGB", SampleType.U8, 255, "", "3" * 64)
    whole = Rect(0, 0, SIDE, SIDE)
    recipe = Recipe("select", Canvas(Size(SIDE, SIDE), whole, raster), Where(whole, raster), options={"edge": "sharp"})
    return with_edge(recipe, picture, (across > 3).astype(np.float32), 3.0)


@pytest.mark.parametrize("shift_px", [7, 31])
def test_a_sharp_edge_is_the_same_wherever_it_lies(shift_px: int) -> None:
    one, other = found(90), found(90 + shift_px)
    inner = slice(40, SIDE - 40)
    assert np.allclose(one[inner, 40 : SIDE - 140], other[inner, 40 + shift_px : SIDE - 140 + shift_px], atol=1e-4)
