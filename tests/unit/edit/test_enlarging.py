"""An enlarged picture is the document's, only larger: made small again by NumPy in float64, every pixel is there.

The photograph is scikit-image's.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter as gaussian
from skimage import data

from inlay.capabilities import Capabilities, Kind
from inlay.color.raster import Raster, SampleType
from inlay.edit import enlarge
from inlay.edit.perform import perform
from inlay.engines import Progress, Scene
from inlay.engines.interface import Enlargement
from inlay.engines.registry import Registry
from inlay.errors import InvalidInput
from inlay.recipe import Canvas, Recipe, Sampling, Tier, Verb, Where
from inlay.region import Rect, Size
from inlay.variation import Picture
from support.edits import MemoryBlobs, Silent

Samples = NDArray[Any]


def light(encoded: Samples) -> Samples:
    """sRGB to linear light by the words of IEC 61966-2-1, odd below 0."""
    size = np.abs(encoded.astype(np.float64))
    return np.copysign(np.where(size <= 0.04045, size / 12.92, ((size + 0.055) / 1.055) ** 2.4), encoded)


def encoded(linear: Samples) -> Samples:
    size = np.abs(linear)
    return np.copysign(np.where(size <= 0.0031308, size * 12.92, 1.055 * size ** (1 / 2.4) - 0.055), linear)


def means(values: Samples, scale: int) -> Samples:
    high, wide, channels = values.shape
    return values.reshape(high // scale, scale, wide // scale, scale, channels).mean((1, 3))


def made_small(samples: Samples, white: float, scale: int) -> Samples:
    return encoded(means(light(samples / white), scale)) * white


def photo(height: int, width: int, depth: SampleType, order: str = "RGB") -> Samples:
    """The astronaut, a part of her, at a depth; with alpha a soft disc."""
    picture = data.astronaut()[20 : 20 + height, 120 : 120 + width].astype(np.float64) / 255
    if order.startswith("Y"):
        picture = picture[..., :1]
    if order.endswith("A"):
        y, x = np.mgrid[0:height, 0:width]
        picture = np.dstack([picture, np.clip((0.4 * width - np.hypot(x - width / 2, y - height / 2)) / 6, 0, 1)])
    if depth.is_float:
        return (picture * 3 - 0.2 * picture).astype(np.float32)
    white = 255 if depth is SampleType.U8 else 65535
    return np.rint(picture * white).astype(depth.dtype)


def recipe_of(
    samples: Samples,
    blobs: MemoryBlobs,
    order: str = "RGB",
    region: Rect | None = None,
    profile: str = "",
    **changes: Any,
) -> Recipe:
    height, width = samples.shape[:2]
    depth = {"uint8": SampleType.U8, "uint16": SampleType.U16, "float32": SampleType.F32}[samples.dtype.name]
    white = {SampleType.U8: 255.0, SampleType.U16: 65535.0}.get(depth, 1.0)
    profile = profile or ("sGray" if order.startswith("Y") else "sRGB IEC61966-2.1")
    source = Raster(width, height, order, depth, white, profile, blobs.add(np.ascontiguousarray(samples).tobytes()))
    region = region or Rect(0, 0, width, height)
    mask = Raster(region.width, region.height, "Y", SampleType.U8, 255.0, "", blobs.add(b"\xff" * region.area))
    return Recipe(
        Verb.UPSCALE, Canvas(Size(width, height), Rect(0, 0, width, height), source), Where(region, mask), **changes
    )


def larger(recipe: Recipe, blobs: MemoryBlobs, registry: Registry) -> Samples:
    (variation,) = perform(recipe, blobs, Silent(), registry)
    assert isinstance(variation.result, Picture)
    return blobs.array(variation.result.pixels)


class Upscaler:
    """An engine whose answer is a function of the picture."""

    def __init__(self, how: Callable[[NDArray[np.float32], int], NDArray[np.float32]]) -> None:
        self.how = how
        self.seen: list[tuple[int, ...]] = []

    def capabilities(self) -> Capabilities:
        return Capabilities("stand-in", frozenset({Verb.UPSCALE}), False, Kind.UPSCALES, max_px=10**8)

    def paint(self, scene: Scene, recipe: Recipe, progress: Progress) -> Iterator[Enlargement]:
        scale = int(str(recipe.options["scale"])[0])

        def enlarged(pixels: NDArray[np.float32]) -> NDArray[np.float32]:
            self.seen.append(pixels.shape)
            assert pixels.min() >= 0
            assert pixels.max() <= 1
            return self.how(pixels, scale)

        yield Enlargement(0, recipe.sampling.seed, scale, enlarged, 8)


def tinted(pixels: NDArray[np.float32], scale: int) -> NDArray[np.float32]:
    """Repeated, in another colour, and each piece that it is given in a light of its own."""
    lit = np.float32(0.9 + 0.2 * (pixels.sum() % 1))
    return (pixels.repeat(scale, 0).repeat(scale, 1) * lit * np.float32([1.1, 1.0, 0.9])).clip(0, 1)


@pytest.mark.parametrize("scale", [2, 4])
@pytest.mark.parametrize("depth", [SampleType.U8, SampleType.U16])
@pytest.mark.parametrize("order", ["RGB", "BGRA", "Y", "YA"])
def test_made_small_again_it_is_the_document_at_every_depth_and_order(
    blobs: MemoryBlobs, registry: Registry, depth: SampleType, order: str, scale: int
):
    samples = photo(60, 84, depth, order)
    result = larger(recipe_of(samples, blobs, order, options={"scale": f"{scale}x"}), blobs, registry)
    assert (result.shape, result.dtype) == ((60 * scale, 84 * scale, samples.shape[2]), samples.dtype)
    white = 255.0 if depth is SampleType.U8 else 65535.0
    colors = samples.shape[2] - order.endswith("A")
    shown = samples[..., -1] > 0 if order.endswith("A") else np.ones(samples.shape[:2], bool)
    off = np.abs(made_small(result[..., :colors], white, scale) - samples[..., :colors])[shown] * 255 / white
    assert np.quantile(off, 0.999) <= 0.6
    assert off.mean() < 0.15
    if order.endswith("A"):
        cover = means(result[..., -1:].astype(np.float64), scale)[..., 0]
        assert np.abs(cover - samples[..., -1]).max() <= 0.6 * max(1, white / 65535)
        assert result[0, 0, -1] == 0
        assert result[30 * scale, 42 * scale, -1] == white


def test_floats_beyond_white_and_below_black_stay_there(blobs: MemoryBlobs, registry: Registry):
    samples = photo(60, 84, SampleType.F32)
    samples[10:20, 10:20] = [-0.05, 0.4, 0.2]
    samples[30:40, 30:40] = 40.0
    result = larger(recipe_of(samples, blobs), blobs, registry)
    assert result.dtype == np.float32
    off = np.abs(made_small(result, 1.0, 2) - samples) / np.maximum(1, samples)
    assert np.quantile(off, 0.999) < 0.6 / 255
    assert result.max() > 35
    assert result.min() < -0.03


@pytest.mark.parametrize("depth", [SampleType.U8, SampleType.U16])
def test_a_wide_profile_is_kept_and_so_are_colours_outside_of_srgb(
    blobs: MemoryBlobs, registry: Registry, depth: SampleType
):
    samples = photo(60, 84, depth)
    samples[10:20, 10:20] = 0
    samples[10:20, 10:20, 1] = np.iinfo(samples.dtype).max
    recipe = recipe_of(samples, blobs, profile="Adobe RGB (1998)")
    (variation,) = perform(recipe, blobs, Silent(), registry)
    assert isinstance(variation.result, Picture)
    assert variation.result.pixels.profile == "Adobe RGB (1998)"
    white = np.iinfo(samples.dtype).max
    linear = (blobs.array(variation.result.pixels).astype(np.float64) / white) ** (
        563 / 256
    )  # Adobe RGB (1998), 4.3.1.2
    assert np.abs(means(linear, 2) - (samples / white) ** (563 / 256)).max() < 1e-2 * 255 / 257
    off = np.abs(means(linear, 2) ** (256 / 563) * white - samples) * 255 / white
    assert np.quantile(off[samples > 0.03 * white], 0.999) <= 0.6, "in its blacks the curve is steeper than any eye"


def test_what_an_engine_changes_of_colour_and_light_is_gone_whatever_the_tier(blobs: MemoryBlobs, registry: Registry):
    registry.register(Upscaler(tinted))
    samples = photo(60, 84, SampleType.U16)
    for tier in Tier:
        recipe = recipe_of(samples, blobs, sampling=Sampling(tier=tier, model="stand-in"), options={"scale": "2x"})
        off = np.abs(made_small(larger(recipe, blobs, registry), 65535, 2) - samples) / 257
        assert np.quantile(off, 0.999) <= 0.6


def striped(pixels: NDArray[np.float32], scale: int) -> NDArray[np.float32]:
    """Stripes that nobody photographed: their means over a pixel of the picture are none."""
    plain = enlarge._plain(pixels, scale)
    plain[:, ::2] += 0.1
    plain[:, 1::2] -= 0.1
    return plain


def test_a_draft_invents_nothing_the_best_keeps_what_the_engine_adds_and_standard_half_of_it(
    blobs: MemoryBlobs, registry: Registry
):
    engine = Upscaler(striped)
    registry.register(engine)
    samples = np.full((60, 84, 3), 30000, np.uint16)

    def stripes(tier: Tier) -> float:
        recipe = recipe_of(samples, blobs, sampling=Sampling(tier=tier, model="stand-in"), options={"scale": "2x"})
        result = larger(recipe, blobs, registry) / 65535
        return float(np.abs(result[:, ::2] - result[:, 1::2]).mean())

    assert stripes(Tier.DRAFT) < 1e-4
    assert not engine.seen, "a draft asks no model"
    assert stripes(Tier.STANDARD) == pytest.approx(0.1, abs=0.01)
    assert stripes(Tier.FINAL) == pytest.approx(0.2, abs=0.03)


def test_tiles_leave_no_trace(blobs: MemoryBlobs, registry: Registry, monkeypatch: pytest.MonkeyPatch):
    samples = photo(200, 260, SampleType.U16, "RGBA")
    recipe = recipe_of(samples, blobs, "RGBA", options={"scale": "2x"})
    whole = larger(recipe, blobs, registry).astype(np.int64)
    monkeypatch.setitem(enlarge.TILE_PX, 2, 120)
    tiled = larger(recipe, blobs, registry).astype(np.int64)
    off = np.abs(whole - tiled)[..., :3] * 255 / 65535
    assert 0 < off.max() < 1.5
    assert off.mean() < 0.15


def test_tiles_in_lights_of_their_own_leave_no_step_between_them(
    blobs: MemoryBlobs, registry: Registry, monkeypatch: pytest.MonkeyPatch
):
    registry.register(Upscaler(tinted))
    monkeypatch.setitem(enlarge.TILE_PX, 2, 120)
    y, x = np.mgrid[0:200, 0:260]
    samples = np.dstack([20000 + 60 * x, 30000 + 40 * y, 25000 + 30 * (x + y)]).astype(np.uint16)
    recipe = recipe_of(samples, blobs, sampling=Sampling(tier=Tier.FINAL, model="stand-in"), options={"scale": "2x"})
    result = larger(recipe, blobs, registry).astype(np.float64)
    bends = np.abs(np.diff(result[40:-40, 40:-40], 2, axis=1)).max(axis=(0, 2))
    assert bends.max() < 3 * np.median(bends) + 2 * 257


def test_what_an_engine_blurred_is_as_sharp_as_the_document_shows(blobs: MemoryBlobs, registry: Registry):
    truth = photo(240, 320, SampleType.U16)
    document = np.rint(made_small(truth, 65535, 2)).astype(np.uint16)
    soft = gaussian(truth / 65535, (0.8, 0.8, 0)).astype(np.float32)
    registry.register(Upscaler(lambda pixels, scale: soft))
    recipe = recipe_of(document, blobs, sampling=Sampling(tier=Tier.FINAL, model="stand-in"), options={"scale": "2x"})
    best = larger(recipe, blobs, registry)
    assert np.abs(best / 65535 - truth / 65535).mean() < 0.7 * np.abs(soft - truth / 65535).mean()


def test_a_part_of_the_picture_is_what_the_whole_shows_there(blobs: MemoryBlobs, registry: Registry):
    samples = photo(120, 160, SampleType.U16)
    region = Rect(40, 30, 60, 50)
    part = larger(recipe_of(samples, blobs, region=region, options={"scale": "4x"}), blobs, registry).astype(np.int64)
    whole = larger(recipe_of(samples, blobs, options={"scale": "4x"}), blobs, registry).astype(np.int64)
    assert part.shape == (200, 240, 3)
    off = np.abs(part - whole[120:320, 160:400]) * 255 / 65535
    assert off.max() < 1.5
    assert off.mean() < 0.15


def test_what_lies_under_nothing_lends_no_colour_to_what_is_beside_it(blobs: MemoryBlobs, registry: Registry):
    samples = np.zeros((40, 60, 4), np.uint8)
    samples[..., 1] = 255  # green where nobody sees it
    samples[:20, 30:] = [200, 100, 150, 255]
    samples[20:, 30:] = [20, 30, 90, 255]
    result = larger(recipe_of(samples, blobs, "RGBA", options={"scale": "4x"}), blobs, registry).astype(int)
    for rows, own in ((slice(0, 60), [200, 100, 150]), (slice(100, 160), [20, 30, 90])):
        seen = result[rows][result[rows][..., -1] > 0]
        assert np.abs(seen[:, :3] - own).max() <= 4


def test_more_pixels_than_a_picture_may_have_are_refused_before_any_is_read(blobs: MemoryBlobs, registry: Registry):
    recipe = recipe_of(photo(60, 84, SampleType.U8), blobs, options={"scale": "4x"})
    wide = Rect(0, 0, 6000, 4000)
    canvas = Canvas(wide.size, wide, dataclasses.replace(recipe.canvas.source, width=6000, height=4000))
    where = Where(wide, dataclasses.replace(recipe.where.mask, width=6000, height=4000))
    with pytest.raises(InvalidInput, match=r"options.scale is 24000 x 16000 px.*select a part"):
        next(perform(dataclasses.replace(recipe, canvas=canvas, where=where), blobs, Silent(), registry))
