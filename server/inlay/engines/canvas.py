"""Between pictures as arrays and pictures as tensors, and what stands where the document shows nothing."""

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from inlay.region import Size

Pixels = NDArray[np.float32]


def to_tensor(pixels: Pixels) -> Tensor:
    """height x width x 3, sRGB-encoded, to 1 x 3 x H x W in -1..1; what lies outside a model's range is clipped."""
    samples = np.ascontiguousarray(np.clip(np.nan_to_num(pixels), 0, 1).transpose(2, 0, 1)[None])
    return torch.from_numpy(samples) * 2 - 1


def to_pixels(picture: Tensor) -> Pixels:
    """The inverse: 1 x 3 x H x W to height x width x 3 float32 0..1."""
    samples = (picture[0].float().clamp(-1, 1) + 1) / 2
    return np.ascontiguousarray(samples.permute(1, 2, 0).cpu().numpy())


def plane(values: NDArray[np.float32]) -> Tensor:
    """height x width to 1 x 1 x H x W."""
    return torch.from_numpy(np.ascontiguousarray(values, np.float32))[None, None]


def resized(values: NDArray[np.float32], size: Size) -> NDArray[np.float32]:
    """Area average down, Lanczos up."""
    if (values.shape[1], values.shape[0]) == size:
        return values
    how = cv2.INTER_AREA if size.area < values.shape[0] * values.shape[1] else cv2.INTER_LANCZOS4
    return np.asarray(cv2.resize(values, tuple(size), interpolation=how), np.float32)


def continued(pixels: Pixels, known: NDArray[np.bool_]) -> Pixels:
    """`pixels` with a smooth continuation of the known ones where nothing is known: light without content.

    Pull-push over a pyramid (Gortler et al. 1996, The Lumigraph, section 3.3): averages of what is known at the finest size
    that knows anything. Middle grey where nothing is known at all.
    """
    if known.all():
        return pixels
    if not known.any():
        return np.full(pixels.shape, 0.5, np.float32)
    continuation = _pull_push(pixels * known[..., None].astype(np.float32), known.astype(np.float32))
    return np.asarray(np.where(known[..., None], pixels, continuation), np.float32)


def _pull_push(weighted: Pixels, weight: NDArray[np.float32]) -> Pixels:
    """Colours where `weight` is 0, from coarser sizes; weighted: colours times weight."""
    height, width = weight.shape
    here = np.asarray(weighted / np.maximum(weight, 1e-6)[..., None], np.float32)
    if (weight >= 1e-3).all() or min(height, width) == 1:
        return here
    half = (max(1, width // 2), max(1, height // 2))
    below = _pull_push(
        np.asarray(cv2.resize(weighted, half, interpolation=cv2.INTER_AREA), np.float32),
        np.asarray(cv2.resize(weight, half, interpolation=cv2.INTER_AREA), np.float32),
    )
    coarse = np.asarray(cv2.resize(below, (width, height), interpolation=cv2.INTER_LINEAR), np.float32)
    share = np.minimum(weight, 1)[..., None]
    return np.asarray(here * share + coarse * (1 - share), np.float32)
