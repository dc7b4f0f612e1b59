"""Click after click on one window: what it shows is read once, and every click gets what it would have got first."""

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from inlay import color
from inlay.color.raster import Raster, SampleType
from inlay.edit import sight
from inlay.edit.perform import perform
from inlay.edit.remembered import Remembered
from inlay.edit.sight import look
from inlay.engines.models.catalog import Catalog
from inlay.engines.registry import Registry
from inlay.recipe import Canvas, Recipe, Verb, Where
from inlay.region import Rect
from inlay.variation import Selection
from support.edits import MemoryBlobs, Silent

WINDOW = Rect(0, 0, 240, 200)
CLICKS = ("+70,100", "+70,100 -70,130", "+70,100 -70,130 +90,100", "+170,100")


@pytest.fixture(autouse=True)
def nothing_remembered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sight, "_remembered", Remembered(1_000_000))


@pytest.fixture
def decoded(monkeypatch: pytest.MonkeyPatch) -> list[Raster]:
    """What was decoded."""
    found, real = list[Raster](), color.decode

    def counted(samples: NDArray[np.generic], raster: Raster) -> color.Decoded:
        found.append(raster)
        return real(samples, raster)

    monkeypatch.setattr(color, "decode", counted)
    return found


def balls(seed: int = 3) -> NDArray[np.uint8]:
    picture = np.full((200, 240, 3), (60, 120, 70), np.uint8)
    for x, colors in ((70, (200, 40, 30)), (170, (230, 200, 50))):
        cv2.circle(picture, (x, 100), 34, colors, -1)
    return (picture + np.random.default_rng(seed).integers(0, 12, picture.shape)).astype(np.uint8)


def click(blobs: MemoryBlobs, picture: NDArray[np.uint8], points: str, verb: str = Verb.SELECT) -> Recipe:
    source = Raster(*WINDOW.size, "RGB", SampleType.U8, 255, "sRGB-elle-V2-srgbtrc.icc", blobs.add(picture.tobytes()))
    white = blobs.add(np.full(picture.shape[:2], 255, np.uint8).tobytes())
    mask = Raster(*WINDOW.size, "Y", SampleType.U8, 255, "", white)
    where, options = Where(WINDOW, mask), {"edge": "sharp", "points": points}
    return Recipe(verb, Canvas(WINDOW.size, WINDOW, source), where, options=options if verb == Verb.SELECT else {})


def found(recipe: Recipe, blobs: MemoryBlobs, registry: Registry) -> tuple[Rect, bytes]:
    (variation,) = perform(recipe, blobs, Silent(), registry)
    assert isinstance(variation.result, Selection)
    return variation.result.bounds, bytes(blobs.read(variation.result.mask.blob))


def test_a_window_is_decoded_once_for_all_clicks(
    blobs: MemoryBlobs, registry: Registry, decoded: list[Raster], monkeypatch: pytest.MonkeyPatch
) -> None:
    one, other = balls(), balls(4)
    selections = [found(click(blobs, one, points), blobs, registry) for points in CLICKS]
    assert len(decoded) == 1
    found(click(blobs, other, CLICKS[0]), blobs, registry)
    assert len(decoded) == 2
    monkeypatch.setattr(sight, "_remembered", Remembered(0))
    assert selections == [found(click(blobs, one, points), blobs, Registry()) for points in CLICKS]
    assert len(set(selections)) >= 3


def test_nobody_can_write_to_what_is_remembered_and_other_verbs_have_their_own(blobs: MemoryBlobs) -> None:
    picture = balls()
    first, again = (look(click(blobs, picture, CLICKS[0]), blobs) for _ in range(2))
    assert again.pixels is first.pixels
    assert not first.pixels.flags.writeable
    assert not first.known.flags.writeable
    erased, erased_again = (look(click(blobs, picture, "", Verb.ERASE), blobs) for _ in range(2))
    assert erased.pixels.flags.writeable
    assert not np.shares_memory(erased.pixels, erased_again.pixels)


def test_an_engine_that_is_named_is_found_without_a_look_at_the_others(monkeypatch: pytest.MonkeyPatch) -> None:
    registry = Registry()

    def refused() -> list[object]:
        raise AssertionError("every engine was looked at")

    monkeypatch.setattr(registry, "available", refused)
    monkeypatch.setattr(Catalog, "entries", refused)
    assert registry.choose(Verb.SELECT, "outline").name == "outline"
