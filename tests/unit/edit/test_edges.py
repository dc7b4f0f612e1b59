"""A sharp edge is the same wherever in the picture it lies, though the picture is looked at part by part; and no part twice."""

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from inlay.color.raster import Raster, SampleType
from inlay.edit import edges
from inlay.edit.edges import with_edge
from inlay.edit.remembered import Remembered
from inlay.recipe import Canvas, Recipe, Where
from inlay.region import Rect, Size

SIDE = 320


def found(at: int) -> NDArray[np.float32]:
    """The edge of a selection that is 3 px off one at column `at` of a slanted picture."""
    rows, columns = np.mgrid[:SIDE, :SIDE]
    across = columns - at - rows // 4
    picture = np.where((across > 0)[..., None], np.array([0.8, 0.3, 0.2]), np.array([0.2, 0.3, 0.6])).astype(np.float32)
    raster = Raster(SIDE, SIDE, "RGB", SampleType.U8, 255, "", f"{at:064}")
    whole = Rect(0, 0, SIDE, SIDE)
    recipe = Recipe("select", Canvas(Size(SIDE, SIDE), whole, raster), Where(whole, raster), options={"edge": "sharp"})
    return with_edge(recipe, picture, (across > 3).astype(np.float32), 3.0)


@pytest.mark.parametrize("shift_px", [7, 31])
def test_a_sharp_edge_is_the_same_wherever_it_lies(shift_px: int) -> None:
    one, other = found(90), found(90 + shift_px)
    inner = slice(40, SIDE - 40)
    assert np.allclose(one[inner, 40 : SIDE - 140], other[inner, 40 + shift_px : SIDE - 140 + shift_px], atol=1e-4)


WIDE = 900
EDGES = {"sharp": "following", "hair": "alpha_of"}
MOST_BYTES = 64_000_000


@pytest.fixture
def looked(monkeypatch: pytest.MonkeyPatch) -> dict[str, int]:
    """How often a part was looked at, by the edge that was wanted; nothing is remembered yet."""
    count = dict.fromkeys(EDGES, 0)
    monkeypatch.setattr(edges, "_remembered", Remembered[NDArray[np.float32]](MOST_BYTES))
    monkeypatch.setattr(edges, "_guides", Remembered[NDArray[np.float32]](MOST_BYTES))
    for edge, name in EDGES.items():
        real = getattr(edges, name)

        def counted(*given: object, edge: str = edge, real: object = real) -> object:
            count[edge] += 1
            assert callable(real)
            return real(*given)

        monkeypatch.setattr(edges, name, counted)
    return count


def bubbles() -> NDArray[np.float32]:
    """Three soft discs, one of them alone on the left, on a ground with grain."""
    picture = np.random.default_rng(4).normal(0.3, 0.02, (WIDE, WIDE, 3)).astype(np.float32)
    for at in ((150, 150), (700, 200), (700, 700)):
        cv2.circle(picture, at, 80, (0.9, 0.7, 0.2), -1)
    return np.clip(cv2.GaussianBlur(picture, (0, 0), 2), 0, 1)


def selected(*discs: tuple[int, int, int]) -> NDArray[np.float32]:
    """x, y, radius each."""
    drawn = np.zeros((WIDE, WIDE), np.uint8)
    for x, y, radius in discs:
        cv2.circle(drawn, (x, y), radius, 1, -1)
    return drawn.astype(np.float32)


def edge_of(edge: str, share: NDArray[np.float32], blob: str = "7" * 64) -> NDArray[np.float32]:
    raster = Raster(WIDE, WIDE, "RGB", SampleType.U8, 255, "", blob)
    whole = Rect(0, 0, WIDE, WIDE)
    recipe = Recipe("select", Canvas(Size(WIDE, WIDE), whole, raster), Where(whole, raster), options={"edge": edge})
    return with_edge(recipe, bubbles(), share, 3.0)


@pytest.mark.slow
@pytest.mark.parametrize("edge", list(EDGES))
def test_a_further_click_looks_only_where_it_changed_something(edge: str, looked: dict[str, int]) -> None:
    edge_of(edge, selected((150, 150, 83), (700, 200, 83), (700, 700, 78)))
    first = looked[edge]
    further = edge_of(edge, selected((150, 150, 83), (700, 200, 77), (700, 700, 78)))
    again = looked[edge] - first
    assert 0 < again <= first * 0.6
    edges._remembered = Remembered(MOST_BYTES)  # pyright: ignore[reportPrivateUsage]
    edges._guides = Remembered(MOST_BYTES)  # pyright: ignore[reportPrivateUsage]
    assert np.array_equal(further, edge_of(edge, selected((150, 150, 83), (700, 200, 77), (700, 700, 78))))


@pytest.mark.slow
@pytest.mark.parametrize("edge", list(EDGES))
def test_another_picture_is_looked_at(edge: str, looked: dict[str, int]) -> None:
    edge_of(edge, selected((150, 150, 83)))
    first = looked[edge]
    edge_of(edge, selected((150, 150, 83)), blob="8" * 64)
    assert looked[edge] == 2 * first > 0


@pytest.mark.slow
def test_a_matte_shows_no_tiles(looked: dict[str, int]) -> None:
    """The soft disc is the same where tiles meet as where none do."""
    found = edge_of("hair", selected((150, 150, 83), (700, 200, 83), (700, 700, 78)))
    alone = found[700 - 100 : 700 + 100, 700 - 100 : 700 + 100]  # 640 is where two tiles meet
    truth = cv2.GaussianBlur(selected((700, 700, 80)), (0, 0), 2)[600:800, 600:800]
    assert looked["hair"] > 3
    assert np.abs(alone - truth)[:, 30:50].max() < 0.15
    assert np.abs(np.diff(alone - truth, axis=1)).max() < 0.12


def test_what_an_edge_follows_is_found_once_however_the_selection_changes(monkeypatch: pytest.MonkeyPatch) -> None:
    made, real = list[int](), edges.guide_of

    def counted(picture: NDArray[np.float32], reach_px: int, softness: float) -> NDArray[np.float32]:
        made.append(reach_px)
        return real(picture, reach_px, softness)

    monkeypatch.setattr(edges, "guide_of", counted)
    for name in ("_remembered", "_guides"):
        monkeypatch.setattr(edges, name, Remembered[NDArray[np.float32]](MOST_BYTES))
    edge_of("sharp", selected((150, 150, 83)))
    first = len(made)
    further = edge_of("sharp", selected((150, 150, 82)))
    assert 0 < first == len(made)
    edge_of("sharp", selected((150, 150, 82)), blob="8" * 64)
    assert len(made) == 2 * first
    for name in ("_remembered", "_guides"):
        monkeypatch.setattr(edges, name, Remembered[NDArray[np.float32]](0))
    assert np.array_equal(further, edge_of("sharp", selected((150, 150, 82))))


def test_what_is_remembered_is_bounded() -> None:
    kept, made = Remembered[NDArray[np.float32]](most_bytes=4 * 100 * 5), list[int]()

    def tile() -> NDArray[np.float32]:
        made.append(1)
        return np.zeros(100, np.float32)

    for number in (*range(8), 7, 6, 0):
        kept.of(number, tile)
    assert len(made) == 9
