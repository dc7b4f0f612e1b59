"""What a box, a click, strokes and points select, and that a further click does not look at the picture anew."""

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray
from skimage import data

from inlay.color.raster import Raster, SampleType
from inlay.engines.eyes import Eyes
from inlay.engines.interface import Scene, SceneInput
from inlay.engines.selecting.cutting import Small, found_in
from inlay.engines.selecting.engine import Selecting
from inlay.engines.selecting.hints import Hints, hints_of
from inlay.errors import InvalidInput, Unsupported
from inlay.recipe import Canvas, Recipe, Where
from inlay.region import Rect, Size
from support.drawn import hand
from support.eyes import eyes

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
    picture = np.array([0.2, 0.45, 0.25], np.float32) + random.normal(0, 0.03, (HEIGHT, WIDTH, 1)).astype(np.float32)
    picture = np.repeat(picture, 1, axis=2)
    picture[disc(LEFT)] = np.array([0.8, 0.15, 0.1], np.float32)
    picture[disc(RIGHT)] = np.array([0.9, 0.8, 0.2], np.float32)
    return (picture + random.normal(0, 0.01, picture.shape)).clip(0, 1).astype(np.float32)


def box(middle: tuple[int, int], half: int) -> NDArray[np.bool_]:
    x, y = middle
    selected = np.zeros((HEIGHT, WIDTH), np.bool_)
    selected[max(0, y - half) : y + half, max(0, x - half) : x + half] = True
    return selected


def recipe_of(picture: NDArray[np.float32], window: Rect | None = None, blob: str = "5" * 64, **options: str) -> Recipe:
    """For a scene of that picture. window: what of the document it shows; by default all of it, at its own size."""
    window = window or Rect(0, 0, picture.shape[1], picture.shape[0])
    raster = Raster(window.width, window.height, "RGB", SampleType.U8, 255, "", blob)
    document = Size(window.right, window.bottom)
    return Recipe("select", Canvas(document, window, raster), Where(window, raster), options=options)


def share_of(
    asked: Selecting, picture: NDArray[np.float32], selected: NDArray[np.bool_], recipe: Recipe
) -> NDArray[np.float32]:
    scene = Scene(picture, selected.astype(np.float32), np.ones(selected.shape, np.bool_))
    (mask,) = asked.paint(scene, recipe, Unwatched())
    return mask.share


def ask(
    asked: Selecting, selected: NDArray[np.bool_], inputs: tuple[SceneInput, ...] = (), **options: str
) -> NDArray[np.float32]:
    picture = two_balls()
    scene = Scene(picture, selected.astype(np.float32), np.ones((HEIGHT, WIDTH), np.bool_), inputs)
    (mask,) = asked.paint(scene, recipe_of(picture, None, **options), Unwatched())
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


