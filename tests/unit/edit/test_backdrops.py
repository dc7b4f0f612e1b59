"""A studio backdrop stays smooth: what is erased in front of it leaves neither ridges nor patches, and the grain goes on."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from support.retouching import retouch

pytestmark = pytest.mark.slow

HEIGHT, WIDTH = 200, 260
APEX = {"beside the hole": (40, 210), "in the hole": (106, 122), "far away": (-200, 500)}

UNSEEN = 1.5
"""Levels of 255 by which a wall may be off, low-passed. Grain itself, at 2.5, makes 0.8; copied as it comes, 2 and more."""


def backdrop(apex: tuple[int, int], grain: float) -> np.ndarray:
    """A spot of light on a tinted wall, 0..1."""
    rows, columns = np.mgrid[:HEIGHT, :WIDTH] / WIDTH
    y, x = (value / WIDTH for value in apex)
    light = 0.25 + 0.45 * np.exp(-((rows - y) ** 2 + (columns - x) ** 2) / 0.3)
    noise = np.random.default_rng(4).normal(0, grain / 255, (HEIGHT, WIDTH, 3)) if grain else 0
    return light[..., None] * np.array([1.0, 0.9, 0.8]) + noise


def thing(beyond: int = 0) -> np.ndarray:
    cover = np.zeros((HEIGHT, WIDTH), np.uint8)
    cv2.ellipse(cover, (130, 100), (48 + beyond, 56 + beyond), 0, 0, 360, 255, -1)
    return cover


@pytest.mark.parametrize("bits", [8, 16])
@pytest.mark.parametrize("grain", [0, 2.5])
@pytest.mark.parametrize("apex", APEX)
def test_nothing_is_seen_of_what_stood_before_a_backdrop(apex: str, grain: float, bits: int) -> None:
    white, dtype = (255, np.uint8) if bits == 8 else (65535, np.uint16)
    clean = np.rint(np.clip(backdrop(APEX[apex], grain), 0, 1) * white).astype(dtype)
    spoilt = np.where(thing()[..., None] > 0, dtype(white * 0.15), clean)
    hole = thing(4) > 0

    shown = retouch(spoilt, thing(4)).shown.astype(np.float32) * np.float32(255 / white)

    truth = backdrop(APEX[apex], 0) * 255
    assert np.abs(cv2.GaussianBlur(shown - truth, (0, 0), 4))[hole].max() <= UNSEEN
    if grain:
        inside = thing(-8) > 0
        assert (shown - truth)[inside].std() == pytest.approx(grain, rel=0.15)


def test_what_leans_into_a_backdrop_is_continued_rather_than_smoothed_away() -> None:
    clean = np.rint(backdrop(APEX["far away"], 2.5) * 255).astype(np.uint8)
    clean[:, 120:140] = np.rint(clean[:, 120:140] * 0.5)
    spoilt = clean.copy()
    spoilt[70:130, 90:170] = 250
    mask = np.zeros((HEIGHT, WIDTH), np.uint8)
    mask[66:134, 86:174] = 255

    shown = retouch(spoilt, mask).shown.astype(np.float32)

    pole, wall = shown[70:130, 124:136].mean(), shown[70:130, 92:112].mean()
    assert pole == pytest.approx(clean[70:130, 124:136].mean(), abs=8)
    assert wall == pytest.approx(clean[70:130, 92:112].mean(), abs=8)


@pytest.mark.parametrize("seed", [0, *(pytest.param(seed, marks=pytest.mark.slow) for seed in range(1, 5))])
def test_a_mended_wall_has_no_blotches_whatever_grain_is_copied(seed: int) -> None:
    noise = np.random.default_rng(seed).normal(0, 2.5, (HEIGHT, WIDTH, 3))
    clean = np.rint(backdrop(APEX["far away"], 0) * 255 + noise).astype(np.uint8)
    spoilt = np.where(thing()[..., None] > 0, np.uint8(38), clean)

    shown = retouch(spoilt, thing(4)).shown.astype(np.float32)

    apart = cv2.GaussianBlur(shown - backdrop(APEX["far away"], 0) * 255, (0, 0), 4)
    inside, beside = thing(4) > 0, (thing(40) > 0) & (thing(4) == 0)
    assert apart[inside].std() <= 1.25 * apart[beside].std()


def test_a_wire_that_hangs_beside_it_leaves_nothing_on_the_mended_wall() -> None:
    clean = np.rint(backdrop(APEX["far away"], 2.5) * 255).astype(np.uint8)
    clean[:, 203:206] //= 3
    spoilt = np.where(thing()[..., None] > 0, np.uint8(38), clean)

    shown = retouch(spoilt, thing(4)).shown.astype(np.float32)

    truth = backdrop(APEX["far away"], 0) * 255
    assert np.abs(cv2.GaussianBlur(shown - truth, (0, 0), 4))[thing(4) > 0].max() <= UNSEEN
