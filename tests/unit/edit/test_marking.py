"""The verb marks: one run paints each colour that was drawn as an edit of its own, and nothing of the drawing is in any result.

The classic engine and a spy that reads words paint; the layer's stack is put together by the test.
"""

import dataclasses
import json

import numpy as np
import pytest
from skimage import data

from inlay.capabilities import Capabilities
from inlay.color.raster import Raster, SampleType
from inlay.edit.perform import perform
from inlay.engines.interface import Painting
from inlay.engines.registry import Registry
from inlay.errors import InvalidInput
from inlay.plain import from_plain
from inlay.recipe import MARKS, REGION, Canvas, Input, Recipe, Sampling, Tier, Verb, Where
from inlay.region import Rect, Size
from inlay.variation import Layers, Selection
from support.edits import MemoryBlobs, Silent
from support.scribbles import Sheet

WIDTH, HEIGHT = 400, 300
RED, GREEN = "#E02020", "#20C040"
READS = Capabilities(
    "reads", frozenset({Verb.FILL, Verb.ERASE}), understands_prompts=True, multiple=8, max_px=2_000_000
)


class Spy:
    """Paints one grey for each call, darker each time."""

    def __init__(self, can: Capabilities = READS) -> None:
        self.can = can
        self.seen: list = []

    def capabilities(self) -> Capabilities:
        return self.can

    def paint(self, scene, recipe, progress):
        self.seen.append((recipe, scene))
        progress.step(1, 1, "painting")
        grey = np.full_like(scene.pixels, 0.9 - 0.2 * len(self.seen))
        yield Painting(0, recipe.sampling.seed, grey, own_pixels=True)


@pytest.fixture
def blobs() -> MemoryBlobs:
    return MemoryBlobs()


def photo() -> np.ndarray:
    """Without any strong colour: all that is red or green in a result was drawn."""
    grey = np.asarray(data.camera())[100 : 100 + HEIGHT, 80 : 80 + WIDTH]
    return np.repeat(grey[..., None], 3, axis=2)


def recipe(blobs: MemoryBlobs, sheet: Sheet, pixels: np.ndarray | None = None, **changes: object) -> Recipe:
    pixels = photo() if pixels is None else pixels
    height, width = pixels.shape[:2]
    like = Raster(width, height, "RGB", SampleType.U8, 255, "sRGB-elle-V2-srgbtrc.icc", blobs.add(pixels.tobytes()))
    everywhere = Rect(0, 0, width, height)
    mask = Raster(width, height, "Y", SampleType.U8, 255, "", blobs.add(np.full((height, width), 255, np.uint8)))
    drawn = np.rint(255 * sheet.rgba).astype(np.uint8)
    marks = dataclasses.replace(like, order="RGBA", blob=blobs.add(drawn.tobytes()))
    made = Recipe(
        Verb.MARKS,
        Canvas(Size(width, height), everywhere, like),
        Where(everywhere, mask),
        sampling=Sampling(seed=5, count=1),
        inputs=(Input(MARKS, marks, everywhere),),
    )
    return made.altered(**changes)


def stacked(blobs: MemoryBlobs, pixels: np.ndarray, result: Layers) -> np.ndarray:
    """The layers through their masks over the picture, as a host shows them."""
    shown = pixels.astype(np.float64)
    for layer in result.layers:
        colors = blobs.array(layer.pixels)
        assert layer.mask
        share = blobs.array(layer.mask) / 255 * (colors[..., 3:] / 255)
        here = shown[layer.bounds.slices]
        here[:] = here + (colors[..., :3] - here) * share
    return np.rint(shown).astype(np.uint8)


def two_circles() -> Sheet:
    sheet = Sheet(WIDTH, HEIGHT)
    sheet.circle((100, 100), 45, 40, RED, 5)
    sheet.circle((290, 190), 50, 45, GREEN, 5)
    return sheet


def test_each_colour_comes_back_as_a_layer_with_its_own_mask_and_all_else_is_locked(blobs):
    pixels = photo()
    (made,) = perform(recipe(blobs, two_circles()), blobs, Silent(), Registry())
    assert isinstance(made.result, Layers)
    assert [layer.name for layer in made.result.layers] == ["Mark 1", "Mark 2"]
    shown = stacked(blobs, pixels, made.result)
    changed = (shown != pixels).any(axis=-1)
    meant = np.zeros((HEIGHT, WIDTH), np.bool_)
    for layer in made.result.layers:
        meant[layer.bounds.slices] |= blobs.array(layer.mask)[..., 0] > 0
    assert changed.any()
    assert not changed[~meant].any()
    reach = np.ones((HEIGHT, WIDTH), np.bool_)
    reach[45:160, 40:165] = reach[130:250, 225:360] = False
    assert not changed[reach].any(), "nothing beyond the circles"


