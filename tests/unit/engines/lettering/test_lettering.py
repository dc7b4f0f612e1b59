"""Lettering on a wall is read, taken away, and set anew as live type in its size, angle, colour and place."""

import dataclasses
import json

import numpy as np
import pytest

from inlay import color
from inlay.color.raster import Raster, SampleType
from inlay.edit.perform import perform
from inlay.engines.models.catalog import Catalog
from inlay.engines.registry import Registry
from inlay.errors import Unsupported
from inlay.recipe import Canvas, Recipe, Style, TypeStyle, Where
from inlay.region import Rect, Size
from inlay.variation import Layers, LiveType, Selection, Variation
from inlay.wire.codec import from_message, to_message
from support.edits import MemoryBlobs, Silent
from support.eyes import DATA, eyes
from support.signs import INK, sign

pytestmark = pytest.mark.slow
SIGN = sign()
AT = (40, 1000)
"""Where the window lies in the document: down, across."""


def performed(
    blobs: MemoryBlobs, registry: Registry, pixels=SIGN.pixels, mask=None, styled: Style | None = None, **options: str
) -> Variation:
    """The verb text on a window of a larger document."""
    height, width = pixels.shape[:2]
    raster = Raster(width, height, "RGB", SampleType.U8, 255, "sRGB-elle-V2-srgbtrc.icc", "")
    samples = color.encode(pixels.astype(np.float32) / 255, None, raster)
    window = Rect(AT[1], AT[0], width, height)
    chosen = np.full((height, width), 255, np.uint8) if mask is None else mask
    selection = Raster(width, height, "Y", SampleType.U8, 255, "", blobs.add(chosen.tobytes()))
    canvas = Canvas(Size(2000, 800), window, dataclasses.replace(raster, blob=blobs.add(samples.tobytes())))
    recipe = Recipe("text", canvas, Where(window, selection), options=options, styled=styled)
    (made,) = perform(recipe, blobs, Silent(), registry)
    return made


@pytest.fixture
def blobs() -> MemoryBlobs:
    return MemoryBlobs()


@pytest.fixture(scope="module")
def registry() -> Registry:
    eyes("text")
    return Registry(Catalog(DATA / "models.toml"))


@pytest.fixture(scope="module")
def retyped(registry) -> tuple[MemoryBlobs, Layers, Variation]:
    blobs = MemoryBlobs()
    made = performed(blobs, registry, words="Night Bakery")
    assert isinstance(made.result, Layers)
    return blobs, made.result, made


def test_a_line_of_live_type_has_the_words_wanted_and_the_old_ones_size_angle_colour_and_place(retyped):
    _, layers, _ = retyped
    clean, typed = layers.layers
    assert clean.type is None
    live = typed.type
    assert live is not None
    assert (typed.name, live.words) == ("Night Bakery", "Night Bakery")
    assert live.size_px == pytest.approx(SIGN.cap_px / 0.72, rel=0.2)
    assert live.angle == pytest.approx(SIGN.angle, abs=1.5)
    assert [int(live.color[at : at + 2], 16) for at in (1, 3, 5)] == pytest.approx(INK, abs=12)
    turn = np.radians(SIGN.angle)
    start = np.array([70, 165]) - [256, 150]
    x = 256 + np.cos(turn) * start[0] - np.sin(turn) * start[1]
    y = 150 + np.sin(turn) * start[0] + np.cos(turn) * start[1]
    assert live.origin.x == pytest.approx(AT[1] + x, abs=7)
    assert live.origin.y == pytest.approx(AT[0] + y, abs=5)
    assert len(live.corners) == 4


def test_a_style_sets_the_font_and_keeps_the_size_within_its_range(blobs: MemoryBlobs, registry: Registry) -> None:
    def typed(**type_: float) -> LiveType:
        made = performed(blobs, registry, styled=Style("kit", type=TypeStyle("Inter", **type_)), words="Night Bakery")
        assert isinstance(made.result, Layers)
        live = made.result.layers[1].type
        assert live
        return live

    assert typed().font == "Inter"
    assert typed(most_px=20).size_px == pytest.approx(20, abs=0.5)
    assert typed(least_px=90, most_px=120).size_px == pytest.approx(90, abs=0.5)


