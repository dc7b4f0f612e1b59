"""A rough selection becomes how much of each pixel belongs to it, and colours without the old background; truth by composition."""

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray
from skimage import data

from inlay.fidelity import Matte, matte

SIDE = 224


def blob(sigma_px: float) -> NDArray[np.float32]:
    rows, columns = np.mgrid[:SIDE, :SIDE].astype(np.float32)
    radius = 62 + 9 * np.sin(5 * np.arctan2(rows - 112, columns - 108))
    inside = (np.hypot(rows - 112, columns - 108) < radius).astype(np.float32)
    return np.asarray(cv2.GaussianBlur(inside, (0, 0), sigma_px), np.float32)


def photo(picture: NDArray[np.uint8], top: int, left: int) -> NDArray[np.float32]:
    return (picture[top : top + SIDE, left : left + SIDE] / 255).astype(np.float32)


FRONT, BACK = photo(data.coffee(), 90, 180), photo(data.astronaut(), 250, 20)


def composite(alpha: NDArray[np.float32], depth: type[np.unsignedinteger] = np.uint8) -> NDArray[np.unsignedinteger]:
    mixed = FRONT * alpha[..., None] + BACK * (1 - alpha[..., None])
    grainy = mixed + np.random.default_rng(1).normal(0, 0.004, mixed.shape)
    return np.rint(np.clip(grainy, 0, 1) * np.iinfo(depth).max).astype(depth)


def rough(alpha: NDArray[np.float32], shift_px: int = 6) -> NDArray[np.uint8]:
    """The shape, moved and too large by some pixels."""
    grown = cv2.dilate((alpha > 0.5).astype(np.uint8), np.ones((5, 5), np.uint8))
    return (np.roll(grown, (shift_px, -shift_px), (0, 1)) * 255).astype(np.uint8)


def error(found: Matte, alpha: NDArray[np.float32]) -> float:
    """Mean error where truth or selection is in doubt."""
    band = (np.abs(alpha - rough(alpha) / np.float32(255)) > 0.02) | ((alpha > 0.01) & (alpha < 0.99))
    return float(np.abs(found.alpha - alpha)[band].mean())


@pytest.mark.parametrize("depth", [np.uint8, np.uint16])
def test_a_crisp_shape_is_found_from_a_selection_that_is_six_pixels_wrong(depth: type[np.unsignedinteger]) -> None:
    alpha = blob(0.6)
    found = matte(composite(alpha, depth), rough(alpha))
    assert error(found, alpha) < 0.06
    assert found.alpha.dtype == found.foreground.dtype == np.float32


def test_a_boundary_out_of_focus_stays_as_wide_as_it_is() -> None:
    alpha = blob(5)
    found = matte(composite(alpha), rough(alpha))
    assert error(found, alpha) < 0.12
    between = [float(((one > 0.1) & (one < 0.9)).sum()) for one in (found.alpha, alpha)]
    assert 0.5 < between[0] / between[1] < 1.6


def test_fur_is_found_hair_by_hair() -> None:
    rows, columns = np.mgrid[:SIDE, :SIDE].astype(np.float32)
    radius, turn = np.hypot(rows - 112, columns - 112), np.arctan2(rows - 112, columns - 112)
    across = np.abs((turn / (2 * np.pi) * 64 + 0.5) % 1 - 0.5) * 2 * np.pi * radius / 64
    hairs = np.clip(2 - across, 0, 1) * np.clip((84 - radius) / 6, 0, 1)
    alpha = cv2.GaussianBlur(np.maximum(np.clip(65 - radius, 0, 1), hairs), (0, 0), 1)
    brown, gray = np.array([0.3, 0.15, 0.08], np.float32), np.array([0.75, 0.77, 0.8], np.float32)
    picture = np.rint((brown * alpha[..., None] + gray * (1 - alpha[..., None])) * 255).astype(np.uint8)
    found = matte(picture, np.where(radius < 66, np.uint8(255), np.uint8(0))).alpha
    among = (radius > 67) & (radius < 78)
    assert np.corrcoef(found[among], alpha[among])[0, 1] > 0.95
    assert np.abs(found - alpha)[among].mean() < 0.12


def test_short_fur_is_found_from_where_the_boundary_is_and_not_from_where_it_was_drawn() -> None:
    random, drawn = np.random.default_rng(3), np.zeros((SIDE * 4, SIDE * 4), np.uint8)
    cv2.circle(drawn, (448, 448), 248, 255, -1)
    for turn in random.uniform(0, 2 * np.pi, 1600):
        root, way = 448 + 240 * np.array([np.cos(turn), np.sin(turn)]), turn + random.normal(0, 0.5)
        tip = root + random.uniform(20, 64) * np.array([np.cos(way), np.sin(way)])
        cv2.line(drawn, tuple(int(v) for v in root), tuple(int(v) for v in tip), 255, 3, cv2.LINE_AA)
    alpha = np.asarray(cv2.resize(drawn, (SIDE, SIDE), interpolation=cv2.INTER_AREA) / np.float32(255), np.float32)
    rows, columns = np.mgrid[:SIDE, :SIDE]
    selection = np.where(np.hypot(rows - 112, columns - 112) < 55, np.uint8(255), np.uint8(0))
    found = matte(composite(alpha), selection)
    band = np.abs(alpha - selection / 255) > 0.02
    assert np.abs(found.alpha - alpha)[band].mean() < 0.29


