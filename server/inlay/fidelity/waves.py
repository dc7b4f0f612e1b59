"""Fields made of cosine waves that the source's pixels can tell apart."""

from __future__ import annotations

import numpy as np

from inlay.fidelity.raster import F32, cosine_transform, merged, mirrored, split


def spread(means: F32, scale: int) -> F32:
    """The band-limited field, `scale` times as large, whose means over blocks of scale x scale are HxWxC `means`: exactly.

    By the cosine transform, which mirrors at the borders: each wave is divided by what averaging leaves of it.
    """
    height, width = means.shape[:2]
    high, wide = height + height % 2, width + width % 2
    even = mirrored(means, bottom=height % 2, right=width % 2).reshape(high, wide, -1)  # OpenCV drops a single channel
    kept = np.outer(_left_of_waves(high, scale), _left_of_waves(wide, scale))
    waves, planes = np.zeros((high * scale, wide * scale), np.float32), list[F32]()
    for plane in split(even):
        waves[:high, :wide] = cosine_transform(plane) * scale / kept
        planes.append(cosine_transform(waves, inverse=True))
    field = merged(planes)
    return field[: height * scale, : width * scale]


def _left_of_waves(count: int, scale: int) -> F32:
    """What the mean over `scale` samples leaves of each of `count` cosine waves, 2/pi .. 1."""
    half_turn = np.arange(1, count, dtype=np.float64) * (np.pi / 2 / count)
    return np.concatenate([[1.0], np.sin(half_turn) / (scale * np.sin(half_turn / scale))]).astype(np.float32)
