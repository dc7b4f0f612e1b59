"""Expand makes its canvas in one click: a ratio or a little more, with the old picture at one of nine points."""

from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from krita.driver import Krita
from krita.photo import grainy, read, write

WIDTH, HEIGHT = 120, 90
RATIOS = {"16:9": Fraction(16, 9), "9:16": Fraction(9, 16), "4:5": Fraction(4, 5), "1:1": Fraction(1), "+10 %": None}


@pytest.mark.parametrize("size", RATIOS)
def test_a_click_makes_room_on_the_side_that_was_chosen_and_selects_it(real_krita: Krita, tmp_path: Path, size: str):
    picture = grainy(WIDTH, HEIGHT, "RGBA", "U8")
    result = real_krita.script(
        "expand/a_click_makes_room_on_the_side_that_was_chosen_and_selects_it",
        size=size,
        folder=str(tmp_path),
        pixels=write(picture, tmp_path / "pixels"),
    )
    assert result["offered"] == list(RATIOS)
    assert result["seen"]
    ratio = RATIOS[size]
    for point, (width, height) in enumerate(result["made"]):
        if ratio is None:
            assert (width, height) == (132, 99)
        else:
            assert abs(Fraction(width, height) / ratio - 1) < Fraction(1, 60)
            assert width == WIDTH or height == HEIGHT, "no more is added than it takes"
        down, across = divmod(point, 3)
        x, y = (width - WIDTH) * across // 2, (height - HEIGHT) * down // 2
        canvas = read(tmp_path / f"shown {point}", np.zeros((height, width, 4), np.uint8))
        chosen = read(tmp_path / f"selected {point}", np.zeros((height, width), np.uint8))
        where = [(y + dy, x + dx) for dy in (0, 1) for dx in (0, 1)]
        found = next(
            (
                (top, left)
                for top, left in where
                if np.array_equal(canvas[top : top + HEIGHT, left : left + WIDTH], picture)
            ),
            None,
        )
        assert found, f"the old picture does not lie at point {point}"
        expected = np.full((height, width), 255, np.uint8)
        expected[found[0] : found[0] + HEIGHT, found[1] : found[1] + WIDTH] = 0
        assert np.array_equal(chosen, expected)
