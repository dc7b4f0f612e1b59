"""Each face or line of lettering gets a layer of its own: found by the real networks, in a photograph and on a drawn sign."""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray
from skimage import data

from inlay.color.raster import Raster, SampleType
from inlay.edit.perform import perform
from inlay.engines.models.catalog import Catalog
from inlay.engines.registry import Registry
from inlay.errors import InvalidInput, Unsupported
from inlay.recipe import Canvas, Recipe, Sampling, Tier, Verb, Where
from inlay.region import Rect, Size
from inlay.variation import Layers
from support.edits import MemoryBlobs, Silent
from support.eyes import DATA, eyes

pytestmark = pytest.mark.slow

Samples = NDArray[np.uint8]


@pytest.fixture
def blobs() -> MemoryBlobs:
    return MemoryBlobs()


def two_faces() -> Samples:
    """A photograph's face, and smaller the same one mirrored beside it."""
    face = data.astronaut()[30:190, 140:310]
    picture = np.full((200, 340, 3), (96, 120, 104), np.uint8)
    picture[20:180, 10:180] = face
    picture[50:178, 195:331] = cv2.resize(np.ascontiguousarray(face[:, ::-1]), (136, 128), interpolation=cv2.INTER_AREA)
    return picture


def two_lines() -> Samples:
    picture = np.full((220, 420, 3), (200, 190, 170), np.uint8)
    for words, at in (("Night Bakery", 80), ("Open", 170)):
        cv2.putText(picture, words, (30, at), cv2.FONT_HERSHEY_DUPLEX, 1.6, (40, 30, 90), 3, cv2.LINE_AA)
    return picture


def taken_apart(
    blobs: MemoryBlobs, picture: Samples, selected: NDArray[np.bool_], catalog: Catalog | None, **options: Any
):
    """By name, from the back, each layer on the whole canvas."""
    height, width = picture.shape[:2]
    whole = Rect(0, 0, width, height)
    source = Raster(width, height, "RGB", SampleType.U8, 255, "sRGB IEC61966-2.1", blobs.add(picture.tobytes()))
    mask = Raster(width, height, "Y", SampleType.U8, 255, "", blobs.add((selected * np.uint8(255)).tobytes()))
    recipe = Recipe(
        Verb.SEPARATE,
        Canvas(Size(width, height), whole, source),
        Where(whole, mask),
        sampling=Sampling(seed=3, tier=Tier.DRAFT),
        options=options,
    )
    (variation,) = perform(recipe, blobs, Silent(), Registry(catalog))
    assert isinstance(variation.result, Layers)
    found: dict[str, Samples] = {}
    for layer in variation.result.layers:
        canvas = np.zeros((height, width, 4), np.uint8)
        canvas[layer.bounds.slices] = blobs.array(layer.pixels)
        found[layer.name] = canvas
    return found


def stacked(layers: dict[str, Samples]) -> Samples:
    """Straight alpha over an opaque back, rounded half up, in whole numbers."""
    back, *others = layers.values()
    below = back[..., :3].astype(np.int64)
    for layer in others:
        alpha = layer[..., 3:].astype(np.int64)
        below = (2 * (layer[..., :3].astype(np.int64) * alpha + below * (255 - alpha)) + 255) // 510
    return below.astype(np.uint8)


def mean_column(layer: Samples) -> float:
    return float(np.argwhere(layer[..., 3] > 127)[:, 1].mean())


@pytest.mark.parametrize("edge", ["rough", "sharp"])
def test_each_face_gets_a_layer_and_all_of_them_are_the_picture(blobs: MemoryBlobs, edge: str) -> None:
    eyes("faces")
    picture = two_faces()
    everywhere = np.ones(picture.shape[:2], np.bool_)

    found = taken_apart(blobs, picture, everywhere, Catalog(DATA / "models.toml"), apart="faces", edge=edge)

    assert list(found) == ["Clean plate", "Face 1", "Face 2"]
    assert mean_column(found["Face 1"]) < 180 < 195 < mean_column(found["Face 2"])
    assert not ((found["Face 1"][..., 3] > 0) & (found["Face 2"][..., 3] > 0)).any()
    assert np.array_equal(stacked(found), picture)
    assert 0.05 < (found["Face 1"][..., 3] > 127)[:, :190].mean() < 0.5, "the face, and not its rectangle"


def test_only_what_is_selected_is_lifted_off(blobs: MemoryBlobs) -> None:
    eyes("faces")
    picture = two_faces()
    right = np.zeros(picture.shape[:2], np.bool_)
    right[:, 185:] = True

    found = taken_apart(blobs, picture, right, Catalog(DATA / "models.toml"), apart="faces")

    assert list(found) == ["Clean plate", "Face"]
    assert not found["Face"][:, :185, 3].any()


def test_each_line_of_lettering_gets_a_layer(blobs: MemoryBlobs) -> None:
    eyes("text")
    picture = two_lines()
    everywhere = np.ones(picture.shape[:2], np.bool_)

    found = taken_apart(blobs, picture, everywhere, Catalog(DATA / "models.toml"), apart="text")

    assert sorted(found) == ["Clean plate", "Night Bakery", "Open"]
    upper, lower = (np.argwhere(found[name][..., 3] > 127)[:, 0].mean() for name in ("Night Bakery", "Open"))
    assert upper < 110 < lower
    assert np.array_equal(stacked(found), picture)
    ink = np.abs(picture.astype(int) - picture[0, 0]).sum(axis=2) > 200
    left = np.abs(found["Clean plate"][..., :3].astype(int) - picture[0, 0]).sum(axis=2)[ink]
    assert np.mean(left > 60) < 0.02, "letters are left on the plate"
    lifted = (found["Night Bakery"][..., 3] > 127) | (found["Open"][..., 3] > 127)
    assert lifted.sum() < 2 * ink.sum(), "the letters, and not their rectangle"


def test_where_there_is_no_face_that_is_said(blobs: MemoryBlobs) -> None:
    eyes("faces")
    picture = two_lines()
    with pytest.raises(InvalidInput, match=r"options\.apart.*'faces'.*none was found"):
        taken_apart(blobs, picture, picture[..., 0] >= 0, Catalog(DATA / "models.toml"), apart="faces")


def test_without_the_network_it_says_what_to_type(blobs: MemoryBlobs) -> None:
    picture = two_faces()
    with pytest.raises(Unsupported, match="inlay models pull faces"):
        taken_apart(blobs, picture, picture[..., 0] >= 0, None, apart="faces")
