"""Whatever an engine answers arrives as what it is, pixel by pixel: a patch, layers, a selection, a picture, a clip."""

import json
from collections.abc import Iterator

import numpy as np
import pytest

from inlay.client.client import Client
from inlay.color.raster import Raster, SampleType
from inlay.events import VariationDone
from inlay.recipe import Recipe
from inlay.region import Rect, Size
from inlay.variation import Frames, Layers, Patch, Picture, Selection, Variation
from rpc.process import running_server
from support.edits import MemoryBlobs, recipe_for
from support.job_room import new_id

CORNER = (30, 50)
"""Where the window lies in the document, px: what is placed must be placed there."""

DEPTHS = [
    pytest.param(SampleType.U8, "RGB", 255, id="8 bit"),
    pytest.param(SampleType.U16, "BGRA", 65535, id="16 bit with alpha"),
]


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Client]:
    folder = tmp_path_factory.mktemp("answers") / "data"
    with (
        running_server(folder, painter="", engines="support.answers:registry_of") as server,
        Client(server.address) as client,
    ):
        yield client


class Asked:
    """One answered question; everything is read from the server."""

    def __init__(self, client: Client, verb: str, sample_type: SampleType, order: str, white: float) -> None:
        blobs = MemoryBlobs()
        self.client = client
        recipe: Recipe = recipe_for(blobs, sample_type=sample_type, order=order, white=white, verb=verb)
        window, region = recipe.canvas.window, recipe.where.region
        self.recipe = recipe.altered(
            document=Size(window.width + 100, window.height + 100),
            window=window.moved(*CORNER),
            region=region.moved(*CORNER),
        )
        self.before = blobs.array(self.recipe.canvas.source)
        self.mask = blobs.array(self.recipe.where.mask)[..., 0]
        for data in blobs.held.values():
            client.upload(data)
        job_id = new_id()
        client.submit(job_id, self.recipe)
        (self.variation,) = (
            event.happening.variation for event in client.watch(job_id) if isinstance(event.happening, VariationDone)
        )

    @property
    def colors(self) -> np.ndarray:
        """Of the window, in the document's own samples."""
        return self.before[..., :3]

    @property
    def red(self) -> np.ndarray:
        return self.before[..., 2 if self.recipe.canvas.source.order == "BGRA" else 0]

    def pixels(self, raster: Raster) -> np.ndarray:
        return raster.array(self.client.fetch(raster.blob), "result")


def in_document(rect: Rect) -> Rect:
    return rect.moved(*CORNER)


def in_window(rect: Rect) -> Rect:
    return rect.moved(-CORNER[0], -CORNER[1])


