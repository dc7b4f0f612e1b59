"""Which colours a document holds, found out by asking its own quantisation, and the nearest of them to a target."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from inlay.fidelity.cielab import F64, encoded_of, lab_of, linear_of, luminance_of
from inlay.fidelity.difference import delta_e_2000
from inlay.fidelity.raster import F32

Quantise = Callable[[F32], F32]
"""Working-space pixels (N x 1 x 3 float32, sRGB-encoded, unbounded) to what the document will hold of them, in working space."""

_FAR = 64.0
"""Linear light of the colours that are asked for to find the corners: far outside ProPhoto and Rec. 2020."""
_LARGEST_MARGIN = 0.06
"""Encoded distance from a limit of the document that `aim` may take; the tolerance ends earlier for every colour tried."""


@dataclass(frozen=True)
class Gamut:
    """What a document holds. matrix: 3x3, document linear light -> linear sRGB primaries.

    bounded: its linear channels end at 0 and 1. grey: they are one channel.
    """

    matrix: F64
    bounded: bool = False
    grey: bool = False

    def document(self, linear: F64) -> F64:
        """Linear sRGB primaries (..., 3) in the document's linear channels."""
        return linear @ np.linalg.inv(self.matrix).T

    def working(self, document: F64) -> F64:
        """The document's linear channels (..., 3) in linear sRGB primaries."""
        return document @ self.matrix.T

    def nearest(self, linear: F64) -> F64:
        """The colour of the document nearest to `linear` (3 linear sRGB primaries) in CIEDE2000, in document linear light."""
        if self.grey:
            linear = np.full(3, float(np.clip(luminance_of(linear.astype(np.float32)), 0, 1)))
        wanted = self.document(linear)
        if not self.bounded or (wanted.min() >= 0 and wanted.max() <= 1):
            return wanted
        return self._search(np.clip(wanted, 0, 1), lab_of(linear))

    def aim(self, inside: F64, tolerance: float) -> F64:
        """`inside` (document linear light) moved away from the channels' limits by at most `tolerance` dE2000.

        A mean that sits on a limit leaves no room for shading around it; half a just noticeable difference makes some.
        """
        if not self.bounded:
            return inside
        encoded = encoded_of(np.clip(inside, 0, 1).astype(np.float32)).astype(np.float64)
        margins = np.linspace(0, _LARGEST_MARGIN, 61)[:, None]
        moved = linear_of(np.clip(encoded, margins, 1 - margins).astype(np.float32)).astype(np.float64)
        apart = delta_e_2000(lab_of(self.working(moved)), lab_of(self.working(inside))[None])
        return moved[np.flatnonzero(apart <= tolerance)[-1]]

    def _search(self, start: F64, lab: F64) -> F64:
        """Coordinate descent on the encoded channels: the difference is smooth and the box has three sides."""
        best = encoded_of(start.astype(np.float32)).astype(np.float64)
        steps = np.concatenate([np.eye(3), -np.eye(3), _DIAGONALS])
        size = 0.25
        smallest = self._apart(best[None], lab)[0]
        while size > 1e-4:
            tried = np.clip(best + size * steps, 0, 1)
            apart = self._apart(tried, lab)
            if apart.min() < smallest:
                smallest, best = float(apart.min()), tried[apart.argmin()]
            else:
                size /= 2
        return linear_of(best.astype(np.float32)).astype(np.float64)

    def _apart(self, encoded: F64, lab: F64) -> F64:
        linear = linear_of(encoded.astype(np.float32)).astype(np.float64)
        return delta_e_2000(lab_of(self.working(linear)), lab[None])


_DIAGONALS = np.array(
    [[x, y, z] for x in (-1, 0, 1) for y in (-1, 0, 1) for z in (-1, 0, 1) if abs(x) + abs(y) + abs(z) > 1]
)

UNBOUNDED = Gamut(np.eye(3))


def gamut_of(quantise: Quantise | None) -> Gamut:
    """Ask `quantise` for colours far outside; where its answers are a parallelepiped with white opposite black, it is the gamut.

    None, float documents and Lab documents come back unbounded: their limits, if any, are met by `quantise` alone.
    """
    if quantise is None:
        return UNBOUNDED
    corners = _answers(quantise, np.concatenate([2 * np.eye(3) - 1, [[1, 1, 1], [-1, -1, -1]]]) * _FAR)
    matrix, white, black = corners[:3].T, corners[3], corners[4]
    if np.abs(white - 1).max() > 0.02 or np.abs(black).max() > 0.02:
        return UNBOUNDED
    inner = np.array([[0.2, 0.4, 0.3], [0.5, 0.5, 0.5], [0.6, 0.3, 0.4]])
    if np.ptp(_answers(quantise, inner), axis=-1).max() < 0.02:
        return Gamut(np.eye(3), bounded=True, grey=True)
    if np.abs(matrix.sum(1) - 1).max() > 0.02 or np.linalg.cond(matrix) > 100:
        return UNBOUNDED
    return Gamut(matrix, bounded=True)


def _answers(quantise: Quantise, linear: F64) -> F64:
    encoded = encoded_of(linear.astype(np.float32))
    return linear_of(quantise(encoded[:, None])[:, 0]).astype(np.float64)
