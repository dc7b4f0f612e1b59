"""Enlarges by Lanczos interpolation, which is always there.

Turkowski, "Filters for common resampling tasks", Graphics Gems I, 1990; OpenCV's, over 8 x 8 pixels.
"""

from collections.abc import Iterator
from functools import partial

import cv2
import numpy as np
from numpy.typing import NDArray

from inlay.capabilities import Capabilities
from inlay.engines.interface import Enlargement, Progress, Scene
from inlay.engines.upscale.facts import LANCZOS, scale_of
from inlay.recipe import Recipe

REACH_PX = 4
"""As far as a pixel of the picture has a say in what is between others."""


def enlarged(pixels: NDArray[np.float32], scale: int) -> NDArray[np.float32]:
    """height x width x 3 float32, `scale` times as high and wide."""
    height, width = pixels.shape[:2]
    larger = cv2.resize(pixels, (width * scale, height * scale), interpolation=cv2.INTER_LANCZOS4)
    return np.asarray(larger, np.float32)


class LanczosEngine:
    """The same answer at every tier, whatever the seed."""

    def capabilities(self) -> Capabilities:
        return LANCZOS

    def paint(self, scene: Scene, recipe: Recipe, progress: Progress) -> Iterator[Enlargement]:
        scale = scale_of(recipe)
        receipt = {"algorithm": f"lanczos {cv2.__version__}"}
        for variation in range(recipe.sampling.count):
            seed = recipe.sampling.seed_of(variation)
            yield Enlargement(variation, seed, scale, partial(enlarged, scale=scale), REACH_PX, receipt=receipt)
