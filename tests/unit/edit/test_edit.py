"""An edit keeps its promises at every depth: outside the mask nothing moves, the mask is the selection, pixels are full depth."""

import dataclasses
import json

import numpy as np
import pytest

from inlay import color
from inlay.color.raster import Raster, SampleType
from inlay.edit.perform import perform
from inlay.edit.sight import Sight, look
from inlay.engines.registry import Registry
from inlay.errors import InlayError, InvalidInput
from inlay.fidelity.brand import parse_target, probe
from inlay.recipe import Recipe, Verb
from inlay.region import Rect
from support.edits import MemoryBlobs, Silent, recipe_for, soft_mask
from support.retouching import laid_over, retouch

DOCUMENTS = [
    pytest.param(SampleType.U8, "BGRA", "sRGB-elle-V2-srgbtrc.icc", None, id="krita-u8"),
    pytest.param(SampleType.U16, "BGRA", "sRGB-elle-V2-g10.icc", None, id="krita-u16-linear"),
    pytest.param(SampleType.U16, "RGB", "Adobe RGB (1998)", 32768, id="photoshop-16-adobe"),
    pytest.param(SampleType.F16, "RGBA", "sRGB-elle-V2-g10.icc", None, id="krita-f16-linear"),
    pytest.param(SampleType.F32, "RGBA", "LargeRGB-elle-V2-g10.icc", None, id="krita-f32-wide"),
    pytest.param(SampleType.U8, "YA", "Gray-D50-elle-V2-srgbtrc.icc", None, id="krita-gray"),
    pytest.param(SampleType.U16, "LABA", "Lab identity built-in", None, id="krita-lab"),
]


def shown_by_a_host(sight: Sight, layer: np.ndarray, raster: Raster) -> np.ndarray:
    return laid_over(sight.samples, layer, sight.mask, white=raster.white_level, has_alpha=raster.has_alpha)


@pytest.mark.parametrize(("sample_type", "order", "profile", "white"), DOCUMENTS)
def test_an_engine_that_paints_nothing_changes_nothing(
    paint_with, blobs: MemoryBlobs, silent: Silent, registry: Registry, sample_type, order, profile, white
) -> None:
    paint_with(lambda scene: scene.pixels, own_pixels=True)
    recipe = recipe_for(blobs, sample_type=sample_type, order=order, profile=profile, white=white)

    (variation,) = perform(recipe, blobs, silent, registry)

    original = look(recipe, blobs)
    layer = blobs.array(variation.patch.pixels)
    cut = original.samples[variation.patch.bounds.relative_to(recipe.canvas.window).slices]
    if sample_type.is_float:
        np.testing.assert_allclose(layer.astype(np.float32), cut.astype(np.float32), atol=2e-3)
    else:
        assert np.abs(layer.astype(int) - cut.astype(int)).max() <= 1


@pytest.mark.parametrize(("sample_type", "order", "profile", "white"), DOCUMENTS)
def test_pixels_outside_the_mask_stay_and_pixels_inside_arrive(
    paint_with, blobs: MemoryBlobs, silent: Silent, registry: Registry, sample_type, order, profile, white
) -> None:
    paint_with(lambda scene: np.where(scene.mask[..., None] > 0, 1 - scene.pixels, scene.pixels), own_pixels=True)
    recipe = recipe_for(blobs, sample_type=sample_type, order=order, profile=profile, white=white)

    (variation,) = perform(recipe, blobs, silent, registry)

    sight = look(recipe, blobs)
    whole = np.zeros_like(sight.samples)
    whole[variation.patch.bounds.relative_to(recipe.canvas.window).slices] = blobs.array(variation.patch.pixels)
    shown = shown_by_a_host(sight, whole, recipe.canvas.source)
    ready = np.zeros(sight.mask.shape, bool)
    ready[variation.patch.bounds.relative_to(recipe.canvas.window).slices] = True
    protected = ready & (sight.mask == 0)
    beyond, before = (
        color.decode(samples[protected][None], recipe.canvas.source).pixels for samples in (whole, sight.samples)
    )
    assert np.abs(beyond - before).max() <= 0.03, "the layer goes on as the picture does, should the mask be opened"
    assert (shown[sight.mask == 1] != sight.samples[sight.mask == 1]).any(axis=-1).mean() > 0.9


@pytest.mark.parametrize("verb", [Verb.ERASE, Verb.FILL])
def test_a_sixteen_bit_selection_shows_every_one_of_its_levels(paint_with, registry: Registry, verb: str) -> None:
    paint_with(lambda scene: np.where(scene.mask[..., None] > 0, np.float32(1), scene.pixels))
    levels = 1100
    ramp = np.zeros((60, levels), np.uint16)
    ramp[10:50] = np.linspace(0, 65535, levels).astype(np.uint16)

    done = retouch(np.zeros((60, levels, 3), np.uint16), ramp, verb, registry)

    assert len(np.unique(done.shown[30, :, 1])) == levels
    assert np.abs(done.shown[10:50, :, 1].astype(int) - ramp[10:50]).max() <= 1


