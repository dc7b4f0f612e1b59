"""A picture is called moved only where something in it was found again elsewhere."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from inlay.fidelity import Intent, belong
from support.retouching import disc

HEIGHT, WIDTH = 240, 300


def constant(random: np.random.Generator) -> np.ndarray:
    return np.full((HEIGHT, WIDTH, 3), 0.5)


def gradient(random: np.random.Generator) -> np.ndarray:
    return np.full((HEIGHT, WIDTH, 3), np.rint((0.3 + 0.4 * np.linspace(0, 1, WIDTH)) * 255)[:, None] / 255)


def grain_on_gray(random: np.random.Generator) -> np.ndarray:
    return constant(random) + random.normal(0, 2 / 255, (HEIGHT, WIDTH, 3))


def grain_on_a_gradient(random: np.random.Generator) -> np.ndarray:
    return gradient(random) + random.normal(0, 1 / 255, (HEIGHT, WIDTH, 3))


def soft_clouds(random: np.random.Generator) -> np.ndarray:
    return constant(random) + cv2.GaussianBlur(random.normal(0, 0.1, (HEIGHT, WIDTH, 3)), (0, 0), 5)


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("plain", [constant, gradient, grain_on_gray, grain_on_a_gradient, soft_clouds])
def test_a_plain_picture_has_nowhere_to_move(plain, seed: int) -> None:
    random = np.random.default_rng(seed)
    original = plain(random).astype(np.float32)
    model = (plain(random) * 1.03 + cv2.GaussianBlur(random.normal(0, 0.02, original.shape), (0, 0), 3)).astype(
        np.float32
    )

    report = belong(original, model, disc(HEIGHT, WIDTH, 45), intent=Intent.FILL).report

    assert not report.registration.applied
    assert not any("moved" in hint for hint in report.hints)


def test_a_picture_that_was_moved_is_moved_back(edit) -> None:
    shift = np.float32([[1, 0, 3], [0, 1, -2]])
    height, width = edit.mask.shape
    model = cv2.warpAffine(edit.generated, shift, (width, height), flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REFLECT)

    found = belong(edit.original, model, edit.mask / np.float32(255), intent=Intent.FILL).report.registration

    assert found.applied
    assert (found.dx_px, found.dy_px) == pytest.approx((3, -2), abs=0.3)
