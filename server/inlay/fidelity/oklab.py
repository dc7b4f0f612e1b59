"""OKLab, the perceptual space in which accidental shifts of colour and light are close to affine.

Bjorn Ottosson, "A perceptual color space for image processing", https://bottosson.github.io/posts/oklab/. The sRGB curve is used
without its linear toe (a 2.4 power with the standard's offset): it differs by less than 0.001 in linear light, has an exact inverse
and bounded slopes in the shadows, and costs one vectorised power.
"""

from __future__ import annotations

import numpy as np

from inlay.fidelity.raster import F32, mix_channels, power, stripes, thrice

_OFFSET = np.float32(0.055)
_DARKEST = np.float32(-0.054)  # the curve without its toe ends at -0.055
_BRIGHTEST = np.float32(8.0)  # encoded; keeps a wild float sample from overflowing

FLARE = np.float32(0.0025)
"""Linear light added before the root, as a viewing flare: it keeps shadows close to linear in encoded values, where models err."""

_LMS_FROM_RGB = np.array(
    [
        [0.4122214708, 0.5363325363, 0.0514459929],
        [0.2119034982, 0.6806995451, 0.1073969566],
        [0.0883024619, 0.2817188376, 0.6299787005],
    ]
)
_LAB_FROM_LMS = np.array(
    [
        [0.2104542553, 0.7936177850, -0.0040720468],
        [1.9779984951, -2.4285922050, 0.4505937099],
        [0.0259040371, 0.7827717662, -0.8086757660],
    ]
)
_RGB_FROM_LMS = np.linalg.inv(_LMS_FROM_RGB)
_LMS_FROM_LAB = np.linalg.inv(_LAB_FROM_LMS)


def _cone_roots(rgb: F32) -> F32:
    bounded = np.clip(rgb, _DARKEST, _BRIGHTEST)
    bounded += _OFFSET
    bounded *= np.float32(1 / 1.055)
    cones = mix_channels(power(bounded, 2.4), _LMS_FROM_RGB.astype(np.float32))
    cones += FLARE
    return power(cones, 1 / 3)


def to_oklab(rgb: F32) -> F32:
    """Encoded sRGB HxWx3 (about 0..1, more is allowed) to OKLab HxWx3 (L 0..1, a and b about -0.4..0.4)."""
    lab = np.empty(rgb.shape, np.float32)
    for rows in stripes(*rgb.shape[:2]):
        lab[rows] = mix_channels(_cone_roots(rgb[rows]), _LAB_FROM_LMS.astype(np.float32))
    return lab


def shift_in_oklab(rgb: F32, matrix: F32, offset: F32, slope: F32 | None = None) -> F32:
    """Encoded sRGB -> OKLab -> `matrix` @ lab + `offset` + L * `slope` -> encoded sRGB; offset, slope: OKLab, HxWx3.

    OKLab itself is never formed: its matrices are folded into the two mixes of cone responses.
    """
    out = np.empty(rgb.shape, np.float32)
    for rows in stripes(*rgb.shape[:2]):
        out[rows] = _shift(rgb[rows], matrix, offset[rows], None if slope is None else slope[rows])
    return out


def _shift(rgb: F32, matrix: F32, offset: F32, slope: F32 | None) -> F32:
    roots = _cone_roots(rgb)
    mixed = mix_channels(roots, (_LMS_FROM_LAB @ matrix @ _LAB_FROM_LMS).astype(np.float32))
    mixed += mix_channels(offset, _LMS_FROM_LAB.astype(np.float32))
    if slope is not None:
        lightness = mix_channels(roots, _LAB_FROM_LMS[:1].astype(np.float32))
        mixed += mix_channels(slope, _LMS_FROM_LAB.astype(np.float32)) * thrice(lightness)
    cubes = mixed * mixed
    cubes *= mixed
    cubes -= FLARE
    linear = mix_channels(cubes, _RGB_FROM_LMS.astype(np.float32))
    np.maximum(linear, np.float32(1e-7), out=linear)
    encoded = power(linear, 1 / 2.4)
    encoded *= np.float32(1.055)
    encoded -= _OFFSET
    return encoded
