"""The same thing in the layer and in the document: what both show tells their light and colour apart, where statistics do not.

A layer from another frame of a series, from another exposure, or copied from the document itself, mirrored or not, is found by the
correlation of locally normalised structure at all places at once; then each colour of it has its counterpart.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import cv2
import numpy as np

from inlay.fidelity.raster import F32, Flags, blur, luma, masked_blur, resize
from inlay.fidelity.tones import Tones

MOST_PX = 200_000
"""Larger surroundings are looked through at a size reduced to this."""
BAND_PX = (1.4, 4.2)
NORMALISED_PX = 6.0
FAINTEST = 0.004
"""Structure (encoded) that counts half: below it there is only grain."""
LARGEST = 2.5
OVERLAP = 0.2
"""Of the layer's structure that has to lie within the document to be compared."""
LIKENESS = 0.45
"""Correlation at the best place: other things reach 0.4 where the layer is small, the same one 0.5 to 0.9."""
OUTSTANDING = 7.5
"""That correlation in standard deviations over all places: other things reach 7.7, but then at 0.3."""
AGREEING = 0.6
AGREEING_PX = 4.0
"""Structure has to agree by so much around a pixel before its colours are compared: something may stand before it."""
LOW_PASS_PX = 2.0
CLIPPED = 0.985
SAME = 0.01
"""Of the map's numbers: so little is no difference."""
FEWEST = 300
RIDGE = (0.001, 0.001, 0.001, 0.0003)
REACHES = (0.4, 0.2, 0.1, 0.06)
"""Rejection distances (encoded) of the successive fits."""
AGREED = 0.35
"""Share of the pixels that have to agree on one light; coarse grain keeps the others apart."""


class _Place(NamedTuple):
    likeness: float
    outstanding: float
    mirrored: bool
    top: int
    left: int


def tones_between(below: F32, known: Flags, rgb: F32, inside: Flags) -> Tones | None:
    """What the layer `rgb` (hxwx3 encoded, opaque `inside`) lacks to look like the same thing in `below` (HxWx3, where `known`).

    None where that does not show, or looks as it does in the layer: then it may be the layer itself that is seen.
    """
    reduction = max(1.0, float(np.sqrt(known.size / MOST_PX)))
    below, rgb = _reduced(below, reduction), _reduced(rgb, reduction)
    known, inside = _reduced_flags(known, reduction), _reduced_flags(inside, reduction)
    inside = np.asarray(cv2.erode(inside.astype(np.uint8), np.ones((3, 3), np.uint8))) > 0
    if min(inside.sum(), known.sum()) < FEWEST:
        return None
    rows, columns = (np.flatnonzero(inside.any(axis)) for axis in (1, 0))
    box = slice(rows[0], rows[-1] + 1), slice(columns[0], columns[-1] + 1)
    rgb, inside = rgb[box], inside[box]
    theirs, own = _structure(below, known), _structure(rgb, inside)
    place = _place(theirs, own, inside)
    if place.likeness < LIKENESS or place.outstanding < OUTSTANDING:
        return None
    there, seen = (_laid(x, place, inside.shape) for x in (below, known.astype(np.float32)))
    alike = _likeness(_laid(theirs, place, inside.shape), own) > AGREEING
    both = inside & (seen > 0)
    low, there = (masked_blur(x, both.astype(np.float32), LOW_PASS_PX)[0] for x in (rgb, there))
    chosen = both & alike & (np.maximum(low, there).max(2) < CLIPPED)
    if chosen.sum() < FEWEST:
        return None
    tones = _fitted(low[chosen], there[chosen])
    return tones if tones and np.abs(tones.matrix - np.eye(4, 3)).max() > SAME else None


def _reduced(image: F32, reduction: float) -> F32:
    if reduction == 1:
        return image
    height, width = (max(1, round(n / reduction)) for n in image.shape[:2])
    return resize(image, height, width)


