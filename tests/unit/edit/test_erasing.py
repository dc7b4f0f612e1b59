"""What is erased is gone, however faint it was: sensor dust, watermarks, stains."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from skimage import data

from support.retouching import darkened, disc, left_of_it, retouch

pytestmark = pytest.mark.slow

HEIGHT, WIDTH = 120, 140
LEFT = 0.05
"""Share of a thing's contrast that nobody sees any more."""


def sky() -> np.ndarray:
    return np.ascontiguousarray(data.rocket()[30 : 30 + HEIGHT, 420 : 420 + WIDTH])


def flat() -> np.ndarray:
    return np.full((HEIGHT, WIDTH, 3), (196, 201, 188), np.uint8)


def gradient() -> np.ndarray:
    rows, columns = np.mgrid[:HEIGHT, :WIDTH]
    return np.rint(np.stack([90 + 0.3 * columns, 120 + 0.2 * columns, 160 + 0.2 * rows], -1)).astype(np.uint8)


def grain() -> np.ndarray:
    noise = cv2.GaussianBlur(np.random.default_rng(3).normal(0, 1, (HEIGHT, WIDTH, 3)), (0, 0), 0.7)
    return np.clip(np.rint(gradient() + 4 * noise / noise.std()), 0, 255).astype(np.uint8)


def skin() -> np.ndarray:
    cheek = data.astronaut()[128:158, 205:240]
    return cv2.resize(cheek, (WIDTH, HEIGHT), interpolation=cv2.INTER_CUBIC)


SCENES = {scene.__name__: scene for scene in (sky, flat, gradient, grain, skin)}
SELECTIONS = {
    "tight": (13, {}),
    "loose": (30, {}),
    "tight, grown and feathered": (13, {"grow_px": 8, "feather_px": 8}),
}


def deep(pixels: np.ndarray, bits: int) -> np.ndarray:
    """The picture at a document's depth; the lower eight bits of sixteen hold something too."""
    if bits == 8:
        return pixels
    return np.minimum(
        pixels.astype(np.uint32) * 257 + np.arange(pixels.size).reshape(pixels.shape) % 199, 65535
    ).astype(np.uint16)


@pytest.mark.parametrize(
    ("delta_e", "bits", "selection"),
    [
        (1, 8, "tight"),
        (3, 8, "loose"),
        (10, 16, "tight"),
        (3, 16, "tight, grown and feathered"),
    ],
)
@pytest.mark.parametrize("scene", SCENES)
def test_dust_leaves_nothing_behind(scene: str, delta_e: float, bits: int, selection: str) -> None:
    clean = deep(SCENES[scene](), bits)
    dusty = darkened(clean, disc(HEIGHT, WIDTH, 7, softness=1.5), delta_e)
    radius, shaping = SELECTIONS[selection]
    mask = np.rint(disc(HEIGHT, WIDTH, radius) * 255).astype(np.uint8)

    with_dust, without = (retouch(picture, mask, **shaping) for picture in (dusty, clean))

    assert abs(left_of_it(with_dust.shown, without.shown, dusty, clean)) <= LEFT


@pytest.mark.parametrize("contrast", [4, 8, 20])
@pytest.mark.parametrize("paper", [flat, gradient])
def test_a_watermark_leaves_nothing_behind(paper, contrast: int) -> None:
    clean = paper()
    word = np.zeros((HEIGHT, WIDTH), np.uint8)
    cv2.putText(word, "PROOF", (15, 75), cv2.FONT_HERSHEY_DUPLEX, 1.0, 255, 2, cv2.LINE_AA)
    marked = np.rint(np.clip(clean + contrast * (word[..., None] / 255.0), 0, 255)).astype(np.uint8)
    mask = np.zeros((HEIGHT, WIDTH), np.uint8)
    mask[42:86, 8:132] = 255

    shown = retouch(marked, mask).shown

    assert abs(left_of_it(shown, retouch(clean, mask).shown, marked, clean)) <= LEFT
    if paper is flat:
        assert np.array_equal(shown, clean)
