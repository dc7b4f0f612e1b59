"""A palette colours what was painted, whoever painted it, and nothing else of the edit."""

import dataclasses

import numpy as np
import pytest
from numpy.typing import NDArray

from inlay.capabilities import Capabilities
from inlay.edit.perform import perform
from inlay.engines.interface import Scene
from inlay.engines.registry import Registry
from inlay.errors import InlayError
from inlay.recipe import PALETTE, STYLE, Input, Recipe, Verb
from inlay.region import Rect
from inlay.variation import Variation
from support.edits import MemoryBlobs, Painter, Silent, recipe_for

GREENS = (20, 160, 60, 255), (40, 90, 30, 255), (90, 190, 120, 255)


@pytest.fixture
def blobs() -> MemoryBlobs:
    return MemoryBlobs()


@pytest.fixture
def seen() -> list[Scene]:
    return []


@pytest.fixture
def registry(seen: list[Scene]) -> Registry:
    def brush(scene: Scene) -> NDArray[np.float32]:
        seen.append(scene)
        return np.clip(scene.pixels[::-1] * np.float32([0.9, 0.6, 0.5]), 0, 1)

    verbs = frozenset({Verb.FILL, Verb.ERASE, Verb.REFINE})
    found = Registry()
    found.register(Painter(brush, can=Capabilities("brush", verbs, understands_prompts=True)))
    return found


def fill(blobs: MemoryBlobs, *weights: float, **changes: object) -> Recipe:
    recipe = recipe_for(blobs, verb=Verb.FILL, model="brush", **changes)
    samples = np.repeat(np.array(GREENS, np.uint8)[None], 12, axis=0)
    raster = dataclasses.replace(recipe.canvas.source, width=3, height=12, blob=blobs.add(samples.tobytes()))
    return dataclasses.replace(recipe, inputs=tuple(Input(PALETTE, raster, None, weight) for weight in weights))


def greenness(blobs: MemoryBlobs, one: Variation) -> float:
    """Of the selected pixels: how much greener than red and blue together they are."""
    shown = blobs.array(one.patch.pixels).astype(float)[..., :3]
    chosen = shown[blobs.array(one.patch.mask)[..., 0] == 255]
    return float((chosen[:, 1] - chosen[:, [0, 2]].mean(axis=1)).mean())


def test_the_more_it_counts_the_nearer_are_its_colours(blobs: MemoryBlobs, registry: Registry) -> None:
    green = [
        greenness(blobs, one)
        for weight in (0.0, 0.3, 0.6, 1.0)
        for one in perform(fill(blobs, weight), blobs, Silent(), registry)
    ]
    assert (np.diff(green) > 8).all(), green


def test_the_engine_is_not_shown_it_and_one_that_counts_nothing_is_none(
    blobs: MemoryBlobs, registry: Registry, seen: list[Scene]
) -> None:
    made = [
        blobs.read(one.patch.pixels.blob)
        for weights in ((), (0.0,), (1.0,))
        for one in perform(fill(blobs, *weights), blobs, Silent(), registry)
    ]
    assert made[0] == made[1] != made[2]
    for scene in seen[1:]:
        np.testing.assert_array_equal(scene.pixels, seen[0].pixels)


def test_outside_the_selection_nothing_changes_colour(blobs: MemoryBlobs, registry: Registry) -> None:
    recipe = fill(blobs, 1.0)
    (one,) = perform(recipe, blobs, Silent(), registry)
    inside = one.patch.bounds.relative_to(Rect(0, 0, 240, 200)).slices
    unmasked = blobs.array(one.patch.mask)[..., 0] == 0
    before = blobs.array(recipe.canvas.source)[inside][unmasked]
    (plain,) = perform(fill(blobs), blobs, Silent(), registry)
    assert unmasked.any()
    np.testing.assert_array_equal(blobs.array(one.patch.pixels)[unmasked], blobs.array(plain.patch.pixels)[unmasked])
    assert before.shape == blobs.array(one.patch.pixels)[unmasked].shape


def test_a_receipt_has_it_by_hash_and_gives_the_same_pixels(blobs: MemoryBlobs, registry: Registry) -> None:
    recipe = fill(blobs, 0.7)
    (one,) = perform(recipe, blobs, Silent(), registry)
    replayed = Recipe.parse(recipe.canonical()).altered(seed=one.seed)
    (again,) = perform(replayed, blobs, Silent(), registry)
    assert one.receipt["recipe"]["inputs"][0]["raster"]["blob"] == recipe.inputs[0].raster.blob
    assert again.patch.pixels.blob == one.patch.pixels.blob


@pytest.mark.parametrize(
    ("verb", "roles", "field", "why"),
    [
        (Verb.ERASE, [PALETTE], "inputs[0].role", "erase brings no colours of its own"),
        (Verb.FILL, [PALETTE, PALETTE], "inputs", "2 palettes; a result has the colours of one at most"),
        (Verb.FILL, [STYLE], "inputs[0].role", "brush does not read an input 'style'"),
    ],
)
def test_what_means_nothing_is_refused_before_anything_is_painted(
    blobs: MemoryBlobs, registry: Registry, seen: list[Scene], verb: Verb, roles: list[str], field: str, why: str
) -> None:
    recipe = fill(blobs, *(1.0 for _ in roles)).altered(verb=verb)
    inputs = tuple(dataclasses.replace(one, role=role) for one, role in zip(recipe.inputs, roles, strict=True))
    with pytest.raises(InlayError, match=why) as refused:
        list(perform(dataclasses.replace(recipe, inputs=inputs), blobs, Silent(), registry))
    assert refused.value.field == field
    assert not seen
