"""Pictures in the samples of any document Krita can make, and soft selections, as raw bytes."""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

DTYPES = {"U8": np.dtype("u1"), "U16": np.dtype("<u2"), "F16": np.dtype("<f2"), "F32": np.dtype("<f4")}
CHANNELS = {"RGBA": 4, "GRAYA": 2, "LABA": 4}


def grainy(width: int, height: int, model: str, depth: str, seed: int = 0) -> NDArray[np.generic]:
    """Height x width x channels: slow gradients, stripes and grain, opaque, inside the range of the model."""
    random = np.random.default_rng(seed)
    y, x = np.mgrid[0:height, 0:width]
    channels = CHANNELS[model]
    waves = [0.45 + 0.25 * np.sin(x / (17 + 6 * c) + c) * np.cos(y / (23 - 4 * c)) for c in range(channels - 1)]
    picture = np.stack([*waves, np.ones_like(x, dtype=float)], axis=-1)
    picture[..., :-1] += random.normal(0, 0.02, (height, width, channels - 1))
    if depth == "U8":
        return np.round(np.clip(picture, 0, 1) * 255).astype(DTYPES[depth])
    if depth == "U16":
        return np.round(np.clip(picture, 0, 1) * 65535).astype(DTYPES[depth])
    if model == "LABA":
        picture[..., :-1] = (picture[..., :-1] - [0, 0.45, 0.45]) * 100
    return picture.astype(DTYPES[depth])


def soft(width: int, height: int, center: tuple[int, int], radius: float, ramp: float) -> NDArray[np.uint8]:
    """Height x width: 255 inside a disc, falling to 0 over `ramp` px."""
    y, x = np.mgrid[0:height, 0:width]
    distance = np.hypot(x - center[0], y - center[1])
    return np.round(np.clip((radius + ramp - distance) / ramp, 0, 1) * 255).astype(np.uint8)


def write(array: NDArray[np.generic], path: Path) -> str:
    path.write_bytes(array.tobytes())
    return str(path)


def read(path: Path, like: NDArray[np.generic]) -> NDArray[np.generic]:
    return np.frombuffer(path.read_bytes(), like.dtype).reshape(like.shape)