def test_the_surface_below_is_clean_and_untouched_where_no_letter_was(retyped):
    blobs, layers, _ = retyped
    clean = layers.layers[0]
    whole = np.zeros((800, 2000, 4), np.uint8)
    whole[clean.bounds.slices] = blobs.array(clean.pixels)
    window = whole[AT[0] : AT[0] + 300, AT[1] : AT[1] + 512]
    share = window[..., 3:].astype(np.float32) / 255
    shown = SIGN.pixels * (1 - share) + window[..., :3] * share
    letters = np.abs(SIGN.pixels.astype(int) - SIGN.wall).max(axis=2) > 40
    assert (share[letters] > 0.95).mean() > 0.99
    bright = SIGN.wall.max(axis=2)[150:200].max()
    assert (shown[letters].max(axis=1) > max(bright, 200)).mean() < 0.01, "nothing of the ink is left"
    assert share[:60].max() == share[250:].max() == 0


def test_the_pixels_of_the_type_are_its_words_for_hosts_that_cannot_set_any(retyped):
    blobs, layers, _ = retyped
    typed = layers.layers[1]
    drawn = blobs.array(typed.pixels)
    paper = np.full((*drawn.shape[:2], 3), 90, np.float32)
    share = drawn[..., 3:].astype(np.float32) / 255
    shown = np.pad(paper * (1 - share) + drawn[..., :3] * share, ((40, 40), (40, 40), (0, 0)), constant_values=90)
    from inlay.engines.eyes.lettering import Lettering

    (line,) = Lettering(eyes("text").place("text")).read(shown.astype(np.uint8))
    assert line.words == "Night Bakery"


def test_the_contract_brings_live_type_to_a_host_and_back(retyped):
    from inlay.v1 import recipe_pb2

    _, layers, _ = retyped
    for layer in layers.layers:
        message = recipe_pb2.Layer.FromString(to_message(layer, recipe_pb2.Layer).SerializeToString())
        assert message.HasField("type") == (layer.type is not None)
        assert from_message(type(layer), message) == layer


def test_it_says_what_it_read_and_how_sure_it_is(retyped):
    _, _, made = retyped
    assert made.report.notes[0].startswith("Read: Corner Bakery (")
    (told,) = json.loads(made.receipt["lines"])
    assert told["words"] == "Corner Bakery"
    assert told["confidence"] > 0.9
    assert not told["garbled"]


def test_the_first_line_is_the_topmost_layer(blobs, registry):
    two = np.vstack([sign("Corner Bakery").pixels, sign("Fine Bread").pixels])
    layers = performed(blobs, registry, two, words="Night Bakery\nStale Bread").result
    assert isinstance(layers, Layers)
    assert [layer.name for layer in layers.layers] == ["Clean surface", "Stale Bread", "Night Bakery"]


def test_without_words_it_is_set_as_it_was_read_and_clean_sets_nothing(blobs, registry):
    asis = performed(blobs, registry).result
    assert isinstance(asis, Layers)
    assert asis.layers[1].name == "Corner Bakery"
    alone = performed(blobs, registry, lettering="clean").result
    assert isinstance(alone, Layers)
    assert [layer.name for layer in alone.layers] == ["Clean surface"]


def test_lettering_can_be_selected_and_what_is_not_selected_is_left(blobs, registry):
    found = performed(blobs, registry, lettering="find").result
    assert isinstance(found, Selection)
    assert blobs.array(found.mask).max() == 255
    below = np.zeros((300, 512), np.uint8)
    below[250:] = 255
    nothing = performed(blobs, registry, mask=below)
    assert nothing.report.notes == ("Nothing was found.",)


def test_longer_words_are_set_smaller_so_that_they_fit(blobs, registry):
    long = performed(blobs, registry, words="Corner Bakery and Coffee").result
    asis = performed(blobs, registry).result
    assert isinstance(long, Layers)
    assert isinstance(asis, Layers)
    assert long.layers[1].type
    assert asis.layers[1].type
    assert long.layers[1].type.size_px < 0.7 * asis.layers[1].type.size_px
    assert long.layers[1].bounds.width < 1.1 * asis.layers[1].bounds.width


def test_without_the_network_it_is_said_what_to_type(blobs, tmp_path):
    with pytest.raises(Unsupported, match="inlay models pull text"):
        performed(blobs, Registry(Catalog(tmp_path / "models.toml")))
