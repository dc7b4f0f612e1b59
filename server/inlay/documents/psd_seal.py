"""A short name of a layer's visible pixels: the Photoshop panel compares it to know whether somebody painted on a variation.

The same two hashes of 32 bit (FNV-1a and a multiplicative one) as in the plugin's `host/seal.ts`.
"""

import numpy as np
from numpy.typing import NDArray

from inlay.region import Rect


def seal_of(samples: NDArray[np.generic], bounds: Rect) -> str:
    """16 hexadecimal digits. samples: height x width x channels, uint8, alpha last; bounds: where they lie in the document.

    What is wholly transparent does not count; each run of visible pixels counts with the place where it begins.
    """
    import numba  # Slow to import; only who writes a PSD of 8 bit waits for it.

    one, two = numba.njit(_hashes)(np.ascontiguousarray(samples), bounds.x, bounds.y)
    return f"{int(one):08x}{int(two):08x}"


def _hashes(samples: NDArray[np.generic], left: int, top: int) -> tuple[np.uint64, np.uint64]:
    """Runs compiled: arithmetic of 32 bit that wraps."""
    low = np.uint64(0xFFFFFFFF)
    one, two = np.uint64(0x811C9DC5), np.uint64(0x9E3779B9)
    height, width, channels = samples.shape
    words = np.zeros(channels + 2, np.uint64)
    for y in range(height):
        is_within = False
        for x in range(width):
            if samples[y, x, channels - 1] == 0:
                is_within = False
                continue
            first = 2
            if not is_within:
                words[0], words[1] = np.uint64(left + x), np.uint64(top + y)
                first, is_within = 0, True
            for channel in range(channels):
                words[2 + channel] = np.uint64(samples[y, x, channel])
            for at in range(first, channels + 2):
                one = ((one ^ words[at]) * np.uint64(0x01000193)) & low
                two = (((two ^ (two >> np.uint64(15))) + words[at]) * np.uint64(0x85EBCA6B)) & low
    return one, two
