"""What a box, a click, strokes and points select, and that a further click does not look at the picture anew."""

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from inlay.color.raster import Raster, SampleType
from inlay.engines.eyes import Eyes
from inlay.engines.interface import Scene, SceneInput
from inlay.engines.selecting import engine as selecting
from inlay.engines.selecting.engine import Selecting
from inlay.errors import InvalidInput, Unsupported
from inlay.recipe import Canvas, Recipe, Where
from inlay.region import Rect, Size

WIDTH, HEIGHT = 240, 200
LEFT, RIGHT = (70, 100), (170, 100)
RADIUS = 34


class Unwatched:
    def step(self, index: int, total: int, phase: str) -> None: ...

    def preview(self, variation: int, pixels: NDArray[np.float32]) -> None: ...

    def check(self) -> None: ...


def disc(middle: tuple[int, int], radius: int = RADIUS) -> NDArray[np.bool_]:
    return cv2.circle(np.zeros((HEIGHT, WIDTH), np.uint8), middle, radius, 1, -1) > 0


def two_balls() -> NDArray[np.float32]:
    """A red and a yellow ball on textured green."""
    random = np.random.default_rng(3)
    picture = np.float32([0.2, 0.45, 0.25]) + random.normal(0, 0.03, (HEIGHT, WIDTH, 1)).astype(np.float32)
    picture = np.repeat(picture, 1, axis=2)
    picture[disc(LEFT)] = np.float32([0.8, 0.15, 0.1])
    picture[disc(RIGHT)] = np.float32([0.9, 0.8, 0.2])
    return (picture + random.normal(0, 0.01, picture.shape)).clip(0, 1).astype(np.float32)


def box(middle: tuple[int, int], half: int) -> NDArray[np.bool_]:
    x, y = middle
    selected = np.zeros((HEIGHT, WIDTH), np.bool_)
    selected[max(0, y - half) : y + half, max(0, x - half) : x + half] = True
    return selected


def ask(
    asked: Selecting, selected: NDArray[np.bool_], inputs: tuple[SceneInput, ...] = (), **options: str
) -> NDArray[np.float32]:
    window = Rect(0, 0, WIDTH, HEIGHT)
    raster = Raster(WIDTH, HEIGHT, "RGB", SampleType.U8, 255, "", "5" * 64)
    recipe = Recipe("select", Canvas(Size(WIDTH, HEIGHT), window, raster), Where(window, raster), options=options)
    scene = Scene(two_balls(), selected.astype(np.float32), np.ones((HEIGHT, WIDTH), np.bool_), inputs)
    (mask,) = asked.paint(scene, recipe, Unwatched())
    return mask.share


def overlap(share: NDArray[np.float32], wanted: NDArray[np.bool_]) -> float:
    found = share > 0.5
    return float((found & wanted).sum() / (found | wanted).sum())


@pytest.fixture
def asked() -> Selecting:
    return Selecting(Eyes(None))


def test_a_rough_box_selects_the_ball_in_it(asked: Selecting) -> None:
    assert overlap(ask(asked, box(LEFT, 44)), disc(LEFT)) > 0.95


def test_a_click_selects_the_ball_that_it_lies_on(asked: Selecting) -> None:
    assert overlap(ask(asked, box(RIGHT, 5)), disc(RIGHT)) > 0.95


def test_points_add_and_take_away(asked: Selecting) -> None:
    everywhere = np.ones((HEIGHT, WIDTH), np.bool_)
    found = ask(asked, everywhere, points="+70,100 -170,100")
    assert overlap(found, disc(LEFT)) > 0.9
    assert found[RIGHT[1], RIGHT[0]] == 0


def test_strokes_on_layers_include_and_exclude(asked: Selecting) -> None:
    def stroke(role: str, middle: tuple[int, int]) -> SceneInput:
        return SceneInput(role, np.zeros((HEIGHT, WIDTH, 3), np.float32), shows=disc(middle, 6).astype(np.float32))

    both = np.ones((HEIGHT, WIDTH), np.bool_)
    found = ask(asked, both, (stroke("include", RIGHT), stroke("exclude", LEFT)))
    assert overlap(found, disc(RIGHT)) > 0.9
    assert found[LEFT[1], LEFT[0]] == 0


def test_the_background_is_what_the_subject_leaves(asked: Selecting) -> None:
    selected = box(LEFT, 44)
    subject, background = (ask(asked, selected, what=what) for what in ("subject", "background"))
    assert np.allclose(subject + background, 1)


def test_an_edge_alone_keeps_the_selection(asked: Selecting) -> None:
    selected = disc(LEFT, 20)
    assert (ask(asked, selected, what="edge") == selected).all()


def test_a_further_click_does_not_look_at_the_picture_anew(asked: Selecting, monkeypatch: pytest.MonkeyPatch) -> None:
    looked: list[int] = []
    encode = selecting.Small.of

    def counted(rgb: NDArray[np.uint8]) -> selecting.Small:
        looked.append(1)
        return encode(rgb)

    monkeypatch.setattr(selecting.Small, "of", counted)
    for middle in (LEFT, RIGHT, LEFT):
        assert overlap(ask(asked, box(middle, 5)), disc(middle)) > 0.95
    assert len(looked) == 1


def test_points_that_are_none_are_refused(asked: Selecting) -> None:
    with pytest.raises(InvalidInput, match=r"\+120,80"):
        ask(asked, box(LEFT, 44), points="here, please")


def test_a_word_that_only_a_network_knows_says_what_to_type_without_it(asked: Selecting) -> None:
    with pytest.raises(Unsupported, match="inlay models pull hands"):
        ask(asked, box(LEFT, 44), what="hands")