@pytest.mark.slow
def test_no_pixel_of_a_mark_is_in_a_result_whatever_was_scribbled(blobs):
    dice, pixels = np.random.default_rng(11), np.ascontiguousarray(photo()[::2, ::2])
    height, width = pixels.shape[:2]
    survived = 0
    for _ in range(50):
        sheet = Sheet(width, height)
        for color in (RED, GREEN):
            points = dice.uniform((10, 10), (width - 10, height - 10), (int(dice.integers(2, 6)), 2))
            sheet.line([(float(x), float(y)) for x, y in points], color, float(dice.uniform(2, 8)))
        asked = recipe(blobs, sheet, pixels).altered(tier=Tier.DRAFT)
        (made,) = perform(asked, blobs, Silent(), Registry())
        shown = stacked(blobs, pixels, made.result).astype(int)
        survived += int((np.ptp(shown, axis=-1) > 24).sum())
    assert survived == 0


def test_a_mark_that_follows_sees_what_was_painted_before_it(blobs):
    sheet = Sheet(WIDTH, HEIGHT)
    sheet.circle((150, 120), 45, 45, RED, 5)
    sheet.circle((180, 140), 45, 45, GREEN, 5)
    spy, registry = Spy(), Registry()
    registry.register(spy)
    (made,) = perform(recipe(blobs, sheet, prompt="a ball"), blobs, Silent(), registry)
    assert isinstance(made.result, Layers)
    (_, first), (_, second) = spy.seen
    assert first.mask.any()
    assert second.mask.any()
    greys = np.abs(second.pixels - 0.7).max(axis=-1) < 0.02
    assert (greys & (second.mask > 0)).sum() > 500, "the first mark's grey is where they overlap"


def test_words_fill_no_words_erase_and_an_engine_without_words_says_so(blobs):
    spy, registry = Spy(), Registry()
    registry.register(spy)
    (made,) = perform(recipe(blobs, two_circles(), prompt="a ball"), blobs, Silent(), registry)
    assert [asked.verb for asked, _ in spy.seen] == ["fill", "fill"]
    assert [asked.words.prompt for asked, _ in spy.seen] == ["a ball", "a ball"]
    assert [told["verb"] for told in json.loads(made.receipt["marks"])] == ["fill", "fill"]
    spy.seen.clear()
    list(perform(recipe(blobs, two_circles()), blobs, Silent(), registry))
    assert [asked.verb for asked, _ in spy.seen] == ["erase", "erase"]
    spy.seen.clear()
    list(perform(recipe(blobs, two_circles(), prompt="remove"), blobs, Silent(), registry))
    assert [asked.verb for asked, _ in spy.seen] == ["erase", "erase"]


def test_no_engine_gets_to_see_the_layer_of_marks(blobs):
    spy, registry = Spy(), Registry()
    registry.register(spy)
    list(perform(recipe(blobs, two_circles(), prompt="a ball"), blobs, Silent(), registry))
    for asked, scene in spy.seen:
        assert not asked.inputs
        assert not scene.inputs
        first = scene is spy.seen[0][1]
        assert not first or np.ptp(scene.pixels, axis=-1).max() < 0.1, "grey as the picture"


def test_regions_with_words_of_their_own_are_painted_one_after_the_other_each_through_its_own_mask(blobs):
    spy, registry = Spy(), Registry()
    registry.register(spy)
    asked = recipe(blobs, two_circles())
    shares = np.zeros((2, HEIGHT, WIDTH), np.uint8)
    shares[0, 40:100, 50:120] = 255
    shares[1, 150:220, 200:300] = 128
    places = [dataclasses.replace(asked.where.mask, blob=blobs.add(share)) for share in shares]
    named = zip(("a silk shirt", ""), places, strict=True)
    regions = tuple(Input(REGION, place, asked.canvas.window, name=name) for name, place in named)
    (made,) = perform(asked.altered(inputs=regions), blobs, Silent(), registry)
    assert [(one.verb, one.words.prompt) for one, _ in spy.seen] == [("fill", "a silk shirt"), ("erase", "")]
    assert [layer.name for layer in made.result.layers] == ["a silk shirt", "Region 2"]
    for layer, share in zip(made.result.layers, shares, strict=True):
        laid = np.zeros((HEIGHT, WIDTH), np.uint8)
        laid[layer.bounds.slices] = blobs.array(layer.mask)[..., 0]
        assert np.array_equal(laid, share), "value for value"


