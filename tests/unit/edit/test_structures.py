"""An edit that keeps a structure: the map is made of what the window shows, or is the layer that was drawn."""

import colorsys
import dataclasses
from pathlib import Path

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray
from skimage import data

from inlay.capabilities import Capabilities
from inlay.edit.perform import perform
from inlay.engines.eyes import Eyes
from inlay.engines.eyes.bodies import Body
from inlay.engines.eyes.hands import Hand
from inlay.engines.interface import Scene
from inlay.engines.models.catalog import Catalog
from inlay.engines.registry import Registry
from inlay.engines.structure.pose import drawn as pose_map
from inlay.engines.structure.pose import pose_of, skeleton_of
from inlay.errors import InlayError, Unsupported
from inlay.recipe import CONTROL, Input, Recipe, Verb
from inlay.region import Rect
from inlay.structure import STRUCTURES
from inlay.variation import Layers
from support.edits import MemoryBlobs, Painter, Silent, photo, recipe_for
from support.eyes import lend

WINDOW = Rect(0, 0, 240, 200)


@pytest.fixture
def blobs() -> MemoryBlobs:
    return MemoryBlobs()


@pytest.fixture
def seen() -> list[Scene]:
    return []


@pytest.fixture
def registry(seen: list[Scene], tmp_path: Path) -> Registry:
    """Knows an engine that can be held to everything but sees no depth, and a blind one."""

    def brush(scene: Scene) -> NDArray[np.float32]:
        seen.append(scene)
        return scene.pixels * np.float32(0.5)

    verbs = frozenset({Verb.FILL, Verb.GENERATE})
    can = Capabilities("brush", verbs, understands_prompts=True)
    found = Registry(Catalog(tmp_path / "models.toml"))
    found.register(Painter(brush, can=dataclasses.replace(can, name="blind")))
    kinds = frozenset(STRUCTURES)
    found.register(Painter(brush, can=dataclasses.replace(can, accepts=frozenset({CONTROL}), structures=kinds)))
    return found


def fill(blobs: MemoryBlobs, kind: str, model: str = "", **changes: object) -> Recipe:
    recipe = recipe_for(blobs, verb=Verb.FILL, prompt="a hat", model=model, **changes)
    return dataclasses.replace(recipe, options={"structure": kind})


def drawn(blobs: MemoryBlobs, recipe: Recipe, samples: NDArray[np.uint8], place: Rect | None) -> Recipe:
    height, width = samples.shape[:2]
    raster = dataclasses.replace(recipe.canvas.source, width=width, height=height, blob=blobs.add(samples.tobytes()))
    return dataclasses.replace(recipe, inputs=(Input(CONTROL, raster, place, name="Sketch"),))


def test_edges_are_those_that_the_window_shows_under_the_mask_too(
    blobs: MemoryBlobs, registry: Registry, seen: list[Scene]
) -> None:
    list(perform(fill(blobs, "edges"), blobs, Silent(), registry))
    (scene,) = seen
    found = scene.input(CONTROL)
    assert found is not None
    expected = cv2.Canny(np.round(np.clip(photo(), 0, 1) * 255).astype(np.uint8), 50, 200) / 255
    assert found.pixels.shape == scene.pixels.shape
    assert expected[80:120, 90:150].any(), "nothing to see under the mask"
    assert np.abs(found.pixels[..., 0] - expected).mean() < 0.01


def test_whoever_can_be_held_is_chosen_where_nobody_is_named(
    blobs: MemoryBlobs, registry: Registry, seen: list[Scene]
) -> None:
    assert registry.painter_of(fill(blobs, "edges")).name == "brush"
    assert registry.painter_of(fill(blobs, "none")).name == "blind"


@pytest.mark.parametrize("place", [Rect(30, 40, 60, 50), None])
def test_a_layer_that_was_drawn_takes_the_place_of_the_map(
    blobs: MemoryBlobs, registry: Registry, seen: list[Scene], place: Rect | None
) -> None:
    size = (place.height, place.width) if place else (200, 240)
    samples = np.zeros((*size, 4), np.uint8)
    samples[10:20, 5:50] = 255
    samples[30:35, 5:50] = (255, 255, 255, 0)
    list(perform(drawn(blobs, fill(blobs, "pose"), samples, place), blobs, Silent(), registry))
    (found,) = seen[0].inputs
    expected = np.zeros((200, 240), np.float32)
    x, y = (place.x, place.y) if place else (0, 0)
    expected[y + 10 : y + 20, x + 5 : x + 50] = 1
    np.testing.assert_allclose(found.pixels[..., 0], expected, atol=2e-3)


def test_a_receipt_has_kind_strength_and_map_and_gives_the_same_pixels(blobs: MemoryBlobs, registry: Registry) -> None:
    recipe = drawn(blobs, fill(blobs, "lines"), np.full((200, 240, 4), 255, np.uint8), WINDOW)
    (one,) = perform(recipe, blobs, Silent(), registry)
    (again,) = perform(Recipe.parse(recipe.canonical()), blobs, Silent(), registry)
    assert one.receipt["recipe"]["options"]["structure"] == "lines"
    assert one.receipt["recipe"]["inputs"][0]["raster"]["blob"] == recipe.inputs[0].raster.blob
    assert one.patch.pixels.blob == again.patch.pixels.blob


