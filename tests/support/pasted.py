"""A document, and a layer to paste into it: scenes of known truth for tests of matching."""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

Picture = NDArray[Any]
HEIGHT, WIDTH = 260, 300
NOTHING: dict[str, Any] = {"light": 0, "color": 0, "sharpness": 0, "grain": 0}


def blurred(picture: Picture, sigma: float) -> Picture:
    return cv2.GaussianBlur(picture, (0, 0), sigma)


def grain(deviation: float, sigma: float, seed: int) -> Picture:
    noise = np.random.default_rng(seed).normal(0, 1, (HEIGHT, WIDTH, 3))
    noise = blurred(noise, sigma) if sigma else noise
    return noise * deviation / noise.std()


def scene(seed: int) -> Picture:
    """Soft light with some hard edges; HxWx3 float64 without grain."""
    y, x = np.mgrid[0:HEIGHT, 0:WIDTH]
    picture = np.stack([0.45 + 0.1 * np.sin(x / f + seed) * np.cos(y / (f + 9)) for f in (41, 53, 61)], 2)
    for at in range(20, WIDTH, 57):
        picture[(x + y // 3 + 17 * seed) % WIDTH > WIDTH - at] *= 0.85
    return blurred(picture, 0.6)


def disc(softness: float = 1.5) -> Picture:
    y, x = np.mgrid[0:HEIGHT, 0:WIDTH]
    hard = (np.hypot(x - 150, y - 130) < 90).astype(np.float64)
    return np.where(hard * 0 + (np.hypot(x - 150, y - 130) < 100), blurred(hard, softness), 0)


def samples(picture: Picture, dtype: Any = np.uint16) -> Picture:
    white = np.iinfo(dtype).max
    return np.rint(np.clip(picture, 0, 1) * white).astype(dtype)


def layer_of(colors: Picture, alpha: Picture, dtype: Any = np.uint16) -> Picture:
    return samples(np.dstack([colors, alpha]), dtype)


def of(layer: Picture) -> Picture:
    return layer[..., :3] / np.iinfo(layer.dtype).max


def fine(picture: Picture, where: Picture) -> float:
    """Standard deviation of luma's detail below 3 px."""
    y = picture @ [0.299, 0.587, 0.114]
    return float((y - blurred(y, 3))[where].std())


def things(seed: int) -> Picture:
    """Shapes of every colour and size, HxWx3 without grain."""
    random = np.random.default_rng(seed)
    rough = sum(blurred(random.normal(0, 1, (HEIGHT, WIDTH, 3)), s) * s**1.5 for s in (1.5, 4, 11))
    return 0.4 + 0.12 * rough / rough.std()


MIDDLE = disc() > 0.999
