"""A small picture, what a model might return for it, and masks."""

from __future__ import annotations

from dataclasses import dataclass, replace

import cv2
import numpy as np
import pytest

SIDE = 224


@dataclass(frozen=True)
class Edit:
    """An original (float, encoded), what the model painted for the same window, the mask, and the picture without the object."""

    original: np.ndarray
    generated: np.ndarray
    mask: np.ndarray
    truth: np.ndarray

    def at(self, dtype: type) -> np.ndarray:
        """The original as samples of a type."""
        white = {np.uint8: 255, np.uint16: 65535}.get(dtype)
        return (
            self.original.astype(np.float32)
            if white is None
            else np.rint(np.clip(self.original, 0, 1) * white).astype(dtype)
        )

    def but(self, **changes: np.ndarray) -> Edit:
        """The same edit with something else."""
        return replace(self, **changes)


def picture(random: np.random.Generator, side: int = SIDE) -> np.ndarray:
    """Soft colour fields, a few hard shapes and some texture; encoded 0.1..0.9."""
    base = cv2.resize(
        random.uniform(0.25, 0.75, (5, 5, 3)).astype(np.float32), (side, side), interpolation=cv2.INTER_CUBIC
    )
    for _ in range(14):
        centre = tuple(int(v) for v in random.integers(0, side, 2))
        cv2.circle(
            base,
            centre,
            int(random.integers(6, 22)),
            tuple(float(v) for v in random.uniform(0.15, 0.85, 3)),
            -1,
            cv2.LINE_AA,
        )
    return np.clip(cv2.GaussianBlur(base, (0, 0), 0.8), 0.1, 0.9)


@pytest.fixture
def edit() -> Edit:
    """A removed disc on a grainy picture; the model softened it, lost the grain and shifted light and colour."""
    random = np.random.default_rng(5)
    truth = picture(random)
    grain = cv2.GaussianBlur(random.normal(0, 1, truth.shape).astype(np.float32), (0, 0), 0.7)
    truth_grainy = truth + grain * np.float32(0.03 / grain.std())
    mask = np.zeros((SIDE, SIDE), np.uint8)
    cv2.circle(mask, (112, 112), 50, 255, -1, cv2.LINE_AA)
    share = mask[..., None] / np.float32(255)
    original = truth_grainy * (1 - share) + np.float32([0.8, 0.2, 0.15]) * share
    generated = cv2.GaussianBlur(truth, (0, 0), 0.7) * np.float32([1.06, 1.0, 0.92]) + np.float32(0.025)
    return Edit(original.astype(np.float32), generated.astype(np.float32), mask, truth)


@pytest.fixture
def soft(edit: Edit) -> Edit:
    """The same edit through a feathered selection."""
    mask = cv2.GaussianBlur(edit.mask, (0, 0), 9)
    return edit.but(mask=mask)


@pytest.fixture
def another_picture() -> np.ndarray:
    """A generated window that shows something else altogether."""
    return picture(np.random.default_rng(99)).astype(np.float32)