def test_three_variations_are_three_whole_answers_with_their_own_seeds(blobs):
    spy, registry = Spy(), Registry()
    registry.register(spy)
    steps: list[tuple[int, int]] = []

    class Watched(Silent):
        def step(self, index: int, total: int, phase: str) -> None:
            steps.append((index, total))

    made = list(perform(recipe(blobs, two_circles(), prompt="a ball", count=3), blobs, Watched(), registry))
    assert [(one.index, one.seed, len(one.result.layers)) for one in made] == [(0, 5, 2), (1, 6, 2), (2, 7, 2)]
    assert [asked.sampling.seed for asked, _ in spy.seen] == [5, 5, 6, 6, 7, 7]
    assert steps == [(at, 6) for at in range(1, 7)], "as one job"


def test_the_marks_can_be_selected_first_and_the_selection_is_what_would_be_painted(blobs):
    asked = recipe(blobs, two_circles())
    (found,) = perform(asked.altered(options={"then": "select"}), blobs, Silent(), Registry())
    assert isinstance(found.result, Selection)
    (made,) = perform(asked, blobs, Silent(), Registry())
    masks, selected = np.zeros((2, HEIGHT, WIDTH), np.uint8)
    selected[found.result.bounds.slices] = blobs.array(found.result.mask)[..., 0]
    for layer in made.result.layers:
        here = masks[layer.bounds.slices]
        np.maximum(here, blobs.array(layer.mask)[..., 0], out=here)
    assert np.array_equal(masks, selected)


def test_only_what_is_selected_of_the_marks_is_painted(blobs):
    asked = recipe(blobs, two_circles())
    half = np.zeros((HEIGHT, WIDTH), np.uint8)
    half[:, :200] = 255
    mask = dataclasses.replace(asked.where.mask, blob=blobs.add(half))
    (made,) = perform(asked.altered(mask=mask), blobs, Silent(), Registry())
    assert [layer.bounds.right <= 200 + 32 for layer in made.result.layers] == [True]
    assert any("outside of the selection" in note for note in made.report.notes)


@pytest.mark.parametrize("sample", [SampleType.U16, SampleType.F32])
def test_a_deep_document_gets_its_own_depth_back(blobs, sample):
    white = 65535 if sample is SampleType.U16 else 1
    kind = np.uint16 if sample is SampleType.U16 else np.float32
    asked, sheet = recipe(blobs, two_circles()), two_circles()
    pixels = (photo().astype(np.float64) / 255 * white).astype(kind)
    source = dataclasses.replace(
        asked.canvas.source, sample_type=sample, white_level=white, blob=blobs.add(pixels.tobytes())
    )
    drawn = (sheet.rgba * white).astype(kind)
    marks = dataclasses.replace(source, order="RGBA", blob=blobs.add(drawn.tobytes()))
    (made,) = perform(
        asked.altered(source=source, inputs=(Input(MARKS, marks, asked.canvas.window),)), blobs, Silent(), Registry()
    )
    assert {layer.pixels.sample_type for layer in made.result.layers} == {sample}
    for layer in made.result.layers:
        own = blobs.array(layer.pixels)
        assert own.dtype == kind
        assert np.isfinite(own).all()
        assert (own[..., 3] == white).all(), "opaque: the mask says how much of it shows"


def test_the_receipt_paints_the_same_pixels_again(blobs):
    (made,) = perform(recipe(blobs, two_circles()), blobs, Silent(), Registry())
    again = from_plain(Recipe, made.receipt["recipe"])
    (once_more,) = perform(again, blobs, Silent(), Registry())
    assert [layer.pixels.blob for layer in made.result.layers] == [
        layer.pixels.blob for layer in once_more.result.layers
    ]


def test_without_a_layer_of_marks_or_with_an_opaque_one_it_is_refused_by_name(blobs):
    asked = recipe(blobs, two_circles())
    with pytest.raises(InvalidInput, match="no layer of marks"):
        list(perform(asked.altered(inputs=()), blobs, Silent(), Registry()))
    opaque = Input(MARKS, asked.canvas.source, asked.canvas.window)
    with pytest.raises(InvalidInput, match=r"RGB.*transparent layer"):
        list(perform(asked.altered(inputs=(opaque,)), blobs, Silent(), Registry()))
