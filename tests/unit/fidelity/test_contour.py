"""How much of a step at the mask's contour is believed."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from skimage import data

from inlay.fidelity.contour import find_step
from inlay.fidelity.oklab import to_oklab

STEP = np.float32([0.02, -0.006, 0.004])
"""About dE 2.5: what models do to a hole."""


@pytest.fixture(params=["astronaut", "chelsea", "coffee"])
def photo(request) -> np.ndarray:
    """The middle of a photo as a model paints it, a little soft; OKLab, 280 x 280."""
    image = getattr(data, request.param)().astype(np.float32) / 255
    y, x = image.shape[0] // 2 - 140, image.shape[1] // 2 - 140
    return to_oklab(cv2.GaussianBlur(image[y : y + 280, x : x + 280], (0, 0), 0.8))


@pytest.fixture
def inside() -> np.ndarray:
    mask = np.zeros((280, 280), np.uint8)
    cv2.circle(mask, (140, 140), 70, 1, -1)
    return mask > 0


def stepped(lab: np.ndarray, inside: np.ndarray) -> np.ndarray:
    return lab + cv2.GaussianBlur(inside.astype(np.float32), (0, 0), 2.2)[..., None] * STEP


def test_a_step_is_found_among_the_pictures_own_edges(photo, inside):
    found = find_step(stepped(photo, inside), inside, 1.0)
    assert np.abs(found - STEP)[0] < 0.008
    assert np.abs(found - STEP)[1:].max() < 0.003


def test_the_pictures_own_edges_are_not_taken_for_a_step(photo, inside):
    assert np.abs(find_step(photo, inside, 1.0)).max() < 0.003


def test_a_step_that_texture_could_explain_is_believed_in_part(inside):
    random = np.random.default_rng(1)
    texture = cv2.GaussianBlur(random.normal(0, 1, (280, 280, 3)).astype(np.float32), (0, 0), 6)
    texture *= np.float32(0.15 / texture.std())
    found = find_step(stepped(np.float32([0.5, 0, 0]) + texture, inside), inside, 1.0)
    assert np.abs(found).max() < 0.5 * np.abs(STEP).max()


def test_a_contour_of_a_few_pixels_tells_nothing():
    one = np.zeros((40, 40), bool)
    one[20, 20] = True
    picture = np.full((40, 40, 3), 0.5, np.float32)
    assert find_step(picture, np.zeros_like(one), 1.0) is None
    assert find_step(picture, one, 1.0) is None or np.abs(find_step(picture, one, 1.0)).max() < 1e-6
