"""How a picture keeps to a brand: the share of its pixels within CIEDE2000 2 of one of the brand's colours, and its main colours.

Main colours: k-means (Lloyd) in CIELab on pixels that are spread evenly over the picture, begun at those farthest apart, so that
the same picture has the same colours; those that look alike are one.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from inlay.fidelity.brand_target import hex_of
from inlay.fidelity.cielab import F64, lab_of, linear_of, linear_of_lab
from inlay.fidelity.difference import delta_e_2000
from inlay.fidelity.raster import F32

WITHIN = 2.0
"""CIEDE2000 up to which a colour is the brand's."""
_CLUSTERS = 12
_ALIKE = 4.0
"""CIEDE2000 up to which two main colours are one."""
_LEAST_SHARE = 0.005
_ROUNDS = 20


class Cluster(NamedTuple):
    """One of a picture's main colours. share: 0..1. hex: clipped to sRGB. lab: D50. nearest: the number of the brand's colour."""

    share: float
    hex: str
    lab: tuple[float, float, float]
    nearest: int
    delta_e: float


@dataclass(frozen=True)
class BrandCheck:
    """pixels: that were looked at. share: of them within WITHIN of any colour, 0..1. shares: nearest to each, and within."""

    pixels: int
    share: float
    shares: tuple[float, ...]
    clusters: tuple[Cluster, ...]


class BrandCounter:
    """Counts a picture strip by strip. colors: K x 3, CIELab D50. every: each pixel of that number is kept for the main colours."""

    def __init__(self, colors: F64, every: int = 1) -> None:
        self._colors = colors
        # No two colours that are further apart in Lab are within WITHIN: S_C and the turn of the blues at their most.
        chroma = np.hypot(colors[:, 1], colors[:, 2])
        self._reach = WITHIN * (1 + 0.045 * (chroma + 40)) / 0.36
        self._every = every
        self._counted = np.zeros(len(colors), np.int64)
        self._pixels = 0
        self._kept: list[F64] = []

    def add(self, pixels: F32) -> None:
        """pixels: N x 3 float32, sRGB-encoded, unbounded."""
        lab = lab_of(linear_of(pixels)).astype(np.float64)
        self._kept.append(lab[-self._pixels % self._every :: self._every])
        self._pixels += len(lab)
        nearest, best = np.full(len(lab), -1), np.full(len(lab), np.inf)
        for number, color in enumerate(self._colors):
            close = np.flatnonzero(((lab - color) ** 2).sum(1) <= self._reach[number] ** 2)
            distance = delta_e_2000(lab[close], np.broadcast_to(color, (len(close), 3)))
            better = distance < best[close]
            best[close[better]], nearest[close[better]] = distance[better], number
        within = nearest[best <= WITHIN]
        self._counted += np.bincount(within, minlength=len(self._colors))

    def check(self) -> BrandCheck:
        """What was counted; everything is 0 where no pixel was."""
        whole = max(1, self._pixels)
        shares = tuple((self._counted / whole).tolist())
        kept = np.concatenate(self._kept) if self._kept else np.zeros((0, 3))
        return BrandCheck(
            self._pixels, float(self._counted.sum() / whole), shares, tuple(_clusters(kept, self._colors))
        )


def _clusters(lab: F64, colors: F64) -> list[Cluster]:
    if not len(lab):
        return []
    means, counts = _merged(*_means(lab))
    found: list[Cluster] = []
    for mean, count in zip(means, counts, strict=True):
        share = float(count / len(lab))
        distances = delta_e_2000(np.broadcast_to(mean, colors.shape), colors)
        nearest = int(np.argmin(distances))
        red, green, blue = linear_of_lab(mean)
        lightness, a, b = (float(value) for value in mean)
        found.append(Cluster(share, hex_of((red, green, blue)), (lightness, a, b), nearest, float(distances[nearest])))
    return sorted((one for one in found if one.share >= _LEAST_SHARE), key=lambda one: -one.share)


def _means(lab: F64) -> tuple[F64, NDArray[np.int64]]:
    """Means of clusters, and how many pixels each has."""
    means = [lab.mean(0)]
    distance = ((lab - means[0]) ** 2).sum(1)
    while len(means) < min(_CLUSTERS, len(lab)) and distance.max() > 0:
        means.append(lab[int(np.argmax(distance))])
        distance = np.minimum(distance, ((lab - means[-1]) ** 2).sum(1))
    centres = np.array(means)
    for _ in range(_ROUNDS):
        owner = _owners(lab, centres)
        counts = np.bincount(owner, minlength=len(centres))
        sums = np.stack([np.bincount(owner, lab[:, axis], len(centres)) for axis in range(3)], -1)
        moved = np.where(counts[:, None] > 0, sums / np.maximum(counts, 1)[:, None], centres)
        if np.abs(moved - centres).max() < 1e-3:
            break
        centres = moved
    counts = np.bincount(_owners(lab, centres), minlength=len(centres))
    return centres[counts > 0], counts[counts > 0]


def _owners(lab: F64, centres: F64) -> NDArray[np.int64]:
    return np.argmin(((centres**2).sum(1) - 2 * lab @ centres.T), axis=1)


def _merged(means: F64, counts: NDArray[np.int64]) -> tuple[F64, NDArray[np.int64]]:
    """The two that look most alike become one, as long as they look alike."""
    means, counts = means.copy(), counts.copy()
    while len(means) > 1:
        distance = delta_e_2000(means[:, None].repeat(len(means), 1), means[None].repeat(len(means), 0))
        distance[np.diag_indices(len(means))] = np.inf
        first, second = divmod(int(np.argmin(distance)), len(means))
        if distance[first, second] > _ALIKE:
            break
        weights = counts[[first, second]]
        means[first] = np.average(means[[first, second]], axis=0, weights=weights)
        counts[first] = weights.sum()
        means, counts = np.delete(means, second, 0), np.delete(counts, second)
    return means, counts
