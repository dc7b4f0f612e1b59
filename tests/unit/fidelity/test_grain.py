"""Which variance of the surroundings is grain, and which is texture."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from skimage import data

from inlay.fidelity.grain import brightness_of, make_grain, measure_grain

SIDE = 320
NOISE = 3 / 255


def noisy(clean: np.ndarray) -> np.ndarray:
    return clean + np.random.default_rng(2).normal(0, NOISE, clean.shape).astype(np.float32)


def blurred(clean: np.ndarray) -> np.ndarray:
    return cv2.GaussianBlur(clean, (0, 0), 1.2)


@pytest.fixture
def gravel() -> np.ndarray:
    """Gravel all over but for a plain strip; encoded."""
    plain = np.repeat((data.gravel()[:SIDE, :SIDE].astype(np.float32) / 255)[..., None], 3, 2)
    plain[:48] = 0.45
    return np.clip(plain, 0.1, 0.9)


def added_level(original: np.ndarray, generated: np.ndarray) -> float:
    known = np.ones((SIDE, SIDE), bool)
    found = measure_grain(original, generated, known, np.random.default_rng(0))
    if found is None:
        return 0.0
    return float(make_grain(found, brightness_of(generated), SIDE, SIDE, np.random.default_rng(1)).std())


def test_texture_that_the_model_blurred_is_not_taken_for_grain(gravel):
    assert added_level(noisy(gravel), blurred(gravel)) == pytest.approx(NOISE, rel=0.35)


def test_a_black_sky_does_not_hide_the_grain_of_the_rest():
    random = np.random.default_rng(3)
    fields = cv2.resize(random.uniform(0.3, 0.7, (6, 6, 3)).astype(np.float32), (SIDE, SIDE))
    original = noisy(fields)
    fields[:200], original[:200] = 0, 0
    known = np.ones((SIDE, SIDE), bool)
    found = measure_grain(original, fields, known, np.random.default_rng(0))
    assert found is not None
    grain = make_grain(found, np.full((1, 1), 0.5, np.float32), SIDE, SIDE, np.random.default_rng(1))
    assert grain.std() == pytest.approx(NOISE, rel=0.2)


def test_the_same_grain_is_not_added_twice(gravel):
    original = noisy(gravel)
    assert added_level(original, original) == 0
