"""Where an answer lies is told by what both pictures show around the mask; what was painted inside has no say in it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray
from skimage import data

from inlay.fidelity import Intent, alignment, belong
from support.retouching import disc

Pixels = NDArray[np.float32]

HEIGHT, WIDTH = 360, 420
CENTER, RADIUS = (210, 180), 60
HOLE = 80
"""The mask is a disc of this radius around the same centre."""
COLUMNS, ROWS = np.meshgrid(np.arange(WIDTH, dtype=np.float32), np.arange(HEIGHT, dtype=np.float32))
MASK = np.clip((HOLE - np.hypot(COLUMNS - CENTER[0], ROWS - CENTER[1])) / 8 + 0.5, 0, 1).astype(np.float32)


def ball(on: Pixels, x: float, y: float, radius: float, color: tuple[float, ...]) -> Pixels:
    """A shaded disc, on a picture."""
    away = np.hypot(COLUMNS - x, ROWS - y)
    share = np.clip((radius - away) / 1.5 + 0.5, 0, 1)[..., None]
    light = 1 - 0.4 * np.clip(np.hypot(COLUMNS - x + radius / 3, ROWS - y + radius / 3) / radius, 0, 1.4)[..., None]
    return (on * (1 - share) + share * light * np.array(color, np.float32)).astype(np.float32)


def ground() -> Pixels:
    return np.full((HEIGHT, WIDTH, 3), (0.62, 0.66, 0.7), np.float32)


def backdrop() -> Pixels:
    """Darker towards the corners."""
    away = np.hypot(COLUMNS - WIDTH / 2, ROWS - HEIGHT / 2) / WIDTH
    return np.asarray(ground() * (1 - 0.4 * away**2)[..., None], np.float32)


def horizon() -> Pixels:
    below = np.clip((ROWS - 150) / 3 + 0.5, 0, 1)[..., None]
    return np.asarray(ground() * (1 - below) + below * (0.3, 0.28, 0.25), np.float32)


def photograph() -> Pixels:
    return data.astronaut()[:HEIGHT, :WIDTH].astype(np.float32) / 255


def moved(picture: Pixels, dx: float, dy: float) -> Pixels:
    how = np.array([[1, 0, dx], [0, 1, dy]], np.float32)
    put: Any = cv2.warpAffine(picture, how, (WIDTH, HEIGHT), flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REFLECT)
    return put


def repainted(picture: Pixels) -> Pixels:
    """In 8 bit, a shade off, with noise of its own."""
    noise = np.random.default_rng(4).normal(0, 2 / 255, picture.shape)
    return (np.rint(np.clip(picture * 1.03 + noise, 0, 1) * 255) / 255).astype(np.float32)


def found(original: Pixels, answer: Pixels) -> alignment.Found | alignment.NotFound:
    known = np.ones((HEIGHT, WIDTH), np.bool_)
    frame = (WIDTH, HEIGHT, 0, 0, WIDTH, HEIGHT)
    return alignment.find(original, answer, MASK, known, frame)


def off_px(original: Pixels, answer: Pixels, dx: float, dy: float) -> tuple[float, float]:
    """How far from where it is the answer was found, at most, at the mask's box: across and down."""
    there = found(original, answer)
    assert isinstance(there, alignment.Found), there
    x, y = CENTER
    corners = np.array([[x + a, y + b, 1.0] for a in (-HOLE, HOLE) for b in (-HOLE, HOLE)])
    apart = np.abs(corners @ there.matrix.T - corners[:, :2] - (dx, dy)).max(axis=0)
    return float(apart[0]), float(apart[1])


ASIDE = [(0, 0), (14, 0), (-9, 11), (5, -15)]
"""Where the new object lies, from the old one."""


@pytest.mark.parametrize("aside", ASIDE)
@pytest.mark.parametrize("plain", [ground, backdrop])
def test_a_new_round_thing_on_plain_ground_moves_nothing(plain: Callable[[], Pixels], aside: tuple[int, int]) -> None:
    """It looks like the old one, which was elsewhere: as if the picture had moved."""
    original = ball(plain(), *CENTER, RADIUS, (0.8, 0.3, 0.2))
    answer = repainted(ball(plain(), CENTER[0] + aside[0], CENTER[1] + aside[1], RADIUS, (0.8, 0.35, 0.2)))

    assert max(off_px(original, answer, 0, 0)) < 0.1


def test_a_horizon_tells_how_far_it_went_down_and_nothing_of_how_far_aside() -> None:
    original = ball(horizon(), *CENTER, RADIUS, (0.8, 0.3, 0.2))
    answer = repainted(ball(moved(horizon(), 0, 6), CENTER[0] + 12, CENTER[1], RADIUS, (0.8, 0.35, 0.2)))

    across, down = off_px(original, answer, 0, 6)

    assert across < 0.5
    assert down < 0.5


