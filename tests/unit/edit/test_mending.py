"""Fix: hands are found by the real detector, painted large in their crop, ordered by it; everything else is locked.

What paints is a spy that draws hands with more or fewer fingers; what finds is real.
"""

import dataclasses

import cv2
import numpy as np
import pytest

from inlay import color
from inlay.capabilities import Capabilities, Kind
from inlay.color.raster import Raster, SampleType
from inlay.edit.mending import PART_PX
from inlay.edit.perform import perform
from inlay.engines.interface import Painting
from inlay.engines.models.catalog import Catalog
from inlay.engines.registry import Registry
from inlay.errors import Unsupported
from inlay.recipe import Canvas, Recipe, Sampling, Verb, Where
from inlay.region import Rect, Size
from inlay.variation import Patch, Selection
from support.drawn import hand
from support.edits import MemoryBlobs, Silent
from support.eyes import DATA, eyes

pytestmark = pytest.mark.slow

SIDE = 360
MODEL = Capabilities("spy", frozenset({Verb.REFINE, Verb.FILL}), understands_prompts=True, multiple=8, max_px=2_000_000)


class HandPainter:
    """Draws a hand with 2, 5, no and 1 finger into the crop that it is shown."""

    FINGERS = (2, 5, 0, 1)

    def __init__(self) -> None:
        self.scenes: list = []
        self.recipes: list = []

    def capabilities(self) -> Capabilities:
        return MODEL

    def paint(self, scene, recipe, progress):
        self.scenes.append(scene)
        self.recipes.append(recipe)
        height, width = scene.mask.shape
        side = max(height, width)
        for variation in range(recipe.sampling.count):
            drawn = hand(side, side / 480, fingers=self.FINGERS[variation % 4])
            top, left = (side - height) // 2, (side - width) // 2
            pixels = drawn[top : top + height, left : left + width]
            yield Painting(variation, recipe.sampling.seed_of(variation), pixels, own_pixels=True)


@pytest.fixture
def blobs() -> MemoryBlobs:
    return MemoryBlobs()


@pytest.fixture
def registry() -> Registry:
    eyes("hands", "faces")
    return Registry(Catalog(DATA / "models.toml"))


def recipe(blobs: MemoryBlobs, pixels: np.ndarray, **changes: object) -> Recipe:
    """Fix in a whole picture of 16 bit."""
    height, width = pixels.shape[:2]
    raster = Raster(width, height, "RGB", SampleType.U16, 65535, "sRGB-elle-V2-srgbtrc.icc", "")
    source = dataclasses.replace(raster, blob=blobs.add(color.encode(pixels, None, raster).tobytes()))
    everywhere = Rect(0, 0, width, height)
    mask = Raster(width, height, "Y", SampleType.U8, 255, "", blobs.add(np.full((height, width), 255, np.uint8)))
    made = Recipe(
        Verb.FIX,
        Canvas(Size(width, height), everywhere, source),
        Where(everywhere, mask),
        sampling=Sampling(seed=3, count=4),
        options={"fix": "hands"},
    )
    return made.altered(**changes)


def small_hand() -> np.ndarray:
    return hand(SIDE, 0.45)


def test_a_hand_is_painted_at_512_px_or_more_and_the_model_is_told_what_it_is(blobs, registry):
    painter = HandPainter()
    registry.register(painter)
    list(perform(recipe(blobs, small_hand()), blobs, Silent(), registry))
    (scene,), (asked,) = painter.scenes, painter.recipes
    rows, columns = np.nonzero(scene.mask > 0.5)
    assert max(np.ptp(rows), np.ptp(columns)) >= PART_PX
    assert scene.mask.shape[0] % 8 == scene.mask.shape[1] % 8 == 0
    assert asked.verb == Verb.REFINE
    assert "hand" in asked.words.prompt


def test_four_candidates_come_the_surest_first_and_none_is_left_out(blobs, registry):
    registry.register(HandPainter())
    made = list(perform(recipe(blobs, small_hand()), blobs, Silent(), registry))
    assert [one.index for one in made] == [0, 1, 2, 3]
    assert sorted(one.seed for one in made) == [3, 4, 5, 6]
    assert made[0].seed == 4, "the one with five fingers"
    sure = [float(one.receipt["presence"]) for one in made]
    assert sure == sorted(sure, reverse=True)
    assert sure[0] > 0.5 > sure[-1]
    assert "% sure of this" in made[0].report.notes[0]


def test_everything_but_the_hand_is_locked_and_the_mask_is_soft(blobs, registry):
    registry.register(HandPainter())
    made = next(perform(recipe(blobs, small_hand()), blobs, Silent(), registry))
    assert isinstance(made.result, Patch)
    mask = blobs.array(made.result.mask)[..., 0]
    laid = np.zeros((SIDE, SIDE), np.uint8)
    laid[made.result.bounds.slices] = mask
    assert laid[:50].max() == laid[-40:].max() == laid[:, :50].max() == laid[:, -50:].max() == 0
    assert laid[185, 180] == 255, "its palm"
    assert len(np.unique(laid)) > 20, "soft at its edge"


