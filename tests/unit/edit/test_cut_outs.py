"""A cut-out stays cut out, and what lies under its empty parts is never read."""

from __future__ import annotations

import dataclasses

import cv2
import numpy as np
import pytest
from skimage import data
from skimage.color import deltaE_ciede2000, rgb2lab

from inlay import color
from inlay.color.raster import SampleType
from inlay.edit.perform import perform
from inlay.edit.probe import probe_region
from inlay.engines.registry import Registry
from inlay.recipe import Verb
from support.edits import MemoryBlobs, Painter, Silent, recipe_for
from support.retouching import disc, laid_over, raster_of, retouch

SIDE = 128


@pytest.fixture
def product() -> np.ndarray:
    """A round piece of a photograph with a soft silhouette, RGBA uint8; black where it is empty."""
    photo = cv2.resize(data.coffee()[100:300, 200:400], (SIDE, SIDE), interpolation=cv2.INTER_AREA)
    shade = 0.6 + 0.4 * np.linspace(0, 1, SIDE)[:, None, None]
    cloth = np.rint(np.array([90, 60, 140]) * shade + (photo.mean(-1, keepdims=True) - 128) * 0.06)
    alpha = np.rint(disc(SIDE, SIDE, 40, softness=1.0) * 255)
    alpha[disc(SIDE, SIDE, 46) == 0] = 0
    pixels = np.dstack([np.clip(cloth, 0, 255), alpha]).astype(np.uint8)
    pixels[alpha == 0] = 0
    return pixels


def hidden(pixels: np.ndarray) -> np.ndarray:
    """The same picture with other colours where it shows nothing."""
    other = pixels.copy()
    empty = pixels[..., 3] == 0
    other[empty, :3] = np.random.default_rng(1).integers(0, 256, (int(empty.sum()), 3))
    return other


def over_the_edge() -> np.ndarray:
    mask = np.zeros((SIDE, SIDE), np.uint8)
    mask[44:84, 80:124] = 255
    return mask


def everything() -> np.ndarray:
    return np.full((SIDE, SIDE), 255, np.uint8)


CASES = [
    pytest.param(Verb.ERASE, over_the_edge, {}, id="erase"),
    pytest.param(Verb.RECOLOR, everything, {"target_color": "#1F7A4E"}, id="recolor"),
]


@pytest.mark.parametrize(("verb", "selection", "changes"), CASES)
def test_empty_stays_empty_and_the_layer_has_the_silhouettes_soft_alpha(product, verb, selection, changes) -> None:
    mask = selection()

    done = retouch(product, mask, verb, **changes)

    assert (done.shown[..., 3][product[..., 3] == 0] == 0).all()
    assert np.array_equal(done.layer[..., 3][mask > 0], product[..., 3][mask > 0])
    solid = (product[..., 3] == 255) & (mask > 0)
    assert (done.shown[..., 3][solid] == 255).all()


def test_fill_still_fills_holes(product) -> None:
    done = retouch(product, over_the_edge(), Verb.FILL)

    assert (done.shown[..., 3][over_the_edge() > 0] == 255).all()


@pytest.mark.parametrize("verb", [Verb.FILL, Verb.ERASE])
def test_what_was_painted_with_an_alpha_is_laid_over_the_document_with_that_alpha(product, verb) -> None:
    def brush(scene) -> np.ndarray:
        alpha = np.tile(np.linspace(0, 1, SIDE, dtype=np.float32)[:, None], (1, SIDE))
        return np.dstack([scene.pixels, alpha])

    registry, mask = Registry(), over_the_edge()
    registry.register(Painter(brush, own_pixels=True))

    done = retouch(product, mask, verb, registry)

    meant = np.rint(np.linspace(0, 255, SIDE))[:, None].repeat(SIDE, 1)
    inside, empty, solid = mask > 0, product[..., 3] == 0, product[..., 3] == 255
    assert np.abs(done.layer[..., 3][inside] - meant[inside]).max() <= 1
    assert np.abs(done.shown[..., 3][inside & empty] - meant[inside & empty]).max() <= 1
    assert (done.shown[..., 3][inside & solid] == 255).all()
    assert np.array_equal(done.shown[~inside], product[~inside])


