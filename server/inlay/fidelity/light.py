"""The accidental shift of light and colour, measured on pixels that original and generated both show, and carried inside.

A robust affine map of OKLab with a quadratic field over the picture takes the global part; what remains near the seam is filled
inward by a pull-push pyramid (Gortler et al., "The lumigraph", 1996).
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from inlay.fidelity.intent import Intent
from inlay.fidelity.raster import F32, STRIPE_PIXELS, Flags, blur, mix_channels, resize, stripes, thrice

LOW_PASS_PX = 1.7
FADE_SHARE = 0.6
"""Weights fall to 1/e at this share of the context radius."""
GRADIENT_SOFT = 0.1
"""OKLab gradient per window pixel at which a pixel counts half: edges suffer most from drift."""
CLIPPED = (0.004, 0.996)
CLIPPED_WEIGHT = 0.03
TUKEY = (0.135, 0.09, 0.06, 0.045, 0.045)
"""Rejection distances (OKLab) of the successive fits."""
RIDGE_MATRIX = 0.0003
RIDGE_FIELD = 0.015
LEAST_INLIERS = 0.35
SAMPLES = 6000
LOCAL_SIGMA_PX = 12.0
FIELD_SMALL_PX = 96
"""Larger fields are found at half size: nothing finer than LOCAL_SIGMA_PX is in them."""
LOCAL_TRUST = 0.25
"""Pull-push weight (share of a cell's pixels) at which a cell's own mean and its parent's count alike."""
KNEE = 0.004
"""Corrected values this close to black or white (encoded; one 8-bit code) run out softly instead of clipping."""
UNMOVED = 1e-4
"""Corrections smaller than this (encoded) are the rounding of the way to OKLab and back."""
AT_LIMIT = 0.012
"""A channel this close (encoded) to black or white counts as clipped by the model."""
HELD = {Intent.ERASE: 0.3, Intent.FILL: 0.3, Intent.EDIT: 0.75}
"""Share of a correction that a clipped channel in a strange colour does not get: the truth lies between limit and correction,
nearer the limit where the colour was asked for."""
LIKE = 0.01
"""Spread of colour (OKLab a, b) that even grey surroundings are taken to have."""
STRANGE = (1.0, 2.0)
"""Distances from the colours of the surroundings, in their spreads, between which a colour becomes strange to them."""
LARGE_PX = 4_000_000
"""Larger fields are halved some rows at a time: what that holds on the way stays small."""
LOCAL_LIMIT = 0.06
"""Largest local correction in OKLab; beyond it there is content, not light."""


class Light(NamedTuple):
    """corrected = matrix @ lab + offset + L * slope, in OKLab; offset and slope are reduced HxWx3 fields."""

    matrix: F32
    offset: F32
    slope: F32 | None
    inliers: float

    def apply(self, lab: F32) -> F32:
        """The corrected OKLab of a reduced window."""
        out = mix_channels(lab, self.matrix)
        out += self.offset
        if self.slope is not None:
            out += thrice(np.ascontiguousarray(lab[..., 0])) * self.slope
        return out


def hold_gradation(paint: F32, generated: F32) -> F32:
    """Let values that a correction drove past black or white approach them instead; HxWx3 encoded, `paint` in place.

    What the model painted at the limits and the correction left there stays.
    """
    for rows in stripes(*paint.shape[:2]):
        after, before = paint[rows], generated[rows]
        if after.min() < KNEE:
            dark = (after < KNEE) & (after < before - UNMOVED)
            after[dark] = KNEE * np.exp(np.maximum(after[dark], -1) / KNEE - 1)
        if after.max() > 1 - KNEE:
            bright = (after > 1 - KNEE) & (after > before + UNMOVED)
            after[bright] = 1 - KNEE * np.exp(np.maximum(1 - after[bright], -1) / KNEE - 1)
    return paint


def hold_limits(paint: F32, generated: F32, strange: F32, share: float) -> F32:
    """Where the model painted a channel at black or white in a colour the surroundings do not show, keep it near there; in place.

    What lies beyond the limit is lost, and a correction learned on unclipped pixels would only grey the colour. paint,
    generated: HxWx3 encoded, after and before the correction; strange: HxW, 0..1;
    share: of the correction that is held back at most.
    """
    for rows in stripes(*strange.shape):
        after, before = paint[rows], generated[rows]
        room = np.maximum(np.minimum(before, 1 - before), 0)
        if room.min() > 5 * AT_LIMIT:
            continue
        held = np.exp(-((room / np.float32(AT_LIMIT)) ** 2)) * thrice(strange[rows] * np.float32(share))
        rises = (after > before) == (before < 0.5)
        after += held * (before - after) * rises
    return paint


def strangeness(lab: F32, weight: F32) -> F32:
    """How far each colour lies from those of the surroundings, HxW: 0 like them, 1 unlike them all.

    lab: generated, low-passed, reduced OKLab; weight: of the protected pixels.
    """
    total = max(float(weight.sum()), 1e-6)
    a, b = (x - np.float32(np.vdot(x, weight) / total) for x in (lab[..., 1].copy(), lab[..., 2].copy()))
    heavy_a, heavy_b = a * weight, b * weight
    across = np.vdot(heavy_a, b) / total
    spread = np.array([[np.vdot(heavy_a, a) / total, across], [across, np.vdot(heavy_b, b) / total]], np.float64)
    (aa, ab), (_, bb) = np.linalg.inv(spread + np.eye(2) * LIKE**2).astype(np.float32)
    distance = np.sqrt(np.maximum(a * (aa * a + 2 * ab * b) + bb * b * b, 0))
    ramp = np.clip((distance - STRANGE[0]) / (STRANGE[1] - STRANGE[0]), 0, 1)
    return (ramp * ramp * (3 - 2 * ramp)).astype(np.float32)


def no_light(height: int, width: int) -> Light:
    """The correction that changes nothing."""
    return Light(np.eye(3, dtype=np.float32), np.zeros((height, width, 3), np.float32), None, 0.0)


def _field_basis(height: int, width: int) -> F32:
    y, x = np.meshgrid(np.linspace(-1, 1, height), np.linspace(-1, 1, width), indexing="ij")
    return np.stack([x, y, x * y, x * x, y * y], -1).astype(np.float32)


def pixel_weights(target: F32, encoded: F32, known: Flags, distance: F32, context_px: float, reduction: float) -> F32:
    """How much each reduced pixel says about light: near, known, unclipped and away from edges says most. HxW, 0..1."""
    gy, gx = np.gradient(np.ascontiguousarray(target[..., 0]))
    steep = (gx * gx + gy * gy) / np.float32((GRADIENT_SOFT * reduction) ** 2)
    weight = np.exp(-distance / (FADE_SHARE * context_px)) / (1 + steep)
    red, green, blue = encoded[..., 0], encoded[..., 1], encoded[..., 2]
    clipped = np.maximum(np.maximum(red, green), blue) > CLIPPED[1]
    clipped |= np.minimum(np.minimum(red, green), blue) < CLIPPED[0]
    weight = np.where(clipped, CLIPPED_WEIGHT * weight, weight)
    return np.where(known, weight, 0).astype(np.float32)


def fit_light(target: F32, lab: F32, weight: F32, random: np.random.Generator) -> Light | None:
    """Fit the map from generated `lab` to original `target` (low-passed OKLab, HxWx3) under `weight` (HxW); None if few agree."""
    height, width = weight.shape
    field = _field_basis(height, width)
    chosen = np.flatnonzero(weight > 1e-4)
    if chosen.size < 40:
        return None
    if chosen.size > SAMPLES:
        chosen = random.choice(chosen, SAMPLES, replace=False, shuffle=False)
    t, g, w = target.reshape(-1, 3)[chosen], lab.reshape(-1, 3)[chosen], weight.ravel()[chosen]
    f = field.reshape(-1, 5)[chosen]
    features = np.concatenate([g, np.ones((len(g), 1), np.float32), f, f * g[:, :1]], 1).astype(np.float64)
    start = np.zeros((14, 3))
    start[:3] = np.eye(3)
    start[3] = np.median(t - g, axis=0)
    ridge = np.diag([RIDGE_MATRIX] * 3 + [1e-6] + [RIDGE_FIELD] * 10)
    theta, inlier_share, total = start, 0.0, float(w.sum())
    for reach in TUKEY:
        error = np.sqrt(((t - features @ theta) ** 2) @ np.ones(3))
        robust = w * np.clip(1 - (error / reach) ** 2, 0, None) ** 2
        inlier_share = float((w * (error < reach)).sum() / total)
        normal = (features.T * robust) @ features / total + ridge
        theta = start + np.linalg.solve(normal, (features.T * robust) @ (t - features @ start) / total)
    if inlier_share < LEAST_INLIERS or not np.isfinite(theta).all():
        return None
    theta32 = theta.astype(np.float32)
    offset, slope = ((field.reshape(-1, 5) @ k).reshape(height, width, 3) for k in (theta32[4:9], theta32[9:14]))
    for channel, constant in enumerate(theta32[3]):
        offset[..., channel] += constant
    return Light(theta32[:3].T.copy(), offset, slope, inlier_share)


def local_field(residual: F32, weight: F32, sigma_px: float) -> F32:
    """Smooth what the global fit left (`residual`, HxWx3 under `weight`) and carry it across pixels without weight."""
    error = mix_channels((residual * residual).astype(np.float32, copy=False), np.ones((1, 3), np.float32))
    robust = (weight * np.clip(1 - error / np.float32(TUKEY[-1] ** 2), 0, None) ** 2).astype(np.float32, copy=False)
    height, width = robust.shape
    h, w = (height, width) if min(height, width) < FIELD_SMALL_PX else (height // 2, width // 2)
    support = resize(robust, h, w)
    total = resize(residual * thrice(robust), h, w)
    sigma = sigma_px * np.sqrt(h * w / (height * width))
    weight = blur(support, sigma)
    smooth = blur(total, sigma) / thrice(np.maximum(weight, np.float32(1e-6)))
    filled = blur(pull_push(smooth, np.minimum(weight, np.float32(1))), sigma / 3)
    return resize(np.clip(filled, -LOCAL_LIMIT, LOCAL_LIMIT).astype(np.float32, copy=False), height, width)


def pull_push(values: F32, weight: F32, trust: float = LOCAL_TRUST) -> F32:
    """`values` (HxWxC) carried, ever more coarsely, to where their `weight` (HxW, 0..1) is below `trust`."""
    height, width = weight.shape
    if min(height, width) <= 2:
        mean = (values * weight[..., None]).sum((0, 1)) / (float(weight.sum()) + trust * weight.size)
        return np.broadcast_to(mean, values.shape).astype(np.float32)
    half = ((height + 1) // 2, (width + 1) // 2)
    w, v = np.empty(half, np.float32), np.empty((*half, values.shape[2]), np.float32)
    rows = half[0] if weight.size < LARGE_PX else max(1, STRIPE_PIXELS // width)
    for top in range(0, half[0], rows):
        part, there = slice(top, top + rows), slice(2 * top, 2 * (top + rows))
        w[part] = resize(weight[there], len(w[part]), half[1])
        v[part] = resize(values[there] * thrice(weight[there]), len(v[part]), half[1])
        v[part] /= thrice(np.maximum(w[part], np.float32(1e-6)))
    above = resize(pull_push(v, w, trust), height, width)
    for part in stripes(height, width):
        share = (weight[part] / (weight[part] + np.float32(trust))).astype(np.float32, copy=False)
        above[part] += (values[part] - above[part]) * thrice(share)
    return above