def test_what_is_not_selected_is_not_mended(blobs, registry):
    both = np.concatenate([small_hand(), small_hand()], axis=1)
    selected = np.zeros((SIDE, 2 * SIDE), np.uint8)
    selected[:, :SIDE] = 255
    asked = recipe(blobs, both)
    mask = dataclasses.replace(asked.where.mask, blob=blobs.add(selected))
    registry.register(HandPainter())
    made = next(perform(asked.altered(mask=mask, count=1), blobs, Silent(), registry))
    laid = np.zeros((SIDE, 2 * SIDE), np.uint8)
    laid[made.result.bounds.slices] = blobs.array(made.result.mask)[..., 0]
    assert laid[:, :SIDE].max() == 255
    assert laid[:, SIDE:].max() == 0
    assert made.receipt["parts"] == "1"


def test_without_a_painting_model_the_hand_is_selected(blobs, registry):
    assert registry.choose(Verb.FIX).kind is Kind.DETECTS
    made = next(perform(recipe(blobs, small_hand(), count=1), blobs, Silent(), registry))
    assert isinstance(made.result, Selection)
    x, _, width, _ = made.result.bounds
    assert 60 < x < 180 < x + width < 300
    assert blobs.array(made.result.mask).max() == 255
    assert made.report.notes == (), "the plan has said what is missing"


def test_with_a_model_that_paints_it_is_chosen(registry):
    registry.register(HandPainter())
    assert registry.choose(Verb.FIX).name == "spy"


def test_where_there_is_no_hand_nothing_is_painted(blobs, registry):
    painter = HandPainter()
    registry.register(painter)
    empty = np.full((SIDE, SIDE, 3), 0.4, np.float32)
    made = next(perform(recipe(blobs, empty, count=1), blobs, Silent(), registry))
    assert made.report.notes == ("Nothing was found.",)
    assert not painter.scenes


def test_without_the_network_it_is_said_what_to_type(blobs, tmp_path):
    registry = Registry(Catalog(tmp_path / "models.toml"))
    with pytest.raises(Unsupported, match="inlay models pull hands"):
        next(perform(recipe(blobs, small_hand()), blobs, Silent(), registry))


def test_faces_and_eyes_of_a_photograph_are_selected_each_in_its_place(blobs, registry):
    from skimage import data

    photo = data.astronaut()[:300, 60:360].astype(np.float32) / 255

    def found(kind: str) -> Rect:
        asked = recipe(blobs, photo, count=1, options={"fix": kind})
        return next(perform(asked, blobs, Silent(), registry)).result.bounds

    face, both = found("faces"), found("eyes")
    assert face.contains(both)
    assert both.y < 103 < both.y + both.height < 140, "her eyes, in the photograph"


class Softener:
    """Answers with what it is shown, softened more and more: a face that is hardly one at the end."""

    SOFT_PX = (40.0, 0.5, 20.0, 90.0)

    def __init__(self) -> None:
        self.scenes: list = []

    def capabilities(self) -> Capabilities:
        return MODEL

    def paint(self, scene, recipe, progress):
        self.scenes.append(scene)
        for variation in range(recipe.sampling.count):
            soft = cv2.GaussianBlur(scene.pixels, (0, 0), self.SOFT_PX[variation])
            yield Painting(variation, recipe.sampling.seed_of(variation), soft, own_pixels=True)


@pytest.mark.parametrize("kind", ["faces", "eyes"])
def test_a_small_face_of_a_photograph_is_painted_large_and_the_rest_of_it_is_locked(blobs, registry, kind):
    from skimage import data

    photo = cv2.resize(data.astronaut(), (320, 320), interpolation=cv2.INTER_AREA).astype(np.float32) / 255
    painter = Softener()
    registry.register(painter)
    asked = recipe(blobs, photo, options={"fix": kind})
    made = list(perform(asked, blobs, Silent(), registry))
    (scene,) = painter.scenes
    rows, columns = np.nonzero(scene.mask > 0.5)
    assert max(np.ptp(rows), np.ptp(columns)) >= PART_PX
    assert len(made) == 4
    sure = [float(one.receipt["presence"]) for one in made]
    assert sure == sorted(sure, reverse=True)
    assert made[0].seed == 4, "the one that is hardly softened"
    assert made[-1].seed == 6, "the one that is hardly a face"
    patch = made[0].result
    assert isinstance(patch, Patch)
    laid = np.zeros((320, 320), np.uint8)
    laid[patch.bounds.slices] = blobs.array(patch.mask)[..., 0]
    head = Rect(85, 15, 110, 115)  # measured in the photograph, with hair and chin
    outside = np.ones((320, 320), np.bool_)
    outside[head.slices] = False
    assert laid[outside].max() == 0
    assert laid[58:70, 120:165].max() == 255, "her eyes"