def test_the_mask_that_comes_back_is_the_selection_value_for_value(
    paint_with, blobs: MemoryBlobs, silent: Silent, registry: Registry
) -> None:
    paint_with(lambda scene: scene.pixels)
    recipe = recipe_for(blobs)

    (variation,) = perform(recipe, blobs, silent, registry)

    mask = blobs.array(variation.patch.mask)[..., 0]
    inside = recipe.where.region.relative_to(variation.patch.bounds).slices
    assert np.array_equal(mask[inside], soft_mask(recipe.where.region.width, recipe.where.region.height))
    assert mask.sum() == mask[inside].sum()
    assert variation.patch.bounds.contains(recipe.where.region)


def test_a_grown_and_feathered_mask_ends_where_it_says(
    paint_with, blobs: MemoryBlobs, silent: Silent, registry: Registry
) -> None:
    paint_with(lambda scene: scene.pixels)
    recipe = recipe_for(blobs, grow_px=6, feather_px=10)

    (variation,) = perform(recipe, blobs, silent, registry)

    mask = blobs.array(variation.patch.mask)[..., 0]
    rows, columns = np.nonzero(mask)
    reached = Rect.of_edges(int(columns.min()), int(rows.min()), int(columns.max()) + 1, int(rows.max()) + 1)
    limit = recipe.where.region.padded(16).relative_to(variation.patch.bounds)
    assert limit.contains(reached)
    assert reached.area > recipe.where.region.area


def test_a_shrunken_mask_that_vanishes_is_refused(blobs: MemoryBlobs, silent: Silent, registry: Registry) -> None:
    with pytest.raises(InvalidInput, match="nothing of the mask is left") as caught:
        next(perform(recipe_for(blobs, grow_px=-200), blobs, silent, registry))

    assert caught.value.field == "where.grow_px"


def test_sixteen_bit_documents_get_sixteen_bit_pixels(
    paint_with, blobs: MemoryBlobs, silent: Silent, registry: Registry
) -> None:
    paint_with(lambda scene: scene.pixels * np.float32(0.9) + np.float32(0.03))
    recipe = recipe_for(blobs, sample_type=SampleType.U16, order="RGB")

    (variation,) = perform(recipe, blobs, silent, registry)

    layer = blobs.array(variation.patch.pixels)
    assert np.mean(layer % 257 == 0) < 0.02  # 8-bit values spread over 16 bits are all multiples of 257


def test_variation_k_is_the_same_alone_and_in_a_batch_and_after_a_retry(
    paint_with, blobs: MemoryBlobs, silent: Silent, registry: Registry
) -> None:
    paint_with(lambda scene: np.clip(scene.pixels + np.float32(0.05), 0, 1))
    recipe = recipe_for(blobs, count=3)

    batch = list(perform(recipe, blobs, silent, registry))
    retried = list(perform(recipe, blobs, silent, registry, first=2))
    (alone,) = perform(Recipe.parse(json.dumps(batch[2].receipt["recipe"])), blobs, silent, registry)

    assert [variation.index for variation in batch] == [0, 1, 2]
    assert [(variation.index, variation.seed) for variation in retried] == [(2, 9)]
    assert batch[2].patch == retried[0].patch == alone.patch


def test_transparent_pixels_do_not_spoil_what_is_painted_beside_them(
    paint_with, blobs: MemoryBlobs, silent: Silent, registry: Registry
) -> None:
    recipe = recipe_for(blobs, verb=Verb.FILL)
    samples = recipe.canvas.source.array(blobs.read(recipe.canvas.source.blob), "source").copy()
    samples[:, 160:] = 0  # right of it the canvas is empty; the mask reaches into it
    recipe = recipe.altered(source=dataclasses.replace(recipe.canvas.source, blob=blobs.add(samples.tobytes())))
    paint_with(lambda scene: np.where(scene.known[..., None], scene.pixels, np.float32(0.5)))

    (variation,) = perform(recipe, blobs, silent, registry)

    layer = blobs.array(variation.patch.pixels)
    assert (layer[..., 3] == 255).all()
    empty = 165 - variation.patch.bounds.x
    assert np.abs(layer[:, empty:, :3].astype(int) - 128).max() <= 8


