"""What a reference shows to an engine: the layer's own picture, and nothing of the document around or under it."""

import dataclasses
import json

import numpy as np
import pytest
from numpy.typing import NDArray

from inlay.edit.perform import perform
from inlay.edit.sight import look
from inlay.engines.interface import Scene
from inlay.engines.registry import Registry
from inlay.errors import InvalidInput
from inlay.recipe import REFERENCE, Input, Recipe, Verb
from inlay.region import Rect
from support.edits import MemoryBlobs, Painter, Silent, recipe_for

WINDOW = Rect(0, 0, 240, 200)
GREEN = (20, 160, 60, 255)


def with_layer(blobs: MemoryBlobs, samples: NDArray[np.uint8], place: Rect | None = WINDOW) -> Recipe:
    """A recipe with a layer of 8-bit RGBA as its reference."""
    recipe = recipe_for(blobs, verb=Verb.FILL)
    height, width = samples.shape[:2]
    raster = dataclasses.replace(recipe.canvas.source, width=width, height=height, blob=blobs.add(samples.tobytes()))
    return dataclasses.replace(recipe, inputs=(Input(REFERENCE, raster, place, name="Hat"),))


def layer(picture: tuple[slice, slice], size: tuple[int, int] = (200, 240)) -> NDArray[np.uint8]:
    """Transparent but for a green rectangle with a white column at its left."""
    samples = np.zeros((*size, 4), np.uint8)
    samples[picture] = GREEN
    samples[picture[0], picture[1].start] = 255
    return samples


@pytest.mark.parametrize("place", [WINDOW, Rect(30, 30, 120, 100), None])
def test_of_a_layer_what_it_shows_is_the_reference_wherever_it_lies(place: Rect | None) -> None:
    blobs = MemoryBlobs()
    size = (place.height, place.width) if place else (200, 240)
    (one,) = look(with_layer(blobs, layer(np.s_[20:60, 50:90], size), place), blobs).inputs
    assert not one.is_placed
    expected = np.broadcast_to(np.array(GREEN[:3], np.float32) / 255, (40, 40, 3)).copy()
    expected[:, 0] = 1
    np.testing.assert_allclose(one.pixels, expected, atol=2e-3)


def test_a_layer_that_shows_nothing_in_the_window_is_refused_by_its_field() -> None:
    blobs = MemoryBlobs()
    with pytest.raises(InvalidInput, match="it shows nothing where the edit looks") as refused:
        look(with_layer(blobs, np.zeros((200, 240, 4), np.uint8)), blobs)
    assert refused.value.field == "inputs[0].raster"


def test_a_reference_changes_nothing_but_what_the_engine_is_given_as_one() -> None:
    seen: list[Scene] = []

    def brush(scene: Scene) -> NDArray[np.float32]:
        seen.append(scene)
        return scene.pixels * np.float32(0.5)

    blobs, registry = MemoryBlobs(), Registry()
    can = dataclasses.replace(Painter(brush).capabilities(), accepts=frozenset({REFERENCE}), references=1)
    registry.register(Painter(brush, can=can))
    recipe = with_layer(blobs, layer(np.s_[20:60, 50:90]))
    (with_one,) = perform(recipe, blobs, Silent(), registry)
    (without,) = perform(dataclasses.replace(recipe, inputs=()), blobs, Silent(), registry)
    referred, plain = seen
    assert [one.role for one in referred.inputs] == [REFERENCE]
    assert plain.inputs == ()
    for name in ("pixels", "mask", "known"):
        np.testing.assert_array_equal(getattr(referred, name), getattr(plain, name))
    assert blobs.read(with_one.patch.pixels.blob) == blobs.read(without.patch.pixels.blob)


@pytest.mark.parametrize(("weight", "weighs", "refused"), [(0.5, False, True), (0.5, True, False), (0.0, False, False)])
def test_an_engine_that_cannot_weigh_says_so_before_it_paints_and_none_is_shown_what_counts_nothing(
    weight: float, weighs: bool, refused: bool
) -> None:
    seen: list[Scene] = []

    def brush(scene: Scene) -> NDArray[np.float32]:
        seen.append(scene)
        return scene.pixels * np.float32(0.5)

    blobs, registry = MemoryBlobs(), Registry()
    roles = {"accepts": frozenset({REFERENCE}), "references": 1, "weighs": weighs}
    registry.register(Painter(brush, can=dataclasses.replace(Painter(brush).capabilities(), **roles)))
    recipe = with_layer(blobs, layer(np.s_[20:60, 50:90]))
    recipe = dataclasses.replace(recipe, inputs=(dataclasses.replace(recipe.inputs[0], weight=weight),))
    if refused:
        with pytest.raises(InvalidInput, match="looks at a picture wholly or not at all") as caught:
            list(perform(recipe, blobs, Silent(), registry))
        assert caught.value.field == "inputs[0].weight"
        assert not seen
        return
    list(perform(recipe, blobs, Silent(), registry))
    assert [one.weight for one in seen[0].inputs] == ([weight] if weight else [])


def test_a_receipt_names_each_picture_by_its_hash_and_paints_the_same_with_it() -> None:
    """And something else with another picture."""

    def brush(scene: Scene) -> NDArray[np.float32]:
        (shown,) = scene.inputs
        return np.asarray(scene.pixels * 0.5 + shown.pixels.mean(axis=(0, 1)) * 0.5, np.float32)

    blobs, registry = MemoryBlobs(), Registry()
    can = dataclasses.replace(Painter(brush).capabilities(), accepts=frozenset({REFERENCE}), references=1)
    registry.register(Painter(brush, own_pixels=True, can=can))
    recipe = with_layer(blobs, layer(np.s_[20:60, 50:90]))
    (one,) = perform(recipe, blobs, Silent(), registry)
    again = Recipe.parse(json.dumps(one.receipt["recipe"]))
    assert [shown.raster.blob for shown in again.inputs] == [recipe.inputs[0].raster.blob]
    (same,) = perform(again, blobs, Silent(), registry)
    assert same.patch.pixels.blob == one.patch.pixels.blob
    red = layer(np.s_[20:60, 50:90])[..., [1, 0, 2, 3]].copy()
    (other,) = perform(with_layer(blobs, red), blobs, Silent(), registry)
    assert other.patch.pixels.blob != one.patch.pixels.blob