@pytest.mark.parametrize(("sample_type", "order", "white"), DEPTHS)
def test_a_picture_that_was_taken_apart_arrives_as_layers(
    client: Client, sample_type: SampleType, order: str, white: float
) -> None:
    asked = Asked(client, "take_apart", sample_type, order, white)
    result = asked.variation.result
    assert isinstance(result, Layers)
    height, width = asked.before.shape[:2]
    left, veil = result.layers
    assert (left.name, left.bounds, left.blend) == ("left", in_document(Rect(0, 0, width // 2, height)), "normal")
    assert (veil.name, veil.bounds, veil.blend) == ("veil", in_document(Rect(0, 0, width, height // 3)), "multiply")
    for layer, opacity in ((left, white), (veil, np.rint(white / 2))):
        assert layer.pixels.order == ("BGRA" if order == "BGRA" else "RGBA")
        shown = asked.pixels(layer.pixels)
        assert (shown[..., 3] == opacity).all()
        assert np.array_equal(shown[..., :3], asked.colors[in_window(layer.bounds).slices])


@pytest.mark.parametrize(("sample_type", "order", "white"), DEPTHS)
def test_what_was_found_arrives_as_a_selection(
    client: Client, sample_type: SampleType, order: str, white: float
) -> None:
    asked = Asked(client, "find_red", sample_type, order, white)
    result = asked.variation.result
    assert isinstance(result, Selection)
    wanted = np.rint(asked.red.astype(float) / white * 255)
    wanted[: len(wanted) // 2] = 0
    rows, columns = np.nonzero(wanted)
    bounds = Rect.of_edges(columns.min(), rows.min(), columns.max() + 1, rows.max() + 1)
    assert result.bounds == in_document(bounds)
    found = asked.pixels(result.mask)[..., 0]
    assert np.abs(found.astype(float) - wanted[bounds.slices]).max() <= (0 if white == 255 else 1)
    assert asked.variation.report.notes == ("looked below",)


def test_that_nothing_was_found_is_said(client: Client) -> None:
    asked = Asked(client, "find_nothing", SampleType.U8, "RGB", 255)
    result = asked.variation.result
    assert isinstance(result, Selection)
    assert not asked.pixels(result.mask).any()
    assert asked.variation.report.notes == ("Nothing was found.",)


@pytest.mark.parametrize(("sample_type", "order", "white"), DEPTHS)
def test_a_larger_picture_arrives_at_its_own_size(
    client: Client, sample_type: SampleType, order: str, white: float
) -> None:
    asked = Asked(client, "double", sample_type, order, white)
    result = asked.variation.result
    assert isinstance(result, Picture)
    twice = asked.colors.repeat(2, axis=0).repeat(2, axis=1)
    assert (result.pixels.height, result.pixels.width) == twice.shape[:2]
    assert result.pixels.order == order
    assert np.array_equal(asked.pixels(result.pixels)[..., :3], twice)


def test_a_picture_with_an_alpha_of_its_own_arrives_with_it(client: Client) -> None:
    asked = Asked(client, "cut_out", SampleType.U8, "RGB", 255)
    result = asked.variation.result
    assert isinstance(result, Picture)
    shown = asked.pixels(result.pixels)
    assert np.array_equal(shown[..., :3], asked.colors)
    opaque = np.zeros(asked.before.shape[:2], np.uint8)
    opaque[in_window(asked.recipe.where.region).slices] = asked.mask
    assert np.array_equal(shown[..., 3], opaque)


def test_a_painting_arrives_as_a_patch(client: Client) -> None:
    asked = Asked(client, "invert", SampleType.U8, "RGB", 255)
    result = asked.variation.result
    assert isinstance(result, Patch)
    wholly = asked.mask == 255
    inside = asked.recipe.where.region.relative_to(result.bounds).slices
    shown = asked.pixels(result.pixels)[inside][wholly]
    inverse = 255 - asked.colors[in_window(asked.recipe.where.region).slices][wholly].astype(int)
    assert np.median(np.abs(shown - inverse)) <= 1  # it was fitted to its surroundings at the edge


@pytest.mark.parametrize(("sample_type", "order", "white"), DEPTHS)
def test_a_clip_arrives_picture_by_picture_and_the_first_is_the_document(
    client: Client, sample_type: SampleType, order: str, white: float
) -> None:
    asked = Asked(client, "move", sample_type, order, white)
    result = asked.variation.result
    assert isinstance(result, Frames)
    assert result.fps == 12
    assert len({frame.blob for frame in result.frames}) == len(result.frames) == 3
    place = in_window(result.bounds)
    selected = asked.mask[place.relative_to(in_window(asked.recipe.where.region)).slices]
    first, *later = (asked.pixels(frame) for frame in result.frames)
    assert np.array_equal(first, asked.before[place.slices])
    for number, frame in enumerate(later, 1):
        assert np.array_equal(frame[selected == 0], first[selected == 0])
        moved = np.roll(asked.before.astype(float), -number, axis=1)[place.slices][selected == 255]
        assert np.median(np.abs(frame[selected == 255] - moved)) <= white / 255


def test_what_decided_a_result_is_told_whatever_it_is(client: Client) -> None:
    variation: Variation = Asked(client, "double", SampleType.U8, "RGB", 255).variation
    assert variation.receipt["engine"] == "double"
    assert Recipe.parse(json.dumps(variation.receipt["recipe"])).verb == "double"
