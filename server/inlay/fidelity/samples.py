"""Document samples to and from the float values everything else is computed in.

Integers span 0..white (255, 65535); floats are taken as they are, and may lie outside 0..1.
"""

from __future__ import annotations

import numpy as np

from inlay.fidelity.raster import F32, U8, Samples

WHITE = {"uint8": 255.0, "uint16": 65535.0, "float32": 1.0}


class SampleTypeError(TypeError):
    """An array has a shape or a sample type this room does not know."""

    def __init__(self, name: str, expected: str, got: str) -> None:
        super().__init__(f"{name}: expected {expected}, got {got}")
        self.name, self.expected, self.got = name, expected, got


def check(original: Samples, generated: Samples, mask: Samples) -> None:
    """Raise `SampleTypeError` unless the three arrays fit each other."""
    if original.ndim != 3 or original.shape[2] != 3 or original.dtype.name not in WHITE:
        raise SampleTypeError("original", "HxWx3 uint8, uint16 or float32", f"{original.shape} {original.dtype}")
    if generated.shape != original.shape or generated.dtype.kind != "f":
        raise SampleTypeError("generated", f"{original.shape} float32", f"{generated.shape} {generated.dtype}")
    if mask.shape != original.shape[:2] or (mask.dtype != np.uint8 and mask.dtype.kind != "f"):
        raise SampleTypeError("mask", f"{original.shape[:2]} uint8 or float32", f"{mask.shape} {mask.dtype}")


def to_float(samples: Samples) -> F32:
    """Samples of any supported type as float32, white at 1; NaN becomes 0, infinities large finite values."""
    if samples.dtype == np.float32:
        return np.nan_to_num(samples, nan=0.0, posinf=64.0, neginf=-64.0)
    return np.multiply(samples, np.float32(1 / WHITE[samples.dtype.name]), dtype=np.float32)


def from_float(values: F32, like: Samples) -> Samples:
    """Float32 values rounded and clipped into the sample type of `like`."""
    if like.dtype == np.float32:
        return values.astype(np.float32, copy=True)
    white = WHITE[like.dtype.name]
    scaled = values * np.float32(white)
    np.rint(scaled, out=scaled)
    np.clip(scaled, 0, white, out=scaled)
    return scaled.astype(like.dtype)


def mask_codes(mask: Samples) -> U8:
    """The mask as the host stores it: uint8, 0 = protected. Floats are 0..1; NaN protects."""
    if mask.dtype == np.uint8:
        return mask
    return np.rint(np.clip(np.nan_to_num(mask, nan=0.0), 0, 1) * 255).astype(np.uint8)


def blend_as_host(original: Samples, foreground: Samples, codes: U8) -> Samples:
    """What the host shows: original * (1 - m) + foreground * m in document samples, m = codes / 255; original where m = 0."""
    out = original.copy()
    rows, columns = (np.flatnonzero(codes.max(axis)) for axis in (1, 0))
    if not rows.size:
        return out
    box = slice(rows[0], rows[-1] + 1), slice(columns[0], columns[-1] + 1)
    old, new, share, mixed = original[box], foreground[box], codes[box], out[box]
    np.copyto(mixed, new, where=(share == 255)[..., None])
    part = (share > 0) & (share < 255)
    if part.any():
        m = share[part].astype(np.float64)[:, None] / 255
        values = old[part].astype(np.float64) * (1 - m) + new[part].astype(np.float64) * m
        mixed[part] = (
            values.astype(np.float32) if original.dtype == np.float32 else np.rint(values).astype(original.dtype)
        )
    return out