@pytest.mark.parametrize(
    ("kind", "model", "with_map", "field", "why"),
    [
        ("edges", "blind", False, "options.structure", "blind cannot be held to edges"),
        ("none", "brush", True, "options.structure", "it must say what the drawn map shows"),
        ("depth", "brush", False, "options.structure", "brush has no model of depth beside it"),
        ("pose", "brush", False, "options.structure", "the small network 'body' is not here"),
    ],
)
def test_what_cannot_be_kept_is_said(
    blobs: MemoryBlobs,
    registry: Registry,
    seen: list[Scene],
    kind: str,
    model: str,
    with_map: bool,
    field: str,
    why: str,
) -> None:
    recipe = fill(blobs, kind, model)
    if with_map:
        recipe = drawn(blobs, recipe, np.zeros((200, 240, 4), np.uint8), None)
    with pytest.raises(InlayError, match=why) as refused:
        list(perform(recipe, blobs, Silent(), registry))
    assert refused.value.field == field
    assert not seen


@pytest.mark.slow
def test_a_pose_is_drawn_where_it_is_and_none_is_made_up(tmp_path: Path) -> None:
    lend(("faces",), tmp_path)
    here = Eyes(Catalog(tmp_path / "models.toml"))
    made = pose_map(pose_of(data.astronaut().astype(np.float32) / 255, here), 512, 512)
    rows, columns = np.nonzero(made.max(axis=2) > 0.5)
    for x, y in ((203, 100), (246, 103)):  # her pupils, looked up in the photograph
        assert np.hypot(rows - y, columns - x).min() < 12
    assert rows.max() < 190, "below her chin there is nothing"
    with pytest.raises(Unsupported, match="nobody was found there"):
        pose_of(np.full((200, 240, 3), 0.5, np.float32), here)


@pytest.mark.slow
def test_of_a_hand_each_bone_has_its_colour() -> None:
    points = np.random.default_rng(3).uniform(40, 200, (21, 2)).astype(np.float32)
    made = pose_map(skeleton_of([Hand(1.0, points)], [], 240), 240, 240)
    for finger, (first, second) in enumerate(((1, 2), (5, 6), (9, 10), (13, 14), (17, 18))):
        x, y = np.round((points[first] + points[second]) / 2).astype(int)
        around = made[y - 2 : y + 3, x - 2 : x + 3].reshape(-1, 3)
        hue = colorsys.hsv_to_rgb((4 * finger + 1) / 20, 1, 1)
        assert np.abs(around - hue).sum(axis=1).min() < 0.35, finger


@pytest.mark.slow
def test_of_a_body_each_limb_that_is_in_sight_has_its_colour() -> None:
    points = np.zeros((33, 2), np.float32)
    points[0] = 120, 30
    points[11:17] = (160, 70), (80, 70), (190, 120), (50, 120), (200, 180), (40, 180)
    seen = np.zeros(33, np.float32)
    seen[[0, 11, 12, 13, 14, 15]] = 1  # the right wrist is hidden
    made = pose_map(skeleton_of([], [], 240, [Body(1.0, points, seen)]), 240, 240)
    joints = {(120, 30): "FF0000", (120, 70): "FF5500", (80, 70): "FFAA00", (50, 120): "FFFF00", (160, 70): "55FF00"}
    bones = {(100, 70): "990000", (140, 70): "993300", (65, 95): "996600", (175, 95): "669900", (195, 150): "339900"}
    for (x, y), color in {**joints, **bones}.items():  # as the ControlNets' own annotators draw them
        assert np.round(made[y, x] * 255).astype(np.uint8).tobytes().hex().upper() == color, (x, y)
    assert not made[150:, 30:60].any(), "a forearm that nobody sees"


@pytest.mark.slow
def test_a_pose_has_the_body_to_which_the_face_belongs(tmp_path: Path) -> None:
    lend(("faces", "body"), tmp_path)
    here = Eyes(Catalog(tmp_path / "models.toml"))
    made = pose_map(pose_of(data.astronaut().astype(np.float32) / 255, here), 512, 512)
    across = made[215:240, 150:270].reshape(-1, 3)
    assert ((across[:, 0] > 0.55) & (across[:, 2] == 0)).any(), "no line from shoulder to shoulder"


@pytest.mark.parametrize("kind", ["edges", "composition"])
def test_the_map_comes_back_as_a_layer_that_holds_an_edit_as_the_map_does(
    blobs: MemoryBlobs, registry: Registry, seen: list[Scene], kind: str
) -> None:
    recipe = dataclasses.replace(recipe_for(blobs, verb=Verb.STRUCTURE), options={"structure": kind})
    (one,) = perform(recipe, blobs, Silent(), registry)
    assert isinstance(one.result, Layers)
    (layer,) = one.result.layers
    assert recipe.where.region.contains(layer.bounds)
    assert layer.pixels.order == "RGBA"

    list(perform(fill(blobs, kind), blobs, Silent(), registry))
    drawn_again = dataclasses.replace(fill(blobs, kind), inputs=(Input(CONTROL, layer.pixels, layer.bounds),))
    list(perform(drawn_again, blobs, Silent(), registry))
    made, used = (scene.inputs[0].pixels for scene in seen)
    shown = seen[0].mask[..., None]
    assert (made * shown).max() > 0.2
    assert np.abs(used - made * shown).max() < 0.02
