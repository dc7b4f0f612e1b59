"""What a first click means, what a further one changes, and what it leaves as it was."""

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from inlay.color.raster import Raster, SampleType
from inlay.engines.eyes import Eyes
from inlay.engines.interface import Scene
from inlay.engines.selecting import clicks, cutting, engine
from inlay.engines.selecting.clicks import Found, first, further
from inlay.engines.selecting.cutting import Small, cut_out
from inlay.engines.selecting.engine import Selecting
from inlay.engines.selecting.hints import Hints
from inlay.recipe import Canvas, Recipe, Where
from inlay.region import Rect, Size

Flags = NDArray[np.bool_]

WIDTH, HEIGHT = 240, 200
LEFT, RIGHT, RADIUS = (70, 100), (170, 100), 34
GREEN, RED, YELLOW = (60, 120, 70), (200, 40, 30), (230, 200, 50)


class Unwatched:
    def step(self, index: int, total: int, phase: str) -> None: ...

    def preview(self, variation: int, pixels: NDArray[np.float32]) -> None: ...

    def check(self) -> None: ...


def disc(middle: tuple[int, int], radius: int = RADIUS) -> Flags:
    return cv2.circle(np.zeros((HEIGHT, WIDTH), np.uint8), middle, radius, 1, -1) > 0


def painted(*parts: tuple[Flags, tuple[int, int, int]]) -> NDArray[np.uint8]:
    """Parts of one colour each on green, with grain."""
    picture = np.full((HEIGHT, WIDTH, 3), GREEN, np.uint8)
    for part, color in parts:
        picture[part] = color
    return (picture + np.random.default_rng(3).integers(0, 12, picture.shape)).astype(np.uint8)


def clicked(*inside: tuple[int, int], outside: tuple[tuple[int, int], ...] = ()) -> Hints:
    on, off = (np.zeros((HEIGHT, WIDTH), np.bool_) for _ in range(2))
    for flags, middles in ((on, inside), (off, outside)):
        for middle in middles:
            flags |= disc(middle, 4)
    return Hints(np.ones_like(on), on & ~off, off, True)


def overlap(found: Flags, wanted: Flags) -> float:
    return float((found & wanted).sum() / (found | wanted).sum())


def share_of(asked: Selecting, points: str) -> NDArray[np.float32]:
    picture = painted((disc(LEFT), RED), (disc(RIGHT), YELLOW)).astype(np.float32) / np.float32(255)
    whole = Rect(0, 0, WIDTH, HEIGHT)
    raster = Raster(WIDTH, HEIGHT, "RGB", SampleType.U8, 255, "", "5" * 64)
    canvas = Canvas(Size(WIDTH, HEIGHT), whole, raster)
    recipe = Recipe("select", canvas, Where(whole, raster), options={"points": points})
    known = np.ones((HEIGHT, WIDTH), np.bool_)
    (mask,) = asked.paint(Scene(picture, known.astype(np.float32), known), recipe, Unwatched())
    return mask.share


def test_a_click_on_the_edge_of_what_was_found_does_not_flood_the_ground() -> None:
    small = Small.of(painted((disc(LEFT), RED)))
    before = first(small, clicked(LEFT), None)
    edge = LEFT[0] + RADIUS, LEFT[1]
    found = further(small, clicked(LEFT, edge), None, before)
    assert overlap(found.inside, disc(LEFT)) > 0.95
    assert found.inside[edge[1], edge[0]]
    kept = further(small, clicked(LEFT, outside=((edge[0] - 3, edge[1]),)), None, before)
    assert overlap(kept.inside, disc(LEFT)) > 0.9


def test_a_click_beside_what_was_found_adds_what_it_lies_on_and_one_inside_takes_it_away() -> None:
    small = Small.of(painted((disc(LEFT), RED), (disc(RIGHT), YELLOW)))
    one = first(small, clicked(LEFT), None)
    both = further(small, clicked(LEFT, RIGHT), None, one)
    assert overlap(both.inside, disc(LEFT) | disc(RIGHT)) > 0.95
    joined = Found(disc(LEFT) | disc(RIGHT), clicked(LEFT), True)
    apart = further(small, clicked(LEFT, outside=(RIGHT,)), None, joined)
    assert overlap(apart.inside, disc(LEFT)) > 0.95


def test_a_cut_follows_what_it_rather_should_where_colours_say_nothing() -> None:
    small, ground, hints = Small.of(np.full((HEIGHT, WIDTH, 3), GREEN, np.uint8)), ~disc(LEFT, 70), clicked(LEFT)
    rather = np.where(disc(LEFT), np.float32(9), np.float32(-9))
    found, without = (cutting.cut(small, disc(LEFT), hints.inside, ground, way) for way in (rather, None))
    assert overlap(found, disc(LEFT)) > 0.9 > overlap(without, disc(LEFT))


