"""Closed-form matting: alpha is a linear function of colour in every small window; the best such alpha, by conjugate gradients.

Levin, Lischinski, Weiss, "A closed-form solution to natural image matting", 2008. The product with its matrix is made of box
filters, as in He, Sun, Tang, "Fast matting using large kernel matting Laplacian matrices", 2010: no matrix is ever built.
"""

from __future__ import annotations

from typing import Any, cast

import cv2
import numpy as np
from numpy.typing import NDArray

from inlay.fidelity.raster import F32, Flags, resize

F64 = NDArray[np.float64]

RADIUS = 1
"""Windows of 3 x 3: wider ones mix what is behind neighbouring strands."""
EPSILON = 1e-7
"""Added to the variance of colours (encoded, squared), as in the paper."""
ITERATIONS = (25, 12)
"""At half of the size given, and at that size: twice as many follow texture too far, and were no better."""
DONE = 1e-3
"""Residual, against the first one, that is small enough."""
PIVOT = 1e-9


def _sum(values: F64) -> F64:
    side = (2 * RADIUS + 1, 2 * RADIUS + 1)
    return cast(F64, cv2.boxFilter(values, -1, side, normalize=False, borderType=cv2.BORDER_CONSTANT))


class Laplacian:
    """The matting Laplacian of HxWx3 encoded colours, as something to call with an alpha HxW."""

    def __init__(self, picture: F32) -> None:
        colors = picture.astype(np.float64)
        colors -= colors.mean((0, 1))
        self.colors = [np.ascontiguousarray(colors[..., k]) for k in range(3)]
        self.pixels = (2 * RADIUS + 1) ** 2
        self.means = [_sum(color) / self.pixels for color in self.colors]
        self.inverse = self._inverted()
        height, width = picture.shape[:2]
        inside = np.zeros((height, width))
        inside[RADIUS : height - RADIUS, RADIUS : width - RADIUS] = 1
        self.inside = np.dstack([inside] * 4)
        self.count = _sum(inside)

    def _inverted(self) -> list[F64]:
        """The inverses of the windows' covariances, upper triangle by rows."""

        def covariance(i: int, j: int) -> F64:
            return _sum(self.colors[i] * self.colors[j]) / self.pixels - self.means[i] * self.means[j]

        rr, gg, bb = (covariance(k, k) + EPSILON for k in range(3))
        rg, rb, gb = covariance(0, 1), covariance(0, 2), covariance(1, 2)
        first, second, third = gg * bb - gb * gb, gb * rb - rg * bb, rg * gb - gg * rb
        scale = 1 / (rr * first + rg * second + rb * third)
        return [
            entry * scale for entry in (first, second, third, rr * bb - rb * rb, rg * rb - rr * gb, rr * gg - rg * rg)
        ]

    def __call__(self, alpha: F64) -> F64:
        stacked = np.empty((*alpha.shape, 4))
        for k, color in enumerate(self.colors):
            np.multiply(color, alpha, out=stacked[..., k])
        stacked[..., 3] = alpha
        means = _sum(stacked) / self.pixels
        mean = means[..., 3]
        r, g, b = (means[..., k] - self.means[k] * mean for k in range(3))
        rr, rg, rb, gg, gb, bb = self.inverse
        stacked[..., 0] = rr * r + rg * g + rb * b
        stacked[..., 1] = rg * r + gg * g + gb * b
        stacked[..., 2] = rb * r + gb * g + bb * b
        stacked[..., 3] = mean
        for k in range(3):
            stacked[..., 3] -= stacked[..., k] * self.means[k]
        stacked *= self.inside
        summed = _sum(stacked)
        product = self.count * alpha - summed[..., 3]
        for k, color in enumerate(self.colors):
            product -= summed[..., k] * color
        return product


def closed_form(picture: F32, inside: Flags, outside: Flags, guess: F32) -> F32:
    """Alpha, HxW 0..1, between what is surely inside (1) and surely outside (0), from a first `guess`; HxWx3 encoded `picture`."""
    height, width = guess.shape
    half = ((height + 1) // 2, (width + 1) // 2)
    surely = [resize(flags.astype(np.float32), *half) > 0.99 for flags in (inside, outside)]
    coarse = _solved(resize(picture, *half), surely[0], surely[1], resize(guess, *half), ITERATIONS[0])
    return _solved(picture, inside, outside, resize(coarse, height, width), ITERATIONS[1])


def _solved(picture: F32, inside: Flags, outside: Flags, guess: F32, iterations: int) -> F32:
    """By conjugate gradients, preconditioned with the number of windows that see a pixel."""
    product = Laplacian(picture)
    known = inside | outside
    free = (~known).astype(np.float64)
    alpha = np.where(known, inside, guess).astype(np.float64)
    residual = -product(alpha) * free
    scale = 1 / (product.count + PIVOT)
    way = scale * residual
    energy = first = _dot(residual, way)
    for _ in range(iterations):
        if energy <= DONE * DONE * first:
            break
        moved = product(way) * free
        step = energy / max(_dot(way, moved), 1e-30)
        alpha += step * way
        residual -= step * moved
        conditioned = scale * residual
        before, energy = energy, _dot(residual, conditioned)
        way = conditioned + (energy / before) * way
    return np.clip(alpha, 0, 1).astype(np.float32)


def _dot(a: NDArray[Any], b: NDArray[Any]) -> float:
    return float(np.vdot(a, b))
