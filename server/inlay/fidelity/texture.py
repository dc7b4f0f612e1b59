"""Grain and sharpness of a layer beside a document's: measured on both sides, and made alike in one pass over its cosines.

Each cosine is divided into what is signal and what is grain (Wiener, with the picture without grain as the pilot, after Dabov et
al., "Image denoising by sparse 3-D transform-domain collaborative filtering", TIP 2007). Signal takes the document's blur, grain
is lowered to the document's level, frequency by frequency, and what is lacking is made anew.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import NamedTuple

import cv2
import numpy as np

from inlay.fidelity import blurring
from inlay.fidelity.lapped import BLOCK, FREQUENCIES, STRIDE, WHITE, Planes, changed, planes_of
from inlay.fidelity.mosaic import flags_of, mosaic_of, tiles_of
from inlay.fidelity.noise import NODES, Noise, noise_of
from inlay.fidelity.raster import F32, Flags, extremes, luma

OVERSUBTRACTED = 2.2
LEAST_SIGNAL = 0.04
PILOT_LEAVES = 0.5
"""Share of the grain's power that may be left in the picture without it."""
SURE = 2.0
"""Of grain's power that a cosine without grain has to exceed before it is sharpened: what is left of grain would become grain."""
ROUND_OFF = (0.25 / 255) ** 2
DENSE_BELOW_PX = 60_000
"""Smaller layers are looked at every 4 px."""
ALIKE_LEVEL = (0.7, 1.4)
NEAR_LEVEL = (0.7, 2.5)
ALIKE_COMPONENT = (0.4, 2.6)
ALIKE_SPECTRUM = 0.81
"""What both spectra share, each with a sum of 1: of the same grain 0.83 and more is found, of other 0.79 and less."""
MOST_PARTIAL = 3.2
PARTIAL_TIMES = 1.25
"""Grain has all colours, texture mostly one: the grain of a layer has its strongest at most so many times as strong as its weakest,
and as the document's grain has."""
GREY = 1 / 255
"""Of a picture with less colour than this (encoded) nothing of that can be told."""
BAND_PX = 256
REACH_PX = 32
"""Beyond a band as much is looked at as a block reaches, and its neighbours."""
MOST_THREADS = 4
EXTREMES_PX = 2
OVERSHOOT = 0.3
"""Sharpened values stay within the extremes around them and so much of their range."""


COARSEST = (1.2, 2.8)
"""Indices of cosines between which new grain begins: what is coarser is seen as a change of colour, not as grain."""
_FINE = np.clip((np.hypot(*np.mgrid[:BLOCK, :BLOCK]) - COARSEST[0]) / (COARSEST[1] - COARSEST[0]), 0, 1).astype(
    np.float32
)


class Texture(NamedTuple):
    """own, theirs: the grain of layer and document. blur: px² by which the layer's blur is to grow.

    clean: the layer without its grain, or where it is large some tiles of that (`is_whole`: all of it). inside: where it is
    opaque there.
    """

    own: Noise
    theirs: Noise
    blur: float
    clean: F32
    inside: Flags
    is_whole: bool

    @property
    def grain_is_near(self) -> bool:
        """Whether the layer's grain is so near to the document's that texture may be all that differs."""
        low, high = NEAR_LEVEL
        return low < (self.own.deviation + 1e-6) / (self.theirs.deviation + 1e-6) < high

    @property
    def grain_is_alike(self) -> bool:
        """Whether both have the same grain, as far as can be told: then it is the same."""
        low, high = ALIKE_LEVEL
        if not low < (self.own.deviation + 1e-6) / (self.theirs.deviation + 1e-6) < high:
            return False
        basis = joint_basis(self.own, self.theirs)
        own, theirs = (noise.powers(basis)[0].reshape(3, -1) for noise in (self.own, self.theirs))
        ratio = theirs.sum(1) / np.maximum(own.sum(1), 1e-9)
        if ratio.min() < ALIKE_COMPONENT[0] or ratio.max() > ALIKE_COMPONENT[1]:
            return False
        shares = (power / power.sum(1, keepdims=True) for power in (own, theirs))
        return bool(np.minimum(*shares).sum(1).min() > ALIKE_SPECTRUM)


def texture_of(below: F32, known: Flags, rgb: F32, visible: Flags, inside: Flags) -> Texture | None:
    """Grain and blur of layer `rgb` (HxWx3 encoded, where `visible`; wholly opaque `inside`) and document `below` (where `known`).

    The two may differ in size. None where there is too little of either to tell.
    """
    around, within = tiles_of(known), tiles_of(inside)
    below, known = mosaic_of(below, around), flags_of(known, around)
    part, inside = mosaic_of(rgb, within), flags_of(inside, within)
    theirs = noise_of(below, known)
    own = noise_of(part, inside, 4 if inside.sum() < DENSE_BELOW_PX else 8)
    if theirs is None or own is None:
        return None
    if theirs.partiality < own.partiality and np.ptp(part[inside], axis=1).mean() > GREY:
        own = own.with_partiality(max(MOST_PARTIAL, PARTIAL_TIMES * theirs.partiality))
    clean = without_grain(part, flags_of(visible, within), own)
    inner = np.asarray(cv2.erode(inside.astype(np.uint8), np.ones((5, 5), np.uint8))) > 0
    document = blurring.Edges(luma(without_grain(below, known, theirs)), known, theirs.deviation)
    layer = blurring.Edges(luma(clean), inner, own.deviation)
    return Texture(own, theirs, blurring.wanted_change(document, layer), clean, inside, not within)


