"""The layer in hand comes back as a layer that belongs: its own alpha bit for bit, its own depth, as far as the selection says."""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from inlay.color.raster import Raster, SampleType
from inlay.edit.perform import perform
from inlay.engines.registry import Registry
from inlay.errors import InvalidInput
from inlay.recipe import Canvas, Input, Recipe, Sampling, Verb, Where
from inlay.region import Rect, Size
from inlay.variation import Layers, Variation
from support.edits import MemoryBlobs, Silent

Samples = NDArray[Any]
WIDTH, HEIGHT = 260, 220
PLACE = Rect(50, 30, 170, 160)
NOTHING = {"light": 0.0, "color": 0.0, "sharpness": 0.0, "grain": 0.0, "fringe": 0.0}
KINDS = {"u1": (SampleType.U8, 255.0), "u2": (SampleType.U16, 65535.0), "f4": (SampleType.F32, 1.0)}


def samples_of(picture: Samples, kind: str) -> Samples:
    white = KINDS[kind][1]
    picture = np.clip(picture, 0, 1) * white
    return picture.astype("f4") if kind == "f4" else np.rint(picture).astype(kind)


def ground() -> Samples:
    """Smooth, with coarse grain; HxWx3."""
    y, x = np.mgrid[0:HEIGHT, 0:WIDTH]
    noise = cv2.GaussianBlur(np.random.default_rng(1).normal(0, 1, (HEIGHT, WIDTH, 3)), (0, 0), 1.0)
    light = np.stack([0.45 + 0.1 * np.sin(x / f) * np.cos(y / 50) for f in (40, 50, 60)], 2)
    return light + 0.03 * noise / noise.std()


def pasted() -> Samples:
    """A disc without grain; HxWx4 of `PLACE`."""
    y, x = np.mgrid[0 : PLACE.height, 0 : PLACE.width]
    alpha = cv2.GaussianBlur((np.hypot(x - 85, y - 80) < 70).astype("f8"), (0, 0), 1.2)
    alpha[np.hypot(x - 85, y - 80) > 76] = 0
    return np.dstack([np.stack([0.5 + 0.08 * np.sin(x / 31 + k) for k in range(3)], 2), alpha])


def raster_of(samples: Samples, order: str, kind: str, profile: str, blobs: MemoryBlobs) -> Raster:
    height, width = samples.shape[:2]
    blob = blobs.add(np.ascontiguousarray(samples).tobytes())
    return Raster(width, height, order, *KINDS[kind], profile if order != "Y" else "", blob)


def recipe_of(
    blobs: MemoryBlobs, kind: str = "u2", profile: str = "sRGB IEC61966-2.1", mask: int = 255, **options: float
):
    layer = samples_of(pasted(), kind)
    canvas = Canvas(
        Size(WIDTH, HEIGHT),
        Rect(0, 0, WIDTH, HEIGHT),
        raster_of(samples_of(ground(), kind), "RGB", kind, profile, blobs),
    )
    allowed = np.full((PLACE.height, PLACE.width), mask, "u1")
    allowed[:, : PLACE.width // 2] = 255
    where = Where(PLACE, raster_of(allowed, "Y", "u1", "", blobs))
    inputs = (Input("layer", raster_of(layer, "RGBA", kind, profile, blobs), PLACE, name="Disc"),)
    return Recipe(Verb.MATCH, canvas, where, sampling=Sampling(seed=9), options=options, inputs=inputs), layer


def matched(recipe: Recipe, blobs: MemoryBlobs) -> tuple[Variation, Samples]:
    """The variation and its one layer on `PLACE`."""
    (variation,) = perform(recipe, blobs, Silent(), Registry())
    assert isinstance(variation.result, Layers)
    (layer,) = variation.result.layers
    assert (layer.name, layer.blend) == ("Disc", "normal")
    samples = blobs.array(layer.pixels)
    whole = np.zeros((PLACE.height, PLACE.width, 4), samples.dtype)
    whole[layer.bounds.relative_to(PLACE).slices] = samples
    return variation, whole


@pytest.mark.parametrize("kind", KINDS)
def test_a_layer_comes_back_with_the_pictures_grain_and_its_own_alpha_in_its_own_depth(blobs: MemoryBlobs, kind: str):
    recipe, layer = recipe_of(blobs, kind)
    variation, new = matched(recipe, blobs)
    assert new.dtype == layer.dtype
    assert np.array_equal(new[..., 3], layer[..., 3])
    middle = layer[..., 3] >= KINDS[kind][1]

    def fine(picture: Samples) -> float:
        y = picture[..., :3].astype("f8").mean(-1) / KINDS[kind][1]
        return float((y - cv2.GaussianBlur(y, (0, 0), 3))[middle].std())

    below = samples_of(ground(), kind)[PLACE.slices]
    assert fine(layer) < 0.2 * fine(below)
    assert 0.7 * fine(below) < fine(new) < 1.4 * fine(below)
    assert variation.report.details["match"]["grain"] > 2


@pytest.mark.parametrize("profile", ["sRGB IEC61966-2.1", "ClayRGB-elle-V2-g22.icc"])
@pytest.mark.parametrize("kind", KINDS)
def test_with_every_slider_at_0_the_layer_is_what_it_was_to_the_bit(blobs: MemoryBlobs, kind: str, profile: str):
    recipe, layer = recipe_of(blobs, kind, profile, **NOTHING)
    _, new = matched(recipe, blobs)
    shown = layer[..., 3] > 0
    assert np.array_equal(new[shown], layer[shown])


def test_what_the_selection_leaves_out_stays_to_the_bit(blobs: MemoryBlobs):
    recipe, layer = recipe_of(blobs, mask=0)
    _, new = matched(recipe, blobs)
    shown = layer[..., 3] > 0
    half = PLACE.width // 2
    assert np.array_equal(new[:, half:][shown[:, half:]], layer[:, half:][shown[:, half:]])
    assert not np.array_equal(new[:, :half][shown[:, :half]], layer[:, :half][shown[:, :half]])


def test_the_picture_under_the_layer_is_not_taken_for_its_surroundings(blobs: MemoryBlobs):
    """Hosts read what is seen, and the layer itself is seen in it."""
    recipe, layer = recipe_of(blobs)
    seen = samples_of(ground(), "u2")
    shown = layer[..., 3] > 0
    seen[PLACE.slices][shown] = layer[..., :3][shown]
    source = raster_of(seen, "RGB", "u2", "sRGB IEC61966-2.1", blobs)
    beneath, _ = matched(recipe, blobs)
    with_it, _ = matched(recipe.altered(source=source), blobs)
    assert with_it.report.details["match"] == beneath.report.details["match"]


@pytest.mark.parametrize("lacking", ["input", "alpha", "pixels"])
def test_without_a_layer_to_match_it_is_said_what_is_missing(blobs: MemoryBlobs, lacking: str):
    recipe, layer = recipe_of(blobs)
    if lacking == "input":
        recipe = recipe.altered(inputs=())
    else:
        other = layer[..., :3] if lacking == "alpha" else np.zeros_like(layer)
        raster = raster_of(other, "RGB" if lacking == "alpha" else "RGBA", "u2", "sRGB IEC61966-2.1", blobs)
        recipe = recipe.altered(inputs=(Input("layer", raster, PLACE),))
    with pytest.raises(InvalidInput, match="layer"):
        matched(recipe, blobs)
