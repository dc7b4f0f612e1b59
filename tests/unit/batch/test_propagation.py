"""A mask is carried to sibling pictures, or left to a person. The siblings are made by warps and layers that the tests know."""

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray
from skimage import data

from inlay.batch import propagate

U8 = NDArray[np.uint8]
Matrix = NDArray[np.float64]


@pytest.fixture(scope="module")
def coffee() -> tuple[U8, U8]:
    """A cup on a table, and the ellipse around cup and saucer."""
    picture = cv2.resize(data.coffee(), (480, 320), interpolation=cv2.INTER_AREA)
    mask = np.zeros((320, 480), np.uint8)
    cv2.ellipse(mask, (223, 170), (161, 140), 0, 0, 360, 255, -1, cv2.LINE_AA)
    return picture, mask


@pytest.fixture(scope="module")
def badge() -> tuple[U8, U8]:
    """An astronaut, and the badge on the suit."""
    mask = np.zeros((512, 512), np.uint8)
    cv2.circle(mask, (169, 383), 40, 255, -1, cv2.LINE_AA)
    return data.astronaut(), mask


def placing(scale: float, degrees: float, right: float, down: float, about: tuple[float, float] = (240, 160)) -> Matrix:
    turned = cv2.getRotationMatrix2D(about, degrees, scale) + np.array([[0, 0, right], [0, 0, down]])
    return np.vstack([turned, (0, 0, 1)])


def warped(picture: U8, matrix: Matrix, size: tuple[int, int], border: int = cv2.BORDER_REFLECT_101) -> U8:
    return cv2.warpPerspective(picture, matrix, size[::-1], flags=cv2.INTER_CUBIC, borderMode=border).astype(np.uint8)


def overlap(found: U8 | None, truth: U8) -> float:
    assert found is not None
    assert (found.shape, found.dtype) == (truth.shape, np.uint8)
    one, other = found > 127, truth > 127
    return float((one & other).sum() / (one | other).sum())


def without(picture: U8, mask: U8) -> U8:
    """The picture with the object painted over."""
    return cv2.inpaint(picture, cv2.dilate(mask, np.ones((9, 9))), 5, cv2.INPAINT_TELEA).astype(np.uint8)


def over(background: U8, picture: U8, mask: U8) -> U8:
    share = mask[..., None] / 255
    return np.rint(background * (1 - share) + picture * share).astype(np.uint8)


def test_another_crop_another_light_and_noise(coffee: tuple[U8, U8]) -> None:
    picture, mask = coffee
    matrix, size = placing(0.85, 6, -20, 12), (300, 420)
    light = 255 * (warped(picture, matrix, size) / 255) ** 1.5 * (1.0, 0.92, 0.8)
    noisy = np.clip(light + np.random.default_rng(1).normal(0, 4, light.shape), 0, 255).astype(np.uint8)
    found, sure = propagate(picture, mask, noisy)
    assert sure > 0.5
    assert overlap(found, warped(mask, matrix, size, cv2.BORDER_CONSTANT)) > 0.97


def test_the_object_in_another_colour(coffee: tuple[U8, U8]) -> None:
    picture, mask = coffee
    matrix = placing(1.1, -4, 10, 5)
    sibling = warped(over(picture, picture[..., ::-1].copy(), mask), matrix, mask.shape)
    found, sure = propagate(picture, mask, sibling)
    assert sure > 0.5
    assert overlap(found, warped(mask, matrix, mask.shape, cv2.BORDER_CONSTANT)) > 0.97


def test_an_object_that_was_put_elsewhere_and_is_larger_there(badge: tuple[U8, U8]) -> None:
    picture, mask = badge
    matrix = placing(1.2, 8, 190, -250, about=(169, 383))
    truth = warped(mask, matrix, mask.shape, cv2.BORDER_CONSTANT)
    sibling = over(without(picture, mask), warped(picture, matrix, mask.shape), truth)
    found, sure = propagate(picture, mask, sibling)
    assert sure > 0.5
    assert overlap(found, truth) > 0.93


def test_an_object_that_is_gone_is_left_to_a_person(badge: tuple[U8, U8]) -> None:
    picture, mask = badge
    _, sure = propagate(picture, mask, warped(without(picture, mask), placing(1.05, 2, 5, 5), mask.shape))
    assert sure < 0.5


