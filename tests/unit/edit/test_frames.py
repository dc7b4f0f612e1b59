"""A clip in the document's own samples: the first picture is the document, and so is all that was not selected, bit for bit."""

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from skimage import color as colors

from inlay import color
from inlay.clip import ClipGrid
from inlay.color.raster import Raster, SampleType
from inlay.edit.check import check
from inlay.edit.perform import perform
from inlay.edit.thumbnail import thumbnail
from inlay.errors import Cancelled, InvalidInput
from inlay.recipe import Recipe, Verb
from inlay.region import Rect, Size
from inlay.variation import Frames, Variation
from support.edits import MemoryBlobs, Silent, recipe_for
from support.moving import GRID, registry_of, wandered

FRAMES = 9
FORMATS = [
    pytest.param(SampleType.U8, "RGBA", id="8 bit"),
    pytest.param(SampleType.U16, "BGRA", id="16 bit"),
    pytest.param(SampleType.F32, "RGB", id="float"),
]


def asked(
    blobs: MemoryBlobs, sample_type: SampleType = SampleType.U16, order: str = "RGBA", **options: float
) -> Recipe:
    wanted: dict[str, float | str | bool] = {"frames": float(FRAMES), **options}
    return recipe_for(blobs, sample_type=sample_type, order=order, verb=Verb.ANIMATE, options=wanted)


def made(
    recipe: Recipe, blobs: MemoryBlobs, progress: Silent | None = None
) -> tuple[Frames, Variation, list[NDArray[Any]]]:
    (variation,) = perform(recipe, blobs, progress or Silent(), registry_of(None))
    assert isinstance(variation.result, Frames)
    return variation.result, variation, [blobs.array(frame) for frame in variation.result.frames]


def everywhere(recipe: Recipe, blobs: MemoryBlobs) -> Recipe:
    """The same with nothing selected, which is all of it."""
    mask = np.full(recipe.canvas.window.area, 255, np.uint8)
    size = recipe.canvas.window.size
    whole = Raster(*size, "Y", SampleType.U8, 255.0, "", blobs.add(mask.tobytes()))
    return recipe.altered(region=recipe.canvas.window, mask=whole)


@pytest.mark.parametrize(("sample_type", "order"), FORMATS)
def test_the_first_frame_and_all_that_is_not_selected_are_the_document_bit_for_bit(
    sample_type: SampleType, order: str
) -> None:
    blobs = MemoryBlobs()
    recipe = asked(blobs, sample_type, order)
    clip, _, frames = made(recipe, blobs)
    bounds = clip.bounds
    before = blobs.array(recipe.canvas.source)[bounds.slices]
    region = recipe.where.region
    selected = blobs.array(recipe.where.mask)[..., 0]
    rows, columns = (np.flatnonzero(selected.any(axis=axis)) for axis in (1, 0))
    mask = selected[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    assert bounds == Rect(region.x + columns[0], region.y + rows[0], *mask.shape[::-1])
    assert len(frames) == FRAMES
    assert clip.fps == GRID.fps
    assert frames[0].tobytes() == before.tobytes()
    for frame in frames[1:]:
        assert frame.dtype == before.dtype
        assert frame[mask == 0].tobytes() == before[mask == 0].tobytes()
        assert (frame[mask == 255] != before[mask == 255]).any(axis=-1).mean() > 0.9
    if "A" in order:
        assert all((frame[..., -1] == before[..., -1]).all() for frame in frames)


def test_light_and_colour_come_back_to_the_first_frame_as_far_as_they_are_held() -> None:
    blobs = MemoryBlobs()
    plain = everywhere(asked(blobs), blobs)
    scene = color.decode(blobs.array(plain.canvas.source), plain.canvas.source).pixels

    def astray(hold: float) -> float:
        """How far the last frame is from what it should be, CIEDE2000, without what came in over the edge."""
        _, variation, frames = made(plain.altered(options={"frames": FRAMES, "hold_light": hold}), blobs)
        shown = color.decode(frames[-1], plain.canvas.source).pixels
        seen = (colors.rgb2lab(np.clip(one[:, :-40], 0, 1)) for one in (shown, wandered(scene, FRAMES - 1)))
        assert max(variation.report.details["drift"]) > 0.02
        return float(colors.deltaE_ciede2000(*seen).mean())

    held, half, free = (astray(hold) for hold in (1.0, 0.5, 0.0))
    assert free > 3
    assert held < 0.6
    assert held < half < free


def test_a_soft_selection_mixes_each_frame_as_a_layer_shows_through_its_mask() -> None:
    blobs = MemoryBlobs()
    recipe = asked(blobs, SampleType.F32, "RGB")
    some, _, through = made(recipe, blobs)
    hard = np.full(recipe.where.region.area, 255, np.uint8)
    opened = Raster(*recipe.where.region.size, "Y", SampleType.U8, 255.0, "", blobs.add(hard.tobytes()))
    _, _, whole = made(recipe.altered(mask=opened), blobs)
    inside = some.bounds.relative_to(recipe.where.region).slices
    share = blobs.array(recipe.where.mask)[inside].astype(np.float64) / 255
    for seen, layer in zip(through[1:], whole[1:], strict=True):
        np.testing.assert_allclose(seen, through[0] * (1 - share) + layer[inside] * share, atol=2e-6)


def test_a_clip_can_be_taken_back_between_two_frames() -> None:
    blobs = MemoryBlobs()

    told: list[int] = []

    class Stopping(Silent):
        def step(self, index: int, total: int, phase: str) -> None:
            if phase == "harmonizing":
                told.append(index)

        def check(self) -> None:
            if len(told) == 3:
                raise Cancelled

    with pytest.raises(Cancelled):
        made(asked(blobs), blobs, Stopping())
    assert told == [1, 2, 3]


def test_what_nobody_can_hold_is_refused_before_anything_is_painted() -> None:
    blobs = MemoryBlobs()
    huge = Rect(0, 0, 8000, 6000)
    recipe = asked(blobs)
    source = Raster(*huge.size, "RGBA", SampleType.U16, 65535.0, recipe.canvas.source.profile, "0" * 64)
    mask = Raster(*huge.size, "Y", SampleType.U8, 255.0, "", "0" * 64)
    large = recipe.altered(document=Size(8000, 6000), window=huge, source=source, region=huge, mask=mask)
    with pytest.raises(InvalidInput, match=r"options.frames.*17 pictures of 8000 x 6000 px, 6\.1 GB.*at most 4 GB"):
        check(large.altered(options={"frames": 17.0}), registry_of(None))


def test_its_thumbnail_shows_the_middle_and_not_the_keyframe() -> None:
    blobs = MemoryBlobs()
    clip, _, _ = made(asked(blobs), blobs)
    first = Frames(clip.bounds, (clip.frames[0],) * len(clip.frames), clip.fps)
    middle = Frames(clip.bounds, (clip.frames[FRAMES // 2],), clip.fps)
    assert thumbnail(clip, blobs) == thumbnail(middle, blobs) != thumbnail(first, blobs)


@pytest.mark.parametrize(
    ("options", "frames"),
    [
        ({"seconds": 5.0}, 81),
        ({"seconds": 0.25}, 5),
        ({"seconds": 0.01}, 5),
        ({"frames": 81.0, "seconds": 1.0}, 81),
        ({"frames": 80.0}, 81),
        ({"frames": 2.0}, 5),
        ({}, 81),
    ],
)
def test_a_clip_has_the_number_of_frames_next_to_what_is_asked_that_the_model_paints(
    options: dict[str, float], frames: int
) -> None:
    assert ClipGrid(fps=16, step=4).frames_of(options) == frames
