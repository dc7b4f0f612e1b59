"""What a fill starts from: a continuation of the surroundings, so that the first noise already knows their light."""

import cv2
import numpy as np
from numpy.typing import NDArray

from inlay.engines.canvas import Pixels, continued, resized
from inlay.engines.interface import Progress, Scene
from inlay.errors import Unsupported
from inlay.recipe import Recipe, Tier, Verb
from inlay.region import Size

SYNTHESIS_PX = 160 * 160
"""Working area of the classic engine here: of what it paints, the first noise lets only the coarse through."""


class _Quiet:
    """The classic engine's steps are none of the recipe's; only taking the job back matters."""

    def __init__(self, progress: Progress) -> None:
        self._progress = progress

    def step(self, index: int, total: int, phase: str) -> None:
        self._progress.check()

    def preview(self, variation: int, pixels: NDArray[np.float32]) -> None:
        self._progress.check()

    def check(self) -> None:
        self._progress.check()


def prefilled(scene: Scene, pixels: Pixels, recipe: Recipe, progress: Progress) -> Pixels:
    """`pixels` (the scene's, complete) with the surroundings continued wherever the mask is open, however little.

    Drafts take a smooth continuation; other tiers the classic engine's, at a small size. The result does not depend on
    the recipe's seed, so that a re-roll finds it again. A fourth channel, alpha, is continued smoothly.
    """
    smooth = continued(pixels, scene.mask <= 0)
    colors = np.ascontiguousarray(pixels[..., :3])
    filled = None if recipe.sampling.tier == Tier.DRAFT else _synthesized(scene, colors, recipe, progress)
    inside = smooth if filled is None else np.dstack([filled, smooth[..., 3:]])
    return np.where(scene.mask[..., None] > 0, inside, pixels)


def _synthesized(scene: Scene, pixels: Pixels, recipe: Recipe, progress: Progress) -> Pixels | None:
    """The classic engine's continuation; None where there is nothing that it could continue."""
    from inlay.engines.classic.engine import ClassicEngine

    height, width = scene.mask.shape
    scale = min(1.0, (SYNTHESIS_PX / (height * width)) ** 0.5)
    size = Size(max(8, round(width * scale)), max(8, round(height * scale)))
    mask = np.asarray(cv2.resize((scene.mask > 0).astype(np.float32), tuple(size), interpolation=cv2.INTER_AREA))
    small = Scene(
        resized(pixels, size), (mask > 0).astype(np.float32), resized(scene.known.astype(np.float32), size) > 0.5
    )
    if not ((small.mask == 0) & small.known).any():
        return None
    plain = recipe.altered(
        verb=Verb.FILL, tier=Tier.DRAFT, strength=1.0, count=1, seed=0, prompt="", negative_prompt=""
    )
    try:
        painting = next(iter(ClassicEngine().paint(small, plain, _Quiet(progress))))
    except Unsupported:
        return None
    return resized(painting.pixels, Size(width, height))
