"""The colours of both sides of a cut: five Gaussians each, begun by clustering a few pixels, then learnt from all of a side.

Rother, Kolmogorov, Blake, "GrabCut", 2004.
"""

from __future__ import annotations

from typing import Any, NamedTuple, cast

import cv2
import numpy as np
from numpy.typing import NDArray

from inlay.engines.classic.compiled import kernel

U8 = NDArray[np.uint8]
F32 = NDArray[np.float32]
F64 = NDArray[np.float64]
Counts = NDArray[np.int64]

GAUSSIANS = 5
SAMPLES = 1_500
"""Of one side, at most, are clustered."""
ROUNDS = 10
COUNTS = np.float32(12)
"""A Gaussian that costs so much more than the likeliest one adds nothing: 6e-6 of its likelihood."""
LEAST_SPREAD = 0.01
"""Added to the variances of what lies in a plane."""


class Mixture(NamedTuple):
    """offsets: K, what being of each Gaussian costs at its middle. means: K x 3. inverses: K x 3 x 3, of covariances."""

    offsets: F32
    means: F32
    inverses: F32


def begun_with(colors: U8) -> Mixture:
    """From N x 3 colours, N > 0: those of some of them that lie together."""
    samples = np.ascontiguousarray(colors[:: -(-len(colors) // SAMPLES)], np.float32)
    cv2.setRNGSeed(1)
    until = (cv2.TERM_CRITERIA_MAX_ITER, ROUNDS, 0.0)
    none = cast(NDArray[np.int32], None)
    _, found, _ = cv2.kmeans(samples, min(GAUSSIANS, len(samples)), none, until, 1, cv2.KMEANS_PP_CENTERS)
    return _mixture(_sums(samples, found[:, 0].astype(np.int8)))


def learnt(colors: U8, counts: Counts, mixture: Mixture) -> Mixture:
    """From N x 3 `colors`, each as often as N `counts` say, and counted for the likeliest Gaussian of `mixture`."""
    return _mixture(_sums_of(colors, counts, *mixture))


def costs(colors: U8, mixture: Mixture) -> F32:
    """N: minus the logarithm of how likely each of N x 3 `colors` is."""
    return cast(F32, _costs(colors, *mixture))


def _mixture(sums: F64) -> Mixture:
    """From K x 10: the count, the sums of colours, and those of their products rr, rg, rb, gg, gb, bb."""
    sums = sums[sums[:, 0] > 0]
    count = sums[:, :1]
    means = sums[:, 1:4] / count
    spread = (sums[:, 4:] / count)[:, [0, 1, 2, 1, 3, 4, 2, 4, 5]].reshape(-1, 3, 3)
    spread = spread - means[:, :, None] * means[:, None]
    flat = np.linalg.det(spread) < LEAST_SPREAD
    spread[flat] += np.eye(3) * LEAST_SPREAD
    offsets = 0.5 * np.log(np.linalg.det(spread)) - np.log(count[:, 0] / count.sum())
    return Mixture(*(part.astype(np.float32) for part in (offsets, means, np.linalg.inv(spread))))


def _sums(samples: F32, found: NDArray[np.int8]) -> F64:
    own = samples.astype(np.float64)
    products = np.stack([own[:, i] * own[:, j] for i, j in ((0, 0), (0, 1), (0, 2), (1, 1), (1, 2), (2, 2))], 1)
    rows = np.concatenate((np.ones((len(own), 1)), own, products), 1)
    return np.stack([rows[found == number].sum(0) for number in range(GAUSSIANS)])


@kernel
def _distance(red: Any, green: Any, blue: Any, mean: Any, inverse: Any) -> Any:
    r, g, b = red - mean[0], green - mean[1], blue - mean[2]
    straight = inverse[0, 0] * r * r + inverse[1, 1] * g * g + inverse[2, 2] * b * b
    return np.float32(0.5) * straight + inverse[0, 1] * r * g + inverse[0, 2] * r * b + inverse[1, 2] * g * b


@kernel
def _sums_of(colors: Any, counts: Any, offsets: Any, means: Any, inverses: Any) -> Any:
    sums = np.zeros((len(offsets), 10))
    for color in range(len(colors)):
        count = counts[color]
        if count == 0:
            continue
        red, green, blue = np.float32(colors[color, 0]), np.float32(colors[color, 1]), np.float32(colors[color, 2])
        best, least = 0, np.float32(np.inf)
        for number in range(len(offsets)):
            cost = offsets[number] + _distance(red, green, blue, means[number], inverses[number])
            if cost < least:
                best, least = number, cost
        row = sums[best]
        row[0] += count
        row[1] += count * red
        row[2] += count * green
        row[3] += count * blue
        row[4] += count * (red * red)
        row[5] += count * (red * green)
        row[6] += count * (red * blue)
        row[7] += count * (green * green)
        row[8] += count * (green * blue)
        row[9] += count * (blue * blue)
    return sums


@kernel
def _costs(colors: Any, offsets: Any, means: Any, inverses: Any) -> Any:
    found = np.empty(len(colors), np.float32)
    each = np.empty(len(offsets), np.float32)
    for color in range(len(colors)):
        red, green, blue = np.float32(colors[color, 0]), np.float32(colors[color, 1]), np.float32(colors[color, 2])
        least = np.float32(np.inf)
        for number in range(len(offsets)):
            each[number] = offsets[number] + _distance(red, green, blue, means[number], inverses[number])
            least = min(least, each[number])
        total = np.float32(0)
        for number in range(len(offsets)):
            if each[number] - least < COUNTS:
                total += np.exp(least - each[number])
        found[color] = least - np.log(total)
    return found
