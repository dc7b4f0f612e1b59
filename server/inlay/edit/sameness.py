"""How much tries of one region differ, as an eye sees it: the largest colour difference between any two of their results."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import combinations
from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from inlay import color
from inlay.color.raster import Raster
from inlay.fidelity.difference import delta_e_2000, to_cielab
from inlay.region import Rect
from inlay.variation import Patch

SIDE_PX = 48
"""They are compared at this size, at most: what is finer, grain and the place of a blade of grass, is new in every try and not
what a retoucher tries again for."""

MOST_READ_PX = 1024
"""Of a longer side every second, third ... pixel is read: a mean of hundreds is as good as one of thousands."""

LEAST_COMMON = 0.5
"""The least share of either's mask that must be open in both; less, and they are results of different places."""

Read = Callable[[str], bytes | memoryview]
"""A blob's bytes; raises BlobMissing."""


NEW_THING = 3.0
"""A twentieth of a region that differs this many times as much counts as the whole does: a new thing may be small."""


class _Seen(NamedTuple):
    """A result as it is compared. lab: height x width x 3. open: height x width, 0..1, where it shows."""

    lab: NDArray[np.float64]
    open: NDArray[np.float32]


def largest_difference(patches: Sequence[Patch], read: Read) -> float | None:
    """CIEDE2000 where both masks are open, of the two that differ most: its mean, or what a twentieth exceeds NEW_THING times, if
    that is more. None where two have too little in common.

    Raises BlobMissing, UnknownProfile, Unsupported.
    """
    box = patches[0].bounds
    for patch in patches[1:]:
        box = box.intersection(patch.bounds)
    if box.area == 0:
        return None
    scale = min(1.0, SIDE_PX / max(box.size))
    size = max(1, round(box.width * scale)), max(1, round(box.height * scale))
    seen = [_seen(patch, box, size, read) for patch in patches]
    furthest = 0.0
    for one, other in combinations(seen, 2):
        both = np.minimum(one.open, other.open)
        common, least = float(both.sum()), min(float(one.open.sum()), float(other.open.sum()))
        if common <= LEAST_COMMON * least or not (both > 0.5).any():
            return None
        apart = delta_e_2000(one.lab, other.lab)
        mean = float((apart * both).sum()) / common
        furthest = max(furthest, mean, float(np.quantile(apart[both > 0.5], 0.95, method="lower")) / NEW_THING)
    return furthest


def _seen(patch: Patch, box: Rect, size: tuple[int, int], read: Read) -> _Seen:
    part = box.relative_to(patch.bounds).slices
    mask = _small(patch.mask, read, part, size)[..., 0] / np.float32(patch.mask.white_level)
    samples = _small(patch.pixels, read, part, size)
    decoded = color.decode(samples, replace(patch.pixels, width=size[0], height=size[1]))
    shown = np.clip(mask, 0, 1)
    return _Seen(to_cielab(decoded.pixels), shown if decoded.alpha is None else shown * np.clip(decoded.alpha, 0, 1))


def _small(raster: Raster, read: Read, part: tuple[slice, slice], size: tuple[int, int]) -> NDArray[np.float32]:
    """A part of a raster at that size (width, height), each sample a mean. Height x width x channels, float32."""
    samples = raster.array(read(raster.blob), "result")[part]
    every = max(1, max(samples.shape[:2]) // MOST_READ_PX)
    small = cv2.resize(samples[::every, ::every].astype(np.float32), size, interpolation=cv2.INTER_AREA)
    return small.astype(np.float32).reshape(size[1], size[0], samples.shape[2])
