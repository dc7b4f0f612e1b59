"""The main thing in a picture, as an alpha: U2Net-P (arXiv 2005.09007), which sees 320 x 320 px."""

from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from inlay.engines.eyes.squares import Floats, batch, floats, rgb_of

NAME = "subject"
SEEN_PX = 320
_MEAN, _SPREAD = floats([0.485, 0.456, 0.406]), floats([0.229, 0.224, 0.225])
"""Of ImageNet, as it was trained."""


class Subject:
    """The network, loaded. folder: where `inlay models pull subject` put it."""

    def __init__(self, folder: Path) -> None:
        self._net = cv2.dnn.readNetFromONNX(str(folder / "u2netp.onnx"))

    def alpha(self, pixels: NDArray[np.generic]) -> Floats:
        """How much each pixel belongs to the main thing.

        pixels: height x width x 3, uint8, uint16 or float 0..1, sRGB-encoded: a crop with the thing somewhat inside its edges.
        Returns height x width, float32, 0..1, as sharp as 320 px are.
        """
        rgb = rgb_of(pixels)
        height, width = rgb.shape[:2]
        small = cv2.resize(rgb, (SEEN_PX, SEEN_PX), interpolation=cv2.INTER_AREA)
        small = small / max(float(small.max()), 1e-6)
        self._net.setInput(batch(floats((small - _MEAN) / _SPREAD)))
        seen, *_ = self._net.forward(
            self._net.getUnconnectedOutLayersNames()
        )  # one for each depth; the first is all of them
        share = np.clip(seen.reshape(SEEN_PX, SEEN_PX), 0, 1)
        enlarged = cv2.resize(share, (width, height), interpolation=cv2.INTER_LINEAR)
        return np.asarray(enlarged, np.float32)