def _reduced_flags(where: Flags, reduction: float) -> Flags:
    return where if reduction == 1 else _reduced(where.astype(np.float32), reduction) > 0.999


def _structure(rgb: F32, where: Flags) -> F32:
    """HxW: the band that shapes are told by, as strong everywhere; 0 where there is nothing to see."""
    y, weight = luma(rgb), where.astype(np.float32)
    fine, coarse = (_masked_blur(y, weight, sigma) for sigma in BAND_PX)
    band = np.asarray((fine - coarse) * weight, np.float32)
    usual = _masked_blur(np.square(band), weight, NORMALISED_PX)
    return np.asarray(
        np.clip(band / np.sqrt(np.maximum(usual, 0) + FAINTEST**2), -LARGEST, LARGEST) * weight, np.float32
    )


def _masked_blur(plane: F32, weight: F32, sigma_px: float) -> F32:
    return np.asarray(blur(plane * weight, sigma_px) / np.maximum(blur(weight, sigma_px), np.float32(1e-4)), np.float32)


def _place(theirs: F32, own: F32, inside: Flags) -> _Place:
    """Where in `theirs` (HxW) the structure `own` (hxw) fits best."""
    size = [cv2.getOptimalDFTSize(a + b) for a, b in zip(theirs.shape, own.shape, strict=True)]

    def spectrum(plane: Any) -> Any:
        return np.fft.rfft2(plane, size)

    document, power = spectrum(theirs), spectrum(theirs * theirs)
    found: list[_Place] = []
    for mirrored in (False, True):
        layer, there = (plane[:, ::-1] if mirrored else plane for plane in (own, inside.astype(np.float32)))
        both = np.fft.irfft2(document * np.conj(spectrum(layer)), size)
        covered = np.fft.irfft2(power * np.conj(spectrum(there)), size)
        likeness = both / np.sqrt(np.maximum(covered, OVERLAP * there.sum()) * np.square(layer).sum() + 1e-6)
        at = int(likeness.argmax())
        top, left = (
            n - full if n >= high else n for n, full, high in zip(divmod(at, size[1]), size, theirs.shape, strict=True)
        )
        best, spread = float(likeness.flat[at]), float(likeness.std()) + 1e-6
        found.append(_Place(best, best / spread, mirrored, top, left))
    return max(found)


def _laid(image: F32, place: _Place, size: tuple[int, ...]) -> F32:
    """The part of `image` at `place` as the layer shows it, 0 beyond its borders."""
    out = np.zeros((*size, *image.shape[2:]), np.float32)
    top, left = max(0, place.top), max(0, place.left)
    part = image[top : max(0, place.top + size[0]), left : max(0, place.left + size[1])]
    out[top - place.top :, left - place.left :][: part.shape[0], : part.shape[1]] = part
    return np.ascontiguousarray(out[:, ::-1]) if place.mirrored else out


def _likeness(first: F32, second: F32) -> F32:
    both, one, other = (blur(x, AGREEING_PX) for x in (first * second, first * first, second * second))
    return np.asarray(both / np.sqrt(one * other + np.float32(1e-4)), np.float32)


def _fitted(own: F32, theirs: F32) -> Tones | None:
    """The affine map from N x 3 to N x 3 that most agree on."""
    features = np.concatenate([own, np.ones((len(own), 1), np.float32)], 1).astype(np.float64)
    start = np.eye(4, 3)
    found = start.copy()
    found[3] = np.median(theirs - own, axis=0)
    share = 0.0
    for reach in REACHES:
        error = np.linalg.norm(theirs - features @ found, axis=1)
        weight = np.clip(1 - np.square(error / reach), 0, None) ** 2
        share = float((error < reach).mean())
        normal = (features.T * weight) @ features / len(own) + np.diag(RIDGE)
        found = start + np.linalg.solve(normal, (features.T * weight) @ (theirs - features @ start) / len(own))
    return Tones(found.astype(np.float32)) if share > AGREED else None
