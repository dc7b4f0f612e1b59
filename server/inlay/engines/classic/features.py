"""What patches are compared by: OKLab colour and how busy the surroundings are, per pixel.

Colour: Ottosson, "A perceptual color space for image processing" (2020), odd-symmetric so that wide-gamut and HDR
values keep their order. Texture: Newson et al. (2014), the mean absolute gradient, which tells grass from smooth green.
"""

import cv2
import numpy as np
from numpy.typing import NDArray

LIGHTNESS_SCALE = 100.0
CHROMA_SCALE = 250.0
"""Makes one unit of OKLab chroma about as long as one of CIELab, on which docs/facts/classic.md#constants were tuned."""

TEXTURE_SPAN_PX = 9
TEXTURE_WEIGHT = 6.0
"""Both from docs/facts/classic.md#constants; the weight is on the squared difference."""

CHANNELS = 5

_TO_LMS = np.array(
    [
        [0.4122214708, 0.5363325363, 0.0514459929],
        [0.2119034982, 0.6806995451, 0.1073969566],
        [0.0883024619, 0.2817188376, 0.6299787005],
    ],
    np.float32,
)
_TO_LAB = np.array(
    [
        [0.2104542553, 0.7936177850, -0.0040720468],
        [1.9779984951, -2.4285922050, 0.4505937099],
        [0.0259040371, 0.7827717662, -0.8086757660],
    ],
    np.float32,
)
_SCALE = np.array([LIGHTNESS_SCALE, CHROMA_SCALE, CHROMA_SCALE], np.float32)


def lab_of(pixels: NDArray[np.float32]) -> NDArray[np.float32]:
    """OKLab times (100, 250, 250) of sRGB-encoded pixels (... x 3, float32, unbounded); same shape."""
    size = np.abs(pixels)
    linear = np.copysign(np.where(size <= 0.04045, size / 12.92, ((size + 0.055) / 1.055) ** 2.4), pixels)
    lab = np.cbrt(linear @ _TO_LMS.T) @ _TO_LAB.T * _SCALE
    return lab.astype(np.float32, copy=False)


MARGIN_PX = TEXTURE_SPAN_PX // 2 + 1
"""Rows around a pixel that its features depend on."""


def features_of(pixels: NDArray[np.float32], seen: NDArray[np.bool_]) -> NDArray[np.float32]:
    """height x width x 5, float32: Lab and the mean |horizontal| and |vertical| step of lightness around each pixel.

    pixels: as in `lab_of`. seen: height x width, bool. Only steps between two seen pixels count; unseen pixels get 0.
    """
    lab = lab_of(pixels)
    feat = np.empty((*seen.shape, CHANNELS), np.float32)
    feat[..., :3] = lab
    for channel, axis in ((3, 1), (4, 0)):
        step = np.zeros(seen.shape, np.float32)
        both = np.zeros(seen.shape, np.float32)
        here = (slice(None), slice(1, None)) if axis == 1 else (slice(1, None), slice(None))
        there = (slice(None), slice(None, -1)) if axis == 1 else (slice(None, -1), slice(None))
        both[here] = seen[here] & seen[there]
        step[here] = np.abs(lab[..., 0][here] - lab[..., 0][there]) * both[here]
        feat[..., channel] = _mean_around(step) / np.maximum(_mean_around(both), 1e-3) * np.sqrt(TEXTURE_WEIGHT)
    feat[~seen] = 0
    return feat


def _mean_around(plane: NDArray[np.float32]) -> NDArray[np.float32]:
    return cv2.blur(plane, (TEXTURE_SPAN_PX, TEXTURE_SPAN_PX), borderType=cv2.BORDER_CONSTANT).astype(
        np.float32, copy=False
    )
