"""Growing a mask reaches exactly as far as a disc does, in time that rises with its radius, and stops when told to."""

import math
from dataclasses import replace

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from inlay.edit.mask import grown, placed_mask
from inlay.edit.sight import look
from inlay.errors import Cancelled
from inlay.recipe import DRAFT, Input
from inlay.region import Rect
from support.edits import MemoryBlobs, recipe_for

Samples = NDArray[np.generic]


def by_the_disc(samples: Samples, grow_px: int) -> Samples:
    """Each sample's extreme over the disc, pixel by pixel as the disc is defined."""
    radius, pick = abs(grow_px), max if grow_px > 0 else min
    disc = [
        (dy, dx)
        for dy in range(-radius, radius + 1)
        for dx in range(-radius, radius + 1)
        if abs(dx) <= round(math.sqrt(radius**2 - dy**2))
    ]
    height, width = samples.shape
    found = samples.copy()
    for y in range(height):
        for x in range(width):
            found[y, x] = pick(
                samples[y + dy, x + dx] for dy, dx in disc if 0 <= y + dy < height and 0 <= x + dx < width
            )
    return found


def spots(shape: tuple[int, int], dtype: str) -> Samples:
    """A few soft spots, one of them in a corner."""
    dice = np.random.default_rng(shape[0])
    open_ = dice.random(shape) > 0.97
    open_[0, 0] = True
    values = dice.random(shape) * open_
    return (values if dtype.startswith("f") else values * np.iinfo(dtype).max).astype(dtype)


@pytest.mark.parametrize("dtype", ["u1", "u2", "f2", "f4"])
@pytest.mark.parametrize("grow_px", [1, 2, 3, 7, 12, -1, -2, -5])
@pytest.mark.parametrize("shape", [(23, 31), (1, 9), (9, 1), (5, 40)])
def test_a_mask_grows_by_a_disc(shape: tuple[int, int], grow_px: int, dtype: str) -> None:
    samples = spots(shape, dtype)
    if grow_px < 0:  # whole but for a few spots
        samples = samples.max() - samples
    assert np.array_equal(grown(samples, grow_px), by_the_disc(samples, grow_px))


@pytest.mark.parametrize("grow_px", [40, 200, -40])
def test_a_large_disc_is_the_one_that_opencv_draws(grow_px: int) -> None:
    samples = spots((500, 700), "u1") if grow_px > 0 else np.uint8(255) - spots((500, 700), "u1")
    disc = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * abs(grow_px) + 1,) * 2)
    expected = cv2.dilate(samples, disc) if grow_px > 0 else cv2.erode(samples, disc)
    assert np.array_equal(grown(samples, grow_px), expected)


def test_growing_looks_at_every_row_of_the_disc_whether_to_go_on() -> None:
    looks = 0

    def check() -> None:
        nonlocal looks
        looks += 1
        if looks == 300:
            raise Cancelled

    window = Rect(0, 0, 300, 200)
    with pytest.raises(Cancelled):
        placed_mask(np.full((200, 300), 255, np.uint8), window, window, 255, 512, 0, check)
    assert looks == 300


def test_a_draft_lies_on_the_window_where_its_patch_is_and_the_window_is_as_it_was_around_it() -> None:
    blobs = MemoryBlobs()
    recipe = recipe_for(blobs)
    patch = look(recipe, blobs).patch
    white = np.full((patch.height, patch.width, 4), 255, np.uint8)
    raster = replace(recipe.canvas.source, width=patch.width, height=patch.height, blob=blobs.add(white.tobytes()))
    sight = look(recipe.altered(inputs=(Input(DRAFT, raster),)), blobs)
    (draft,) = sight.inputs
    inside = np.zeros(sight.mask.shape, np.bool_)
    inside[patch.relative_to(recipe.canvas.window).slices] = True
    assert np.abs(draft.pixels[inside] - 1).max() < 0.01
    assert (draft.pixels[~inside] == sight.pixels[~inside]).all()


def test_a_whole_number_and_the_same_with_a_point_are_one_recipe() -> None:
    recipe = recipe_for(MemoryBlobs())
    again = recipe.altered(source=replace(recipe.canvas.source, white_level=255.0))
    assert recipe.altered(source=replace(recipe.canvas.source, white_level=255)).sha256 == again.sha256