@pytest.mark.parametrize(
    ("field", "changes"),
    [
        ("canvas.window", {"window": Rect(0, 0, 5_000, 20)}),
        ("where.region", {"region": Rect(0, 0, 0, 4)}),
        ("where.mask.size", {"region": Rect(70, 60, 99, 80)}),
        ("sampling.count", {"count": 99}),
        ("sampling.strength", {"strength": float("nan")}),
        ("sampling.strength", {"strength": 1.5}),
        ("where.grow_px", {"grow_px": 100_000}),
        ("words.prompt", {"prompt": "x" * 9_000}),
        ("words.target_color", {"verb": Verb.RECOLOR}),
        ("words.target_color", {"verb": Verb.RECOLOR, "target_color": "mauve"}),
        ("verb", {"verb": Verb.INSTRUCT}),
        ("model", {"model": "none-such"}),
    ],
)
def test_a_recipe_outside_its_limits_is_refused_by_the_fields_name(
    blobs: MemoryBlobs, silent: Silent, registry: Registry, field, changes
) -> None:
    with pytest.raises(InlayError) as caught:
        next(perform(recipe_for(blobs, **changes), blobs, silent, registry))

    assert getattr(caught.value, "field", None) == field
    assert field in str(caught.value) or field in ("verb", "model")


def test_an_empty_mask_is_refused(blobs: MemoryBlobs, silent: Silent, registry: Registry) -> None:
    recipe = recipe_for(blobs)
    empty = blobs.add(bytes(recipe.where.mask.byte_length))

    with pytest.raises(InvalidInput, match="mask is empty"):
        next(perform(recipe.altered(mask=dataclasses.replace(recipe.where.mask, blob=empty)), blobs, silent, registry))


def test_nan_samples_are_refused(blobs: MemoryBlobs, silent: Silent, registry: Registry) -> None:
    recipe = recipe_for(blobs, sample_type=SampleType.F32)
    samples = recipe.canvas.source.array(blobs.read(recipe.canvas.source.blob), "source").copy()
    samples[3, 3, 0] = np.nan
    source = dataclasses.replace(recipe.canvas.source, blob=blobs.add(samples.tobytes()))

    with pytest.raises(InvalidInput, match="source is NaN"):
        next(perform(recipe.altered(source=source), blobs, silent, registry))


@pytest.mark.parametrize("value", [-3.4e38, 3e38, 1e18, -1e7])
def test_samples_without_a_value_stay_outside_the_mask_and_are_filled_inside(
    blobs: MemoryBlobs, silent: Silent, registry: Registry, value: float
) -> None:
    recipe = recipe_for(blobs, sample_type=SampleType.F32)
    samples = recipe.canvas.source.array(blobs.read(recipe.canvas.source.blob), "source").copy()
    largest = samples.max()
    samples[20:24, 20:30, :3] = value
    middle = (
        slice(recipe.where.region.y + 35, recipe.where.region.y + 45),
        slice(recipe.where.region.x + 40, recipe.where.region.x + 60),
    )
    samples[(*middle, slice(3))] = value
    recipe = recipe.altered(source=dataclasses.replace(recipe.canvas.source, blob=blobs.add(samples.tobytes())))

    (variation,) = perform(recipe, blobs, silent, registry)

    layer, mask = blobs.array(variation.patch.pixels), blobs.array(variation.patch.mask)[..., 0]
    whole = layer[mask == mask.max()][:, :3]
    assert np.isfinite(layer).all()
    assert -0.1 * largest <= whole.min()
    assert whole.max() <= 1.1 * largest
    top, left = middle[0].start - variation.patch.bounds.y, middle[1].start - variation.patch.bounds.x
    assert layer[top : top + 10, left : left + 20, :3].mean() > 0.05 * largest


@pytest.mark.parametrize(("sample_type", "order", "profile", "white"), DOCUMENTS[:5])
@pytest.mark.parametrize("target", ["#1f4e79", "lab(62, 48, 30)"])
def test_recolor_gives_the_material_the_brands_colour(
    paint_with, blobs: MemoryBlobs, silent: Silent, registry: Registry, sample_type, order, profile, white, target
) -> None:
    paint_with(lambda scene: scene.pixels)
    document = {"sample_type": sample_type, "order": order, "profile": profile, "white": white}
    recipe = recipe_for(blobs, **document, verb=Verb.RECOLOR, target_color=target)

    (variation,) = perform(recipe, blobs, silent, registry)

    sight = look(recipe, blobs)
    whole = sight.samples.copy()
    whole[variation.patch.bounds.relative_to(recipe.canvas.window).slices] = blobs.array(variation.patch.pixels)
    shown = color.decode(shown_by_a_host(sight, whole, recipe.canvas.source), recipe.canvas.source).pixels
    assert probe(shown, sight.mask, parse_target(target)).delta_e < 0.5