def test_strands_that_stand_out_of_a_crisp_edge_are_kept() -> None:
    body, strands = blob(0.6), np.zeros((SIDE, SIDE), np.uint8)
    for turn in np.linspace(0, 2 * np.pi, 12, endpoint=False):
        start, end = (112 + radius * np.array([np.cos(turn), np.sin(turn)]) for radius in (50, 84))
        first, last = ((int(16 * x), int(16 * y)) for x, y in (start, end))
        cv2.line(strands, first, last, 255, 2, cv2.LINE_AA, 4)
    alpha = np.maximum(body, strands.astype(np.float32) / 255)
    found = matte(composite(alpha), rough(body)).alpha
    out_of_it = cv2.distanceTransform((body < 0.5).astype(np.uint8), cv2.DIST_L2, 5) > 3
    among = out_of_it & (cv2.dilate(alpha, np.ones((9, 9))) > 0.2)
    assert np.corrcoef(found[among], alpha[among])[0, 1] > 0.55
    assert (found * alpha)[among].sum() > 0.3 * (alpha**2)[among].sum()


def test_what_lies_far_beyond_the_selection_opens_for_strands_only() -> None:
    glass, hairs = blob(0.8) * np.float32(0.6), np.zeros((SIDE, SIDE), np.uint8)
    for turn in np.linspace(0, 2 * np.pi, 24, endpoint=False):
        way = np.array([np.cos(turn), np.sin(turn)])
        first, last = ((int(16 * x), int(16 * y)) for x, y in (112 + 50 * way, 112 + 92 * way))
        cv2.line(hairs, first, last, 255, 2, cv2.LINE_AA, 4)
    hair = np.maximum(blob(1.2), hairs.astype(np.float32) / 255)
    busy, plain = photo(data.astronaut(), 250, 250), np.full_like(FRONT, 0.8)
    found: list[NDArray[np.float32]] = []
    for alpha, front, back in ((glass, cv2.GaussianBlur(FRONT, (0, 0), 6), busy), (hair, FRONT * 0.3, plain)):
        mixed = front * alpha[..., None] + back * (1 - alpha[..., None])
        grainy = mixed + np.random.default_rng(1).normal(0, 0.008, mixed.shape)
        picture = np.rint(np.clip(grainy, 0, 1) * 255).astype(np.uint8)
        found.append(matte(picture, rough(blob(0.8))).alpha)
    away = cv2.distanceTransform((rough(blob(0.8)) == 0).astype(np.uint8), cv2.DIST_L2, 5)
    far, within = (away > 22) & (blob(0.8) < 0.01), (away > 22) & (away < 28)
    assert found[0][far].max() < 0.002
    assert (found[1] * hair)[within].sum() > 0.1 * (hair**2)[within].sum() > 20


def test_a_crisp_edge_goes_on_where_both_sides_look_alike() -> None:
    alpha = blob(0.6)
    rows, columns = np.mgrid[:SIDE, :SIDE]
    alike = np.abs(np.arctan2(rows - 112, columns - 108) - 0.2) < 0.35
    back = np.where(alike[..., None], FRONT * np.float32(0.85), BACK)
    mixed = FRONT * alpha[..., None] + back * (1 - alpha[..., None])
    grainy = mixed + np.random.default_rng(1).normal(0, 0.004, mixed.shape)
    found = matte(np.rint(np.clip(grainy, 0, 1) * 255).astype(np.uint8), rough(alpha))
    wrong = np.abs(found.alpha - alpha)[alike]
    assert wrong.sum() < 0.7 * np.abs(rough(alpha) / 255 - alpha)[alike].sum()


def test_what_is_sure_is_wholly_in_or_out() -> None:
    alpha = blob(3)
    found = matte(composite(alpha), rough(alpha)).alpha
    far = cv2.distanceTransform((alpha < 0.01).astype(np.uint8), cv2.DIST_L2, 5) > 40
    deep = cv2.distanceTransform((alpha > 0.99).astype(np.uint8), cv2.DIST_L2, 5) > 30
    assert far.sum() > 1000
    assert deep.sum() > 1000
    assert not found[far].any()
    assert (found[deep] == 1).all()


def test_colours_of_a_soft_edge_are_the_fronts_without_the_old_background() -> None:
    alpha = blob(5)
    orange, blue = np.array([0.9, 0.5, 0.1], np.float32), np.array([0.1, 0.2, 0.8], np.float32)
    mixed = orange * alpha[..., None] + blue * (1 - alpha[..., None])
    found = matte(np.rint(mixed * 65535).astype(np.uint16), rough(alpha)).foreground
    soft = (alpha > 0.3) & (alpha < 0.8)

    def old_share(colors: NDArray[np.floating]) -> float:
        return float(((colors - orange) @ (blue - orange)).mean() / ((blue - orange) ** 2).sum())

    assert old_share(mixed[soft]) > 0.4
    assert abs(old_share(found[soft])) < 0.2


def test_glass_is_as_opaque_as_the_retoucher_says() -> None:
    alpha = blob(0.8) * np.float32(0.5)
    picture, selection = composite(alpha), rough(blob(0.8), 2)
    found, solid = matte(picture, selection, opacity=0.5), matte(picture, selection)
    assert found.alpha.max() == pytest.approx(0.5)
    assert solid.alpha.max() == 1
    middle = blob(0.8) > 0.99
    apart = [float(np.abs(one.foreground[middle] - FRONT[middle]).mean()) for one in (found, solid)]
    assert apart[0] < apart[1]


def test_nothing_selected_and_all_selected_stay_so() -> None:
    picture = composite(blob(1))
    for value in (0, 255):
        found = matte(picture, np.full((SIDE, SIDE), value, np.uint8))
        assert (found.alpha == value / 255).all()


def test_a_selection_of_another_size_is_refused() -> None:
    with pytest.raises(ValueError, match="is none of a picture"):
        matte(composite(blob(1)), np.zeros((8, 8), np.uint8))