def test_what_was_found_rather_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    asked, real = list[NDArray[np.float32]](), cutting.cut_out

    def watched(small: Small, hints: Hints, likely: Flags, rather: NDArray[np.float32]) -> Flags:
        asked.append(rather)
        return real(small, hints, likely, rather)

    small = Small.of(painted((disc(LEFT), RED), (disc(RIGHT), YELLOW)))
    before = first(small, clicked(LEFT), None)
    monkeypatch.setattr(clicks, "cut_out", watched)
    further(small, clicked(LEFT, RIGHT), None, before)
    (rather,) = asked
    assert np.array_equal(rather > 0, before.inside)
    assert np.array_equal(rather < 0, ~before.inside)


def test_a_click_adds_what_it_lies_on_and_nothing_else_that_looks_like_it() -> None:
    other = disc((120, 40), 20)
    small = Small.of(painted((disc(LEFT), RED), (disc(RIGHT), YELLOW), (other, YELLOW)))
    found = further(small, clicked(LEFT, RIGHT), None, first(small, clicked(LEFT), None))
    assert overlap(found.inside, disc(LEFT) | disc(RIGHT)) > 0.95


def test_clicks_mean_the_same_whatever_was_clicked_before() -> None:
    rows = ("+70,100", "+70,100 +170,100", "+70,100 +170,100 -170,100", "+70,100", "+170,100 +70,100")
    asked = Selecting(Eyes(None))
    assert all(np.array_equal(share_of(asked, row), share_of(Selecting(Eyes(None)), row)) for row in rows)
    assert len({share_of(asked, row).tobytes() for row in rows[:3]}) == 3


def test_as_many_points_as_a_recipe_holds_are_taken_one_after_another(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = Selecting(Eyes(None))

    def left(small: Small, hints: Hints, subject: object, before: Found, half: object) -> Found:
        return before

    monkeypatch.setattr(engine, "further", left)
    points = " ".join(f"+{60 + n % 20},{90 + n // 60}" for n in range(1100))
    assert overlap(share_of(asked, points) > 0.5, disc(LEFT)) > 0.9


def test_a_further_click_cuts_once(monkeypatch: pytest.MonkeyPatch) -> None:
    count: dict[str, int] = {"first": 0, "further": 0}
    asked = Selecting(Eyes(None))
    for name, real in (("first", first), ("further", further)):

        def counted(*given: object, name: str = name, real: object = real) -> object:
            count[name] += 1
            assert callable(real)
            return real(*given)

        monkeypatch.setattr(engine, name, counted)
    for points in ("+70,100", "+70,100 +170,100", "+70,100 +170,100 -120,40"):
        share_of(asked, points)
    assert count == {"first": 1, "further": 2}


BODY, BADGE = disc((100, 100), 70), disc((140, 100), 12)
"""What a network takes for one thing, and a part of it that is a thing of its own."""


@pytest.mark.parametrize(("at", "wanted"), [((140, 100), BADGE), ((100, 100), BODY)])
def test_a_click_into_the_middle_of_a_part_means_it_and_into_that_of_the_whole_all_of_it(
    at: tuple[int, int], wanted: Flags
) -> None:
    small = Small.of(painted((BODY, RED), (BADGE, YELLOW)))
    found = first(small, clicked(at), BODY.astype(np.float32))
    assert overlap(found.inside, wanted) > 0.9
    assert found.alone == (wanted is BADGE)


def test_a_click_beside_the_middle_of_a_part_means_the_whole() -> None:
    small = Small.of(painted((BODY, RED), (BADGE, YELLOW)))
    found = first(small, clicked((146, 100)), BODY.astype(np.float32))
    assert overlap(found.inside, BODY) > 0.9


def test_a_click_is_not_left_alone_where_no_colour_parts_it_from_the_rest() -> None:
    small, likely = Small.of(painted()), disc(LEFT)
    hints = clicked(LEFT)._replace(outside=~disc(LEFT, 2 * RADIUS))
    assert overlap(cut_out(small, hints, likely), likely) > 0.95


def test_a_subject_goes_on_below_the_picture() -> None:
    """A box that leaves nothing out says nothing of the rim; a click's own colour on it does."""
    figure = disc((120, 90), 45)
    figure[110:, 80:160] = True
    small = Small.of(painted((figure, RED)))
    everything = Hints(np.ones_like(figure), np.zeros_like(figure), np.zeros_like(figure), False)
    for hints in (everything, clicked((120, 100))):
        found = first(small, hints, None)
        assert overlap(found.inside, figure) > 0.95
        assert found.inside[-1, 90:150].all()
