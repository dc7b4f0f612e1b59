"""Turns pictures upright that say in their metadata how the camera was held. Source: TIFF 6.0 and Exif 2.32, tag 274."""

import numpy as np
from numpy.typing import NDArray

ORIENTATION_TAG = 274


def upright(samples: NDArray[np.generic], orientation: int) -> NDArray[np.generic]:
    """height x width x channels as they are to be seen; orientation 1..8, 1 = as stored. Any other number counts as 1."""
    if orientation in (5, 6, 7, 8):
        samples = samples.swapaxes(0, 1)
    if orientation in (3, 4, 7, 8):
        samples = samples[::-1]
    if orientation in (2, 3, 6, 7):
        samples = samples[:, ::-1]
    return samples