@pytest.mark.parametrize("shift", [(0, 0), (3, -2), (-16, 17)])
def test_a_picture_is_found_where_it_is_whatever_was_painted_into_it(shift: tuple[int, int]) -> None:
    original = photograph()
    answer = repainted(moved(ball(original, CENTER[0] + 9, CENTER[1] - 6, HOLE, (0.1, 0.9, 0.3)), *shift))

    assert max(off_px(original, answer, *shift)) < 0.5


def test_what_is_painted_beyond_the_mask_on_plain_ground_is_no_other_picture() -> None:
    original = ball(backdrop(), *CENTER, RADIUS, (0.8, 0.3, 0.2))
    answer = repainted(ball(backdrop(), CENTER[0] + 18, CENTER[1], HOLE - 6, (0.1, 0.2, 0.6)))

    assert max(off_px(original, answer, 0, 0)) < 0.1


def tiled(side: int = 32) -> Pixels:
    joint = np.minimum(COLUMNS % side, ROWS % side) < 3
    return (np.where(joint, 0.4, 0.75)[..., None] * np.array([1, 0.97, 0.9])).astype(np.float32)


def shadowed(picture: Pixels) -> Pixels:
    """A large dark thing fills the mask, and its shadow falls far beyond it, with an edge of its own."""
    lower = ROWS - CENTER[1] - 0.8 * HOLE - (COLUMNS - CENTER[0]) * 0.2
    share = ((np.abs(lower) < 0.3 * HOLE) & (CENTER[0] < COLUMNS)).astype(np.float32)
    share = 0.6 * np.asarray(cv2.GaussianBlur(share, (0, 0), 2), np.float32)[..., None]
    return ball(picture * (1 - share), *CENTER, HOLE - 8, (0.1, 0.1, 0.12))


def continued(picture: Pixels) -> Pixels:
    """A new horizon goes through the mask, and fades beyond it."""
    share = np.clip((1.5 * HOLE - np.hypot(COLUMNS - CENTER[0], ROWS - CENTER[1])) / 20 + 0.5, 0, 1)
    share = 0.8 * (share * np.clip((ROWS - CENTER[1] - 8) / 3, 0, 1))[..., None]
    return (picture * (1 - share) + share * np.array([0.15, 0.2, 0.25])).astype(np.float32)


@pytest.mark.parametrize("painted", [shadowed, continued])
@pytest.mark.parametrize(("original", "shift"), [(photograph, (9, -6)), (photograph, (0, 0)), (tiled, (0, 0))])
def test_what_is_painted_into_the_protected_part_pulls_no_picture(
    original: Callable[[], Pixels], painted: Callable[[Pixels], Pixels], shift: tuple[int, int]
) -> None:
    answer = repainted(moved(painted(original()), *shift))

    assert max(off_px(original(), answer, *shift)) < 0.5


@pytest.mark.parametrize("shift", [(9, -6), (-25, 10), (16, 16)])
def test_on_tiles_a_picture_that_was_moved_is_found_where_it_is_or_nowhere(shift: tuple[int, int]) -> None:
    """By a whole tile further along it would look the same."""
    answer = repainted(moved(ball(tiled(), CENTER[0] + 20, CENTER[1], 1.5 * HOLE, (0.1, 0.1, 0.12)), *shift))

    if isinstance(there := found(tiled(), answer), alignment.NotFound):
        assert "several places" in there.why
    else:
        assert max(off_px(tiled(), answer, *shift)) < 0.5


def test_on_tiles_a_picture_that_was_hardly_moved_is_found_however_much_was_painted() -> None:
    """Some tiles further along it would be as alike, and a little more."""
    answer = repainted(moved(ball(tiled(20), CENTER[0] + 20, CENTER[1], 1.8 * HOLE, (0.1, 0.1, 0.12)), 3, -2))

    assert max(off_px(tiled(20), answer, 3, -2)) < 0.5


def test_other_things_around_plain_ground_are_another_picture() -> None:
    original = ball(ground(), *CENTER, RADIUS, (0.8, 0.3, 0.2))
    answer = original
    for x, y, radius in ((50, 60, 25), (370, 70, 40), (60, 300, 35), (360, 300, 20)):
        answer = ball(answer, x, y, radius, (0.3, 0.5, 0.3))

    assert isinstance(found(original, repainted(answer)), alignment.NotFound)


@pytest.mark.parametrize("seed", range(3))
def test_nor_does_what_is_fitted_afterwards_move_along_a_horizon(seed: int) -> None:
    random = np.random.default_rng(seed)
    original = cv2.GaussianBlur(np.where(ROWS[..., None] < 150, 0.62, 0.4) * np.ones(3), (0, 0), 1.2).astype(np.float32)
    noise = cv2.GaussianBlur(random.normal(0, 0.01, original.shape), (0, 0), 1)
    model = (np.roll(original, 3, axis=0) + noise).astype(np.float32)

    moved_by = belong(original, model, disc(HEIGHT, WIDTH, 45), intent=Intent.FILL).report.registration

    assert moved_by.dy_px == pytest.approx(3, abs=0.4)
    assert abs(moved_by.dx_px) < 0.3
    assert moved_by.scale == pytest.approx(1, abs=0.004)
