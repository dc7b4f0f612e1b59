"""Layers that a picture was taken apart into are the picture, bit for bit: added up here by whole numbers, as hosts do."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from inlay.capabilities import Capabilities, Kind
from inlay.color.raster import Raster, SampleType
from inlay.edit.perform import perform
from inlay.engines import Progress, Scene
from inlay.engines.interface import Layers, Sheet
from inlay.engines.registry import Registry
from inlay.recipe import Canvas, Recipe, Sampling, Tier, Verb, Where
from inlay.region import Rect, Size
from inlay.variation import Layers as Placed
from inlay.variation import Variation
from support.edits import MemoryBlobs, Silent

pytestmark = pytest.mark.slow

Samples = NDArray[Any]
WIDTH, HEIGHT = 120, 90
WHITES = {SampleType.U8: 255, SampleType.U16: 65535}


def picture(white: int, dtype: Any, order: str) -> Samples:
    """Grainy ground with two soft red discs on it; with alpha opaque."""
    random = np.random.default_rng(5)
    y, x = np.mgrid[0:HEIGHT, 0:WIDTH]
    ground = np.stack([0.3 + 0.1 * np.sin(x / 9), 0.5 + 0.1 * np.cos(y / 7), 0.6 - 0.002 * x], 2)
    share = selected()[..., None]
    shown = ground * (1 - share) + np.array([0.85, 0.2, 0.15]) * share + random.normal(0, 0.01, ground.shape)
    samples = np.rint(np.clip(shown, 0, 1) * white).astype(dtype)
    if order.startswith("Y"):
        samples = samples[..., :1]
    return np.dstack([samples, np.full((HEIGHT, WIDTH), white, dtype)]) if order.endswith("A") else samples


def selected() -> NDArray[np.float64]:
    y, x = np.mgrid[0:HEIGHT, 0:WIDTH]
    large = np.clip((18 - np.hypot(x - 40, y - 45)) / 4, 0, 1)
    return np.maximum(large, np.clip((9 - np.hypot(x - 92, y - 40)) / 4, 0, 1))


def recipe_of(
    samples: Samples,
    blobs: MemoryBlobs,
    order: str,
    white: float,
    selection: NDArray[np.float64] | None = None,
    **options: Any,
) -> Recipe:
    depth = {"uint8": SampleType.U8, "uint16": SampleType.U16, "float32": SampleType.F32}[samples.dtype.name]
    whole = Rect(0, 0, WIDTH, HEIGHT)
    profile = "sGray" if order.startswith("Y") else "sRGB IEC61966-2.1"
    source = Raster(WIDTH, HEIGHT, order, depth, white, profile, blobs.add(np.ascontiguousarray(samples).tobytes()))
    share = np.rint((selected() if selection is None else selection) * 255).astype("u1")
    mask = Raster(WIDTH, HEIGHT, "Y", SampleType.U8, 255.0, "", blobs.add(share.tobytes()))
    sampling = Sampling(seed=3, tier=Tier.DRAFT)
    return Recipe(
        Verb.SEPARATE,
        Canvas(Size(WIDTH, HEIGHT), whole, source),
        Where(whole, mask),
        sampling=sampling,
        options=options,
    )


def parts(variation: Variation, blobs: MemoryBlobs) -> dict[str, Samples]:
    """By name, from the back, each on the whole canvas."""
    assert isinstance(variation.result, Placed)
    found: dict[str, Samples] = {}
    for layer in variation.result.layers:
        samples = blobs.array(layer.pixels)
        canvas = np.zeros((HEIGHT, WIDTH, samples.shape[2]), samples.dtype)
        canvas[layer.bounds.slices] = samples
        assert layer.blend == "normal"
        found[layer.name] = canvas
    return found


def stacked(layers: list[Samples], white: int) -> Samples:
    """Straight alpha over an opaque back, each layer rounded half up, in whole numbers."""
    below = layers[0][..., :-1].astype(np.int64)
    for layer in layers[1:]:
        alpha = layer[..., -1:].astype(np.int64)
        below = (2 * (layer[..., :-1].astype(np.int64) * alpha + below * (white - alpha)) + white) // (2 * white)
    return below


def krita_stacked(layers: list[Samples], white: int) -> Samples:
    """As Krita does on processors of today: alpha as a float32, multiplied and added at once, rounded to even."""
    below = layers[0][..., :-1].astype(np.float64)
    for layer in layers[1:]:
        alpha = (layer[..., -1:].astype(np.float32) * (np.float32(1) / np.float32(white))).astype(np.float64)
        below = np.rint(((layer[..., :-1] - below) * alpha + below).astype(np.float32)).astype(np.float64)
    return below.astype(np.int64)


def separated(recipe: Recipe, blobs: MemoryBlobs, registry: Registry) -> dict[str, Samples]:
    (variation,) = perform(recipe, blobs, Silent(), registry)
    return parts(variation, blobs)


@pytest.mark.parametrize("order", ["RGB", "BGRA", "Y"])
@pytest.mark.parametrize(("dtype", "white"), [("uint8", 255), ("uint16", 65535), ("uint16", 32768)])
def test_subject_and_plate_are_the_picture(blobs: MemoryBlobs, registry: Registry, dtype: str, white: int, order: str):
    samples = picture(white, dtype, order)
    found = separated(recipe_of(samples, blobs, order, white), blobs, registry)
    assert list(found) == ["Clean plate", "Subject"]
    colors = samples[..., : samples.shape[2] - order.endswith("A")]
    assert np.array_equal(stacked(list(found.values()), white), colors)
    if white != 32768:
        assert np.array_equal(krita_stacked(list(found.values()), white), colors)
    assert (found["Clean plate"][..., -1] == white).all()


def test_nothing_of_the_subject_is_left_on_the_plate_and_nothing_of_the_ground_on_the_subject(
    blobs: MemoryBlobs, registry: Registry
):
    samples = picture(65535, "uint16", "RGB")
    found = separated(recipe_of(samples, blobs, "RGB", 65535), blobs, registry)
    plate, subject = (found[name].astype(float) / 65535 for name in ("Clean plate", "Subject"))
    assert plate[..., 0].max() < 0.5, "red shines through"
    seen = subject[..., 3] > 0.15
    assert np.abs(subject[seen][:, :3] - [0.85, 0.2, 0.15]).mean() < 0.03
    assert np.array_equal(found["Subject"][..., 3] > 0, np.rint(selected() * 255) > 0)
    far = selected() == 0
    assert np.abs(plate[far][:, :3] - samples[far] / 65535).mean() < 1e-3


def test_pieces_that_do_not_touch_get_a_layer_each(blobs: MemoryBlobs, registry: Registry):
    samples = picture(255, "uint8", "RGB")
    found = separated(recipe_of(samples, blobs, "RGB", 255, apart="pieces"), blobs, registry)
    assert list(found) == ["Clean plate", "Subject 1", "Subject 2"]
    assert not (found["Subject 1"][..., 3] & found["Subject 2"][..., 3]).any()
    assert (found["Subject 1"][..., 3] > 0).sum() > (found["Subject 2"][..., 3] > 0).sum() > 0
    assert np.array_equal(stacked(list(found.values()), 255), samples)


def test_a_cut_out_stays_one(blobs: MemoryBlobs, registry: Registry):
    samples = picture(255, "uint8", "RGBA")
    y, x = np.mgrid[0:HEIGHT, 0:WIDTH]
    samples[..., 3] = np.clip(255 * (40 - np.hypot(x - 50, y - 45)) / 10, 0, 255).astype(np.uint8)
    found = list(separated(recipe_of(samples, blobs, "RGBA", 255), blobs, registry).values())
    below = found[0][..., 3].astype(np.int64)
    above = found[1][..., 3].astype(np.int64)
    assert np.array_equal(above + (below * (255 - above) + 127) // 255, samples[..., 3])
    thin = (samples[..., 3] > 0) & (samples[..., 3] < 255)
    alone = np.where((above > 0)[..., None], found[1], found[0])
    assert np.array_equal(alone[thin], samples[thin])


def test_floats_add_up_within_rounding_and_it_is_said(blobs: MemoryBlobs, registry: Registry):
    samples = (picture(65535, "uint16", "RGB") / np.float32(20000)).astype(np.float32)  # far above white
    recipe = recipe_of(samples, blobs, "RGB", 1.0)
    (variation,) = perform(recipe, blobs, Silent(), registry)
    plate, subject = parts(variation, blobs).values()
    shown = plate[..., :3] + (subject[..., :3].astype(float) - plate[..., :3]) * subject[..., 3:]
    assert np.abs(shown - samples).max() < 2e-6
    assert any("within rounding" in note for note in variation.report.notes)


def rough() -> NDArray[np.float64]:
    """The large disc, hard-edged, too large and too far to the right by three pixels."""
    y, x = np.mgrid[0:HEIGHT, 0:WIDTH]
    return (np.hypot(x - 43, y - 45) < 19).astype(np.float64)


@pytest.mark.parametrize("edge", ["hair", "sharp"])
@pytest.mark.parametrize("dtype", ["uint8", "uint16"])
def test_a_subject_whose_edge_was_found_is_still_the_picture_with_its_plate(
    blobs: MemoryBlobs, registry: Registry, dtype: str, edge: str
):
    white = np.iinfo(dtype).max
    samples = picture(white, dtype, "RGB")
    found = separated(recipe_of(samples, blobs, "RGB", white, rough(), edge=edge), blobs, registry)
    assert np.array_equal(stacked(list(found.values()), white), samples)
    assert np.array_equal(krita_stacked(list(found.values()), white), samples)
    alpha = found["Subject"][..., 3] / white
    assert not np.array_equal(alpha, rough()), "the selection's own edge"


def test_a_disc_out_of_focus_is_lifted_off_with_its_own_share_and_its_own_red(blobs: MemoryBlobs, registry: Registry):
    y, x = np.mgrid[0:HEIGHT, 0:WIDTH]
    far = np.hypot(x - 60, y - 45)
    share = np.clip((33 - far) / 16, 0, 1)
    share = share * share * (3 - 2 * share)
    red, ground = np.array([0.85, 0.2, 0.15]), np.dstack([0.2 + 0 * x, 0.5 + 0.1 * np.cos(y / 7), 0.6 - 0.002 * x])
    shown = ground * (1 - share[..., None]) + red * share[..., None]
    samples = np.rint(shown * 65535).astype(np.uint16)
    selection = (np.hypot(x - 62, y - 45) < 26).astype(np.float64)
    plain, found = (
        separated(recipe_of(samples, blobs, "RGB", 65535, selection, **options), blobs, registry)
        for options in ({}, {"edge": "hair"})
    )
    assert np.array_equal(plain["Subject"][..., 3] == 65535, selection == 1)
    assert np.array_equal(stacked(list(found.values()), 65535), samples)
    plain_subject, subject = plain["Subject"] / 65535, found["Subject"] / 65535
    wrong = [float(np.abs(one[..., 3] - share)[far < 45].mean()) for one in (plain_subject, subject)]
    assert wrong[1] < 0.4 * wrong[0]
    rim = (share > 0.3) & (share < 0.8)
    apart = [float(np.abs(one[rim] - red).mean()) for one in (shown, subject[..., :3])]
    assert apart[1] < 0.5 * apart[0], apart


class Decomposer:
    """A model with layers of its own, which lies: its tints are wrong and its edges are soft."""

    def __init__(self, blend: str = "normal") -> None:
        self.blend = blend

    def capabilities(self) -> Capabilities:
        return Capabilities("decomposer", frozenset({Verb.SEPARATE}), False, Kind.SEGMENTS)

    def paint(self, scene: Scene, recipe: Recipe, progress: Progress) -> Iterator[Layers]:
        back = np.dstack([np.full_like(scene.pixels, 0.5), np.ones_like(scene.mask)])
        front = np.dstack([scene.pixels * np.float32(0.9), scene.mask**2])
        yield Layers(0, 3, (Sheet("ground", back), Sheet("things", front, self.blend)))


@pytest.mark.parametrize("dtype", ["uint8", "uint16"])
def test_a_models_layers_are_corrected_until_they_are_the_picture(blobs: MemoryBlobs, registry: Registry, dtype: str):
    registry.register(Decomposer())
    white = np.iinfo(dtype).max
    samples = picture(white, dtype, "RGB")
    recipe = recipe_of(samples, blobs, "RGB", white).altered(model="decomposer")
    found = separated(recipe, blobs, registry)
    assert list(found) == ["ground", "things"]
    assert np.array_equal(stacked(list(found.values()), white), samples)
    assert np.array_equal(krita_stacked(list(found.values()), white), samples)


class Beside(Decomposer):
    """A model that says every edge a pixel beside where it is. layers: what it says, encoded, height x width x 4."""

    def __init__(self, layers: list[NDArray[np.float32]]) -> None:
        super().__init__()
        self.layers = layers

    def paint(self, scene: Scene, recipe: Recipe, progress: Progress) -> Iterator[Layers]:
        sheets = []
        for name, layer in zip(("ground", "things"), self.layers, strict=True):
            light = np.where(layer <= 0.04045, layer / 12.92, ((layer + 0.055) / 1.055) ** 2.4)
            sheets.append(Sheet(name, np.dstack([light[..., :3], layer[..., 3:]]).astype(np.float32)))
        yield Layers(0, 3, tuple(sheets))


def test_edges_that_a_model_says_beside_where_they_are_are_moved(blobs: MemoryBlobs, registry: Registry):
    height, width = picture(65535, "uint16", "RGB").shape[:2]
    y, x = np.mgrid[0:height, 0:width]
    alpha = np.clip((24 - np.hypot(x - 62, y - 45)) / 2 + 0.5, 0, 1)[..., None]
    ground = np.dstack([0.3 + 0.002 * x, 0.4 + 0.002 * y, np.full(x.shape, 0.5), np.ones(x.shape)])
    things = np.dstack([np.full((height, width, 3), [0.9, 0.2, 0.1]), alpha])
    samples = np.rint((ground[..., :3] * (1 - alpha) + things[..., :3] * alpha) * 65535).astype(np.uint16)
    said = things.copy()
    said[..., 3] = np.roll(said[..., 3], (1, 1), (0, 1))
    registry.register(Beside([ground.astype(np.float32), said.astype(np.float32)]))
    found = separated(recipe_of(samples, blobs, "RGB", 65535).altered(model="decomposer"), blobs, registry)
    assert np.array_equal(stacked(list(found.values()), 65535), samples)
    off = [float(np.abs(one - alpha[..., 0]).mean()) for one in (found["things"][..., 3] / 65535, said[..., 3])]
    assert off[0] < 0.5 * off[1]


def test_layers_that_multiply_are_left_alone_and_it_is_said(blobs: MemoryBlobs, registry: Registry):
    registry.register(Decomposer("multiply"))
    recipe = recipe_of(picture(255, "uint8", "RGB"), blobs, "RGB", 255).altered(model="decomposer")
    (variation,) = perform(recipe, blobs, Silent(), registry)
    assert any("do not add up" in note for note in variation.report.notes)


def test_the_same_recipe_gives_the_same_layers(blobs: MemoryBlobs, registry: Registry):
    recipe = recipe_of(picture(255, "uint8", "RGB"), blobs, "RGB", 255)
    first, again = (next(perform(recipe, blobs, Silent(), registry)).result for _ in range(2))
    assert first == again