def test_another_picture_is_left_to_a_person(badge: tuple[U8, U8]) -> None:
    assert propagate(*badge, data.chelsea())[1] < 0.5


def coins() -> tuple[U8, U8]:
    picture = cv2.cvtColor(data.coins(), cv2.COLOR_GRAY2RGB).astype(np.uint8)
    mask = np.zeros(picture.shape[:2], np.uint8)
    cv2.circle(mask, (101, 127), 26, 255, -1, cv2.LINE_AA)
    return picture, mask


def test_of_many_that_are_alike_the_right_one_is_taken() -> None:
    picture, mask = coins()
    matrix = placing(0.95, 3, 25, 10)
    found, sure = propagate(picture, mask, warped(picture, matrix, mask.shape))
    assert sure > 0.5
    assert overlap(found, warped(mask, matrix, mask.shape, cv2.BORDER_CONSTANT)) > 0.95


def test_its_doubles_are_not_taken_for_one_that_is_gone() -> None:
    picture, mask = coins()
    _, sure = propagate(picture, mask, warped(without(picture, mask), placing(0.95, 3, 25, 10), mask.shape))
    assert sure < 0.5


def test_what_stands_in_front_is_left_out_of_the_mask(coffee: tuple[U8, U8]) -> None:
    picture, mask = coffee
    front = np.zeros_like(mask)
    cv2.rectangle(front, (190, 10), (290, 200), 255, -1)
    cat = cv2.resize(data.chelsea(), (480, 320))
    found, sure = propagate(picture, mask, over(picture, cat, front))
    assert sure > 0.5
    assert overlap(found, np.minimum(mask, 255 - front)) > 0.9
    assert found is not None
    assert (found[40:180, 210:270] > 127).mean() < 0.1


def test_a_mask_of_a_large_master_keeps_its_soft_edge_and_size(coffee: tuple[U8, U8]) -> None:
    picture, mask = (cv2.resize(part, (1920, 1280), interpolation=cv2.INTER_CUBIC) for part in coffee)
    soft = cv2.GaussianBlur(mask, (0, 0), 20)
    sibling = warped(picture, np.diag([0.5, 0.5, 1.0]), (640, 960))
    found, sure = propagate(picture, soft.astype(np.uint8), sibling)
    assert sure > 0.5
    assert found is not None
    truth = warped(soft.astype(np.uint8), np.diag([0.5, 0.5, 1.0]), (640, 960))
    assert np.abs(found.astype(int) - truth).max() < 20


def test_the_same_pictures_give_the_same_mask(badge: tuple[U8, U8]) -> None:
    picture, mask = badge
    sibling = warped(picture, placing(0.9, 5, 10, 10), mask.shape)
    (one, sure), (other, again) = propagate(picture, mask, sibling), propagate(picture, mask, sibling)
    assert sure == again
    assert one is not None
    assert np.array_equal(one, other)


def test_an_exact_double_that_lay_there_before_is_not_taken_for_one_that_is_gone(badge: tuple[U8, U8]) -> None:
    picture, mask = badge
    aside = placing(1, 0, 230, -30, about=(169, 383))
    second = warped(mask, aside, mask.shape, cv2.BORDER_CONSTANT)
    twice = over(picture, warped(picture, aside, mask.shape), second)
    sibling = warped(
        over(twice, without(picture, mask), cv2.dilate(mask, np.ones((9, 9)))), placing(0.95, 2, 5, 5), mask.shape
    )
    assert propagate(twice, mask, sibling)[1] < 0.5


def test_an_object_that_is_bent_gets_a_bent_mask(coffee: tuple[U8, U8]) -> None:
    picture, mask = coffee
    x, y = np.meshgrid(np.arange(480, dtype=np.float32), np.arange(320, dtype=np.float32))
    there = x + 8 * np.sin(y / 45), y + 7 * np.sin(x / 55)
    bent, truth = (cv2.remap(part, *there, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT) for part in (picture, mask))
    found, sure = propagate(picture, mask, bent.astype(np.uint8))
    assert sure > 0.5
    assert overlap(found, truth.astype(np.uint8)) > 0.97
