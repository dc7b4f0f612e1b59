"""A cut-out stays cut out, and what lies under its empty parts is never read."""

from __future__ import annotations

import dataclasses

import cv2
import numpy as np
import pytest
from skimage import data
from skimage.color import deltaE_ciede2000, rgb2lab

from inlay.edit.probe import probe_region
from inlay.recipe import Verb
from support.edits import MemoryBlobs
from support.retouching import disc, raster_of, retouch

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