def test_points_are_the_documents_whatever_part_of_it_is_seen_and_however_large(asked: Selecting) -> None:
    half = np.asarray(cv2.resize(two_balls(), (WIDTH // 2, HEIGHT // 2), interpolation=cv2.INTER_AREA), np.float32)
    recipe = recipe_of(half, Rect(1000, 3000, WIDTH, HEIGHT), points="+1170,3100 -1070,3100")
    found = share_of(asked, half, np.ones(half.shape[:2], np.bool_), recipe)
    assert overlap(found, disc(RIGHT)[::2, ::2]) > 0.9
    assert found[LEFT[1] // 2, LEFT[0] // 2] == 0


@pytest.mark.parametrize("times", [2, 5])
def test_a_point_says_as_much_of_a_larger_picture(times: int) -> None:
    """In the document's pixels it would shrink to nothing in the small picture that is cut."""
    shares = list[float]()
    for side in (240, 240 * times):
        picture = np.zeros((side, side, 3), np.float32)
        known = np.ones((side, side), np.bool_)
        recipe = recipe_of(picture, points=f"+{side // 2},{side // 2}")
        shares.append(float(hints_of(Scene(picture, known.astype(np.float32), known), recipe).inside.mean()))
    assert shares[1] == pytest.approx(shares[0], rel=0.8)


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
    encode = Small.of

    def counted(rgb: NDArray[np.uint8]) -> Small:
        looked.append(1)
        return encode(rgb)

    monkeypatch.setattr(Small, "of", counted)
    for middle in (LEFT, RIGHT, LEFT):
        assert overlap(ask(asked, box(middle, 5)), disc(middle)) > 0.95
    assert len(looked) == 1


def test_another_picture_of_the_same_size_is_looked_at(asked: Selecting) -> None:
    one = two_balls()
    other = np.roll(one, (40, 30), (0, 1))
    there = LEFT[0] + 30, LEFT[1] + 40
    ask(asked, box(LEFT, 5))
    found = share_of(asked, other, box(there, 5), recipe_of(other, blob="6" * 64))
    assert overlap(found, disc(there)) > 0.95


@pytest.mark.parametrize("word", ["faces", "hands", "text"])
def test_a_word_selects_what_its_network_finds_inside_the_selection(word: str) -> None:
    page = cv2.cvtColor(data.page(), cv2.COLOR_GRAY2RGB)
    picture = {"faces": data.astronaut() / 255, "hands": hand(), "text": page / 255}[word].astype(np.float32)
    height, width = picture.shape[:2]
    everywhere, lower = np.ones((height, width), np.bool_), np.zeros((height, width), np.bool_)
    lower[height // 2 :] = True
    asked = Selecting(eyes(word))
    found = share_of(asked, picture, everywhere, recipe_of(picture, what=word))
    if word == "faces":
        assert found[146, 222] == 1, "her mouth"
        assert found[300:].max() == 0, "her suit"
    elif word == "hands":
        skin = (np.abs(picture - picture[2, 2]).sum(-1) > 0.25) & (np.arange(height) < 0.6 * height)[:, None]
        assert found[skin].mean() > 0.8
        assert found[:8, :8].max() == 0
    else:
        lines = found > 0.5
        assert 0.1 < lines.mean() < 0.8
        ink = picture[..., 0] < 0.35
        assert ink[lines].mean() > 2 * ink[~lines].mean()
    within = share_of(asked, picture, lower, recipe_of(picture, what=word))
    assert np.array_equal(within, np.where(lower, found, 0))


@pytest.mark.slow
def test_the_subject_is_what_the_network_sees_where_it_is_here() -> None:
    picture = data.astronaut().astype(np.float32) / np.float32(255)
    everywhere = np.ones(picture.shape[:2], np.bool_)
    asked = [Selecting(eyes("subject")), Selecting(Eyes(None))]
    found, plain = (share_of(one, picture, everywhere, recipe_of(picture, what="subject")) for one in asked)
    assert found[300:480, 130:300].mean() > 0.85, "her suit"
    held = [one[400:, 300:].mean() for one in (found, plain)]
    assert held[0] > max(0.85, held[1] + 0.02), "what she holds"
    assert found[:220, 400:].max() == 0, "the shuttle"


def test_a_click_leaves_what_looks_alike_but_lies_apart(asked: Selecting) -> None:
    picture = two_balls()
    picture[disc(RIGHT)] = picture[LEFT[1], LEFT[0]]
    assert overlap(share_of(asked, picture, box(LEFT, 5), recipe_of(picture)), disc(LEFT)) > 0.95


def test_a_click_is_believed_where_the_network_says_otherwise() -> None:
    small = Small.of(np.rint(two_balls() * 255).astype(np.uint8))
    both = (disc(LEFT) | disc(RIGHT)).astype(np.float32)
    both[100 - 6 : 100 + 6, LEFT[0] : RIGHT[0]] = 1
    hints = Hints(np.ones(both.shape, np.bool_), disc(LEFT, 4), disc(RIGHT, 4), is_click=True)
    assert overlap(found_in(small, hints, both).astype(np.float32), disc(LEFT)) > 0.95


def test_points_that_are_none_are_refused(asked: Selecting) -> None:
    with pytest.raises(InvalidInput, match=r"\+120,80"):
        ask(asked, box(LEFT, 44), points="here, please")


def test_a_word_that_only_a_network_knows_says_what_to_type_without_it(asked: Selecting) -> None:
    with pytest.raises(Unsupported, match="inlay models pull hands"):
        ask(asked, box(LEFT, 44), what="hands")
