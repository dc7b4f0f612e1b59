"""How a layer shows through its mask, in whatever encoding the samples have: one formula and its inverse.

Porter and Duff, "Compositing digital images" (SIGGRAPH 1984): over, for an opaque layer.
"""

import numpy as np
from numpy.typing import NDArray


def blended(below: NDArray[np.float32], layer: NDArray[np.float32], share: NDArray[np.float32]) -> NDArray[np.float32]:
    """below * (1 - share) + layer * share; exactly `below` where `share` is 0 and exactly `layer` where it is 1.

    below, layer: height x width x channels float32. share: height x width float32 0..1.
    """
    opening = share[..., None]
    return np.asarray(below * (1 - opening) + layer * opening, np.float32)


def layer_showing(
    below: NDArray[np.float32], shown: NDArray[np.float32], share: NDArray[np.float32]
) -> NDArray[np.float32]:
    """The layer that `blended` turns into `shown`; `below` where `share` is 0 and no layer can do it. Arrays as in `blended`."""
    opening = share[..., None]
    part = np.divide(shown - below, opening, out=np.zeros_like(below), where=opening > 0)
    return np.where(opening >= 1, shown, below + part).astype(np.float32, copy=False)