def test_half_of_a_colour_is_half_over_what_is_there_and_itself_over_nothing(product) -> None:
    def brush(scene) -> np.ndarray:
        return np.dstack([np.full_like(scene.pixels, 0.8), np.full(scene.mask.shape, 0.5, np.float32)])

    registry, mask = Registry(), over_the_edge()
    registry.register(Painter(brush, own_pixels=True))

    done = retouch(product, mask, Verb.FILL, registry)

    inside, empty, solid = mask > 0, product[..., 3] == 0, product[..., 3] == 255
    new = done.layer[..., :3].astype(np.float64)
    assert np.abs(done.shown[..., :3] - (new + product[..., :3]) / 2)[inside & solid].max() <= 1
    assert np.abs(new - 0.8 * 255)[inside & solid].mean() < 8, "what was painted, but for its fitting"
    assert np.abs(done.shown[..., :3] - new)[inside & empty].max() == 0


def test_a_cut_out_product_hits_its_brand_colour() -> None:
    pixels = np.zeros((SIDE, SIDE, 4), np.uint8)
    shade = np.linspace(0.7, 1.0, SIDE)[:, None, None]
    pixels[..., :3] = np.rint(np.array([101, 42, 85]) * shade)
    pixels[..., 3] = np.rint(disc(SIDE, SIDE, 40, softness=1.0) * 255)
    pixels[pixels[..., 3] == 0] = 0

    shown = retouch(pixels, everything(), Verb.RECOLOR, target_color="#1F7A4E").shown / 255

    light = np.where(shown <= 0.04045, shown / 12.92, ((shown + 0.055) / 1.055) ** 2.4)
    mean = np.average(light[..., :3].reshape(-1, 3), axis=0, weights=pixels[..., 3].ravel() == 255)
    encoded = np.where(mean <= 0.0031308, mean * 12.92, 1.055 * mean ** (1 / 2.4) - 0.055)
    target = np.array([0x1F, 0x7A, 0x4E]) / 255
    assert deltaE_ciede2000(rgb2lab(encoded), rgb2lab(target)) < 0.5


@pytest.mark.parametrize(
    ("verb", "selection", "changes"), [*CASES, pytest.param(Verb.FILL, over_the_edge, {}, id="fill")]
)
def test_colours_under_alpha_0_change_not_one_pixel(product, verb, selection, changes) -> None:
    one, other = (retouch(pixels, selection(), verb, **changes) for pixels in (product, hidden(product)))

    assert np.array_equal(one.layer, other.layer)


def test_the_probe_reads_what_shows_by_how_much_it_shows(product) -> None:
    blobs = MemoryBlobs()
    mask = dataclasses.replace(raster_of(everything()[..., None], blobs), profile="")

    found, again = (probe_region(raster_of(pixels, blobs), mask, "", blobs) for pixels in (product, hidden(product)))

    solid = product[product[..., 3] == 255][:, :3]
    assert found == again
    assert found.document_mean[:3] == pytest.approx(solid.mean(0), abs=0.5)


def test_a_painting_with_an_alpha_shows_in_linear_light_what_it_does_in_the_working_space() -> None:
    def shown(opacity: float) -> np.ndarray:
        """In the working space, by the document's own blending."""
        blobs, registry = MemoryBlobs(), Registry()
        recipe = recipe_for(blobs, verb=Verb.FILL, sample_type=SampleType.F32, profile="sRGB-elle-V2-g10.icc")
        registry.register(
            Painter(lambda scene: np.dstack([scene.pixels**2, np.full(scene.mask.shape, opacity, np.float32)]), True)
        )
        (one,) = perform(recipe, blobs, Silent(), registry)
        here = one.patch.bounds.slices
        below, layer = blobs.array(recipe.canvas.source)[here], blobs.array(one.patch.pixels)
        share = blobs.array(one.patch.mask)[..., 0] / 255
        linear = laid_over(below, layer, (share >= 1).astype(np.float64), white=1.0)
        return color.decode(linear, dataclasses.replace(recipe.canvas.source, width=100, height=80)).pixels[share >= 1]

    nothing, half, whole = (shown(opacity) for opacity in (0.0, 0.5, 1.0))
    assert np.abs(whole - nothing).mean() > 0.02, "the test itself: something was painted"
    assert np.abs(half - (nothing + whole) / 2).max() < 1e-3
