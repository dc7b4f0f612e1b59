"""The lattice of JPEG: found by its steps every 8 px, whatever its offset, and smoothed by shifted cosines.

A. Nosratinia, "Denoising of JPEG images by re-application of JPEG", J. VLSI Signal Processing 27, 2001.
"""

from __future__ import annotations

import numpy as np

from inlay.fidelity.mosaic import flags_of, mosaic_of, tiles_of
from inlay.fidelity.raster import F32, Flags, luma, mix_channels

SIDE = 8
LEAST_RATIO = 1.5
"""On a lattice second differences are larger by so much, along rows and columns."""
USUAL = 0.7
"""Quantile that tells: flat blocks side by side have no step at all."""
FEWEST = 600
THRESHOLD = 4.4
SHIFTS = ((0, 0), (2, 5), (4, 2), (6, 7), (1, 4), (3, 1), (5, 6), (7, 3))
_YCC = np.array([[0.299, 0.587, 0.114], [-0.1687, -0.3313, 0.5], [0.5, -0.4187, -0.0813]], np.float32)
CHROMA_TIMES = 1.6


def _cosines() -> F32:
    n = np.arange(SIDE)
    basis = np.cos(np.pi * (n[None] + 0.5) * n[:, None] / SIDE) * np.sqrt(2 / SIDE)
    basis[0] /= np.sqrt(2)
    return basis.astype(np.float32)


_COSINES = _cosines()


def without_lattice(rgb: F32, inside: Flags) -> F32 | None:
    """HxWx3 `rgb` (encoded) without the steps of JPEG's blocks; None where none are found `inside` (HxW)."""
    tiles = tiles_of(inside)
    step = _step(luma(mosaic_of(rgb, tiles)), flags_of(inside, tiles))
    if step is None:
        return None
    ycc = mix_channels(rgb, _YCC)
    threshold = np.float32(THRESHOLD * step) * np.array([1, CHROMA_TIMES, CHROMA_TIMES], np.float32)
    smooth = np.zeros_like(ycc)
    for dy, dx in SHIFTS:
        smooth += _thresholded(ycc, dy, dx, threshold)
    return mix_channels(smooth / np.float32(len(SHIFTS)), np.linalg.inv(_YCC).astype(np.float32))


def _step(y: F32, inside: Flags) -> float | None:
    """The usual step across the lattice (encoded), None without one."""
    found: list[float] = []
    for axis in (1, 0):
        plane, there = (y, inside) if axis else (y.T, inside.T)
        bend = np.abs(plane[:, :-3] - 3 * plane[:, 1:-2] + 3 * plane[:, 2:-1] - plane[:, 3:])
        valid = there[:, :-3] & there[:, 3:]
        column = np.broadcast_to(np.arange(bend.shape[1]) % SIDE, bend.shape)
        values = [bend[valid & (column == phase)] for phase in range(SIDE)]
        if min(v.size for v in values) < FEWEST / SIDE:
            return None
        usual = np.array([float(np.quantile(v, USUAL)) for v in values])
        at = int(usual.argmax())
        others = float(np.median(np.delete(usual, at)))
        if usual[at] < LEAST_RATIO * max(others, 1e-4):
            return None
        found.append(float(usual[at]) - others)
    return float(np.mean(found)) / 3 * 2


def _thresholded(ycc: F32, dy: int, dx: int, threshold: F32) -> F32:
    height, width = ycc.shape[:2]
    rows, columns = -(-(height + dy) // SIDE), -(-(width + dx) // SIDE)
    padded = np.pad(ycc, ((dy, rows * SIDE - height - dy), (dx, columns * SIDE - width - dx), (0, 0)), mode="symmetric")
    blocks = padded.reshape(rows, SIDE, columns, SIDE, 3).transpose(0, 2, 4, 1, 3)
    cosines = _COSINES @ blocks @ _COSINES.T
    keep = np.abs(cosines) > threshold[:, None, None]
    keep[..., 0, 0] = True
    back = np.asarray(_COSINES.T @ (cosines * keep) @ _COSINES, np.float32)
    return back.transpose(0, 3, 1, 4, 2).reshape(rows * SIDE, columns * SIDE, 3)[dy : dy + height, dx : dx + width]
