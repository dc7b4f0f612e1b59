"""A picture at another size, resampled once: the mean of what a pixel takes in where it shrinks, Lanczos where it grows."""

import cv2
import numpy as np
from numpy.typing import NDArray

from inlay.documents.document import white_of
from inlay.region import Size


def resampled(samples: NDArray[np.generic], size: Size, *, has_alpha: bool) -> NDArray[np.generic]:
    """`samples` (height x width x channels, straight alpha last where it has one) at `size`, of the same dtype.

    Both sides by the same factor: what is left of a pixel by the ratio's rounding is cut off at the right or the lower edge.
    """
    height, width = samples.shape[:2]
    if (width, height) == tuple(size):
        return samples
    scale = max(size.width / width, size.height / height)
    whole = Size(max(size.width, round(width * scale)), max(size.height, round(height * scale)))
    white = np.float32(white_of(samples.dtype))
    values = samples.astype(np.float32)
    if has_alpha:
        values[..., :-1] *= values[..., -1:] / white
    how = cv2.INTER_AREA if scale < 1 else cv2.INTER_LANCZOS4
    made = np.asarray(cv2.resize(values, whole, interpolation=how), np.float32).reshape(whole.height, whole.width, -1)
    made = made[: size.height, : size.width]
    if has_alpha:
        alpha = np.clip(made[..., -1:], 0, white)
        made = np.concatenate(
            [np.divide(made[..., :-1] * white, alpha, out=np.zeros_like(made[..., :-1]), where=alpha > 0), alpha],
            axis=-1,
        )
    if samples.dtype.kind == "u":
        made = np.rint(np.clip(made, 0, white))
    return made.astype(samples.dtype)
