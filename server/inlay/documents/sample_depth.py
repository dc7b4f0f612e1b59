"""Codes of any depth as the 8 or 16 bit samples of a document: white is white at every depth."""

import numpy as np
from numpy.typing import NDArray


def full_range(codes: NDArray[np.generic], bits: int) -> NDArray[np.generic]:
    """Codes 0 .. 2^bits - 1 as uint8 (up to 8 bits) or uint16 (up to 16), scaled so that the largest code is white.

    Rounded to nearest; 8 and 16 bits stay as they are. Every code stays apart from every other.
    """
    white, dtype = (255, np.uint8) if bits <= 8 else (65_535, np.uint16)
    if bits in (8, 16):
        return codes.astype(dtype, copy=False)
    top = 2**bits - 1
    table = np.rint(np.arange(top + 1) * (white / top)).astype(dtype)
    return table[np.minimum(codes, top)]