def without_grain(rgb: F32, where: Flags, noise: Noise) -> F32:
    """`rgb` (HxWx3) without its noise, as far as `where` reaches."""
    basis = np.linalg.eigh(noise.covariance)[1].astype(np.float32)
    spectrum, levels = noise.powers(basis)

    grain = np.float32(OVERSUBTRACTED) * spectrum[..., None]

    def change(cosines: F32, brightness: F32) -> F32:
        share = np.maximum(np.square(cosines), np.float32(1e-12))
        np.divide(grain * _level(brightness, levels), share, out=share)
        np.maximum(1 - share, np.float32(LEAST_SIGNAL), out=share)
        return np.multiply(cosines, share, out=cosines)

    return changed(rgb, where, change, basis)


def retextured(
    rgb: F32,
    visible: Flags,
    texture: Texture,
    grain: float,
    blur: float,
    random: np.random.Generator,
    toned: Callable[[F32], F32],
) -> F32:
    """`rgb` (HxWx3, where `visible`) with the document's grain, as far as `grain` (0..1) says, and blurred by `blur` (px²) more.

    toned: what becomes of the light and colour of HxWx3 before; `texture` is as it is after that. Bands of rows are worked on side
    by side, from one field of new grain: the result does not depend on how many at once.
    """
    height, seed = rgb.shape[0], int(random.integers(1 << 62))
    out = np.empty_like(rgb)

    def make(first: int) -> None:
        last, top = min(first + BAND_PX, height), max(0, first - REACH_PX)
        seen = slice(top, last + REACH_PX)
        clean = texture.clean[seen] if texture.is_whole else None
        new = _retextured(toned(rgb[seen]), visible[seen], clean, texture, grain, blur, (seed, top))
        out[first:last] = new[first - top : last - top]

    bands = range(0, height, BAND_PX)
    with ThreadPoolExecutor(min(len(bands), MOST_THREADS, os.cpu_count() or 1)) as threads:
        list(threads.map(make, bands))
    return out


def _retextured(
    rgb: F32,
    visible: Flags,
    clean: F32 | None,
    texture: Texture,
    grain: float,
    blur: float,
    field: tuple[int, int],
) -> F32:
    basis = joint_basis(texture.own, texture.theirs)
    (own, own_levels), (theirs, their_levels) = (
        (np.sqrt(power)[..., None], np.sqrt(levels)) for power, levels in (n.powers(basis) for n in texture[:2])
    )
    response = blurring.response(blur, np.hypot.outer(FREQUENCIES, FREQUENCIES).astype(np.float32))[..., None]
    softer, sharper = np.minimum(response, 1), np.maximum(response - 1, 0)
    pilot = planes_of(without_grain(rgb, visible, texture.own) if clean is None else clean, basis)
    fresh = _white(*field, *pilot.values.shape[1:])
    louder = np.float32(grain) * theirs / own
    of_white = own * _FINE[..., None] / np.sqrt(WHITE)[..., None]

    def change(cosines: F32, brightness: F32, without: F32, white: F32) -> F32:
        there = _level(brightness, own_levels)
        wanted = louder * (_level(brightness, their_levels) / there)
        wanted += np.float32(1 - grain)
        without *= (1 / own) * (1 / there)
        power = np.square(without, out=without)
        signal = _beyond(power, PILOT_LEAVES)
        gain = np.minimum(wanted, 1)
        gain += signal * (softer - gain)
        if blur < 0:
            gain += _beyond(power, SURE) * sharper
        np.square(wanted, out=wanted)
        wanted -= np.square(gain)
        np.sqrt(np.maximum(wanted, 0, out=wanted), out=wanted)
        wanted *= of_white * there
        wanted *= white
        cosines *= gain
        return np.add(cosines, wanted, out=cosines)

    new = changed(rgb, visible, change, basis, pilot, fresh)
    if blur < 0:
        low, high = extremes(rgb, EXTREMES_PX)
        room = np.float32(OVERSHOOT) * (high - low) + np.float32(3 * (texture.own.deviation + texture.theirs.deviation))
        new = np.clip(new, low - room, high + room)
    return new


def _beyond(power: F32, left: float) -> F32:
    """Share of each power that is not among what may be `left`, in the same unit."""
    above = np.maximum(power - np.float32(left), 0)
    above /= power + np.float32(left)
    return above


def _level(brightness: F32, levels: F32) -> F32:
    return np.interp(brightness, NODES, levels).astype(np.float32)


def _white(seed: int, top: int, height: int, width: int) -> Planes:
    """Rows of the field of white noise `seed`, height x width from row `top` on: the same row is the same in every band."""
    first, last = top // REACH_PX, -(-(top + height) // REACH_PX)
    parts = (
        np.random.default_rng((seed, n)).standard_normal((REACH_PX, width, 3), np.float32) for n in range(first, last)
    )
    field = np.concatenate(list(parts))[top - first * REACH_PX :][:height]
    blocks = (3, height // STRIDE - 1, width // STRIDE - 1)
    return Planes(np.ascontiguousarray(np.moveaxis(field, 2, 0)), np.zeros(blocks, np.float32))


def joint_basis(own: Noise, theirs: Noise) -> F32:
    """3x3 that takes the colours of both grains apart, the own to variance 1 each."""
    lower = np.linalg.cholesky(own.covariance.astype(np.float64) + ROUND_OFF * np.eye(3))
    inverse = np.linalg.inv(lower)
    _, turn = np.linalg.eigh(inverse @ theirs.covariance @ inverse.T)
    return (inverse.T @ turn).astype(np.float32)
