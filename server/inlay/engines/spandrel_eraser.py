"""Erasers with weights: LaMa and its like through spandrel, one pass, no words (https://github.com/chaiNNer-org/spandrel).

The weights are the user's, a .safetensors file. Nothing here is chosen by itself: the classic engine stays the default.
"""

from collections.abc import Callable, Iterator
from importlib import import_module, metadata
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from inlay.engines.diffusion.canvas import continued, plane, to_pixels, to_tensor
from inlay.engines.diffusion.tiles import Tile, feather, tiles_of
from inlay.engines.interface import Capabilities, Painting, Progress, Scene
from inlay.errors import InvalidInput, Unsupported
from inlay.recipe import Recipe, Verb

VERBS = frozenset({Verb.ERASE, Verb.FILL, Verb.EXPAND})
TILE_PX = 1024
"""Erasers were trained at 256 to 512 px and carry over to about this side; larger windows go in tiles."""

MULTIPLE = 8
CONTEXT = 1.0
"""Surroundings that a hole is cropped with, as a part of its longer side; at least CONTEXT_MIN_PX."""

CONTEXT_MIN_PX = 64

Mend = Callable[[Tensor, Tensor], Tensor]
"""1 x 3 x H x W in 0..1 and 1 x 1 x H x W of 0 and 1 (1: to be painted) to 1 x 3 x H x W; sides are multiples of 8."""


def load(path: Path, device: str = "cpu") -> Mend:
    """The model in a file. Raises InvalidInput for pickles and for models that mend nothing."""
    if path.suffix.lower() != ".safetensors":
        raise InvalidInput("path", path, "an eraser is a .safetensors file; pickles are not opened")
    spandrel: Any = import_module("spandrel")  # not installed with Inlay: the user brings it with the weights
    model: Any = spandrel.ModelLoader(device).load_from_file(path)
    if not isinstance(model, spandrel.MaskedImageModelDescriptor):
        raise InvalidInput("path", path, f"it holds {model.architecture.name}, which is no eraser")
    model.eval()

    def mend(picture: Tensor, hole: Tensor) -> Tensor:
        return model(picture.to(device), hole.to(device)).float().cpu()

    return mend


class SpandrelEraser:
    """One pass over the hole and its surroundings; the same for every seed, so one variation is all there is."""

    def __init__(self, name: str, mend: Mend, sha256: str = "") -> None:
        self._name = name
        self._mend = mend
        self._sha256 = sha256

    def capabilities(self) -> Capabilities:
        return Capabilities(
            name=self._name,
            verbs=VERBS,
            understands_prompts=False,
            multiple=MULTIPLE,
            max_px=8_000_000,
            description="Erases with a trained model; one answer, no words.",
        )

    def paint(self, scene: Scene, recipe: Recipe, progress: Progress) -> Iterator[Painting]:
        """Yield `recipe.count` paintings, all the same. Raises Unsupported for other verbs, Cancelled between tiles."""
        if recipe.verb not in VERBS:
            raise Unsupported(f"{self._name} cannot {recipe.verb.replace('_', ' ')}; it erases", field="verb")
        notes: tuple[str, ...] = ()
        if recipe.prompt.strip() and recipe.verb is not Verb.ERASE:
            notes = (f"{self._name} does not read prompts: the surroundings were continued without it.",)
        if recipe.count > 1:
            notes = (*notes, f"{self._name} has one answer: all variations are the same.")
        pixels, tiles = self._erased(scene, progress)
        receipt = {"model_sha256": self._sha256, "tiles": str(tiles), "torch": metadata.version("torch")}
        for variation in range(recipe.count):
            progress.step(tiles + variation, tiles + recipe.count - 1, "painting")
            yield Painting(variation, recipe.seed_of(variation), pixels.copy(), notes, receipt)

    def _erased(self, scene: Scene, progress: Progress) -> tuple[NDArray[np.float32], int]:
        """The window with its hole painted, and in how many tiles."""
        hole = ((scene.mask > 0) | ~scene.known).astype(np.float32)
        progress.check()
        if not hole.any():
            return scene.pixels.copy(), 1
        light = np.where(hole[..., None] > 0, continued(scene.pixels, hole == 0), scene.pixels)
        picture, gap = (to_tensor(scene.pixels) + 1) / 2, plane(hole)
        crop = _around(hole)
        tiles = [tile for tile in _within(crop) if bool((tile.of(gap) > 0).any())]
        total, weights = torch.zeros_like(picture), torch.zeros_like(gap)
        for tile in tiles:
            progress.check()
            start = (to_tensor(light) + 1) / 2 if bool((tile.of(gap) > 0).all()) else picture  # nothing known in it
            with torch.no_grad():
                mended = self._padded(tile.of(start), tile.of(gap))
            weight = feather(tile, *hole.shape)
            tile.of(total).add_(mended * weight)
            tile.of(weights).add_(weight)
        progress.check()
        painted = to_pixels(total / weights.clamp_min(1e-6) * 2 - 1)
        return np.where((hole > 0)[..., None], painted, scene.pixels).astype(np.float32), len(tiles)

    def _padded(self, picture: Tensor, gap: Tensor) -> Tensor:
        height, width = picture.shape[-2:]
        more = (0, -width % MULTIPLE, 0, -height % MULTIPLE)
        wide, deep = (torch.nn.functional.pad(values, more, mode="replicate") for values in (picture, gap))
        return self._mend(wide.contiguous(), (deep > 0).float())[..., :height, :width]


def _around(hole: NDArray[np.float32]) -> Tile:
    """The hole's bounding box with its surroundings."""
    x, y, width, height = cv2.boundingRect((hole > 0).astype(np.uint8))
    more = max(CONTEXT_MIN_PX, round(max(width, height) * CONTEXT))
    top, left = max(0, y - more), max(0, x - more)
    return Tile(top, left, min(hole.shape[0], y + height + more) - top, min(hole.shape[1], x + width + more) - left)


def _within(crop: Tile) -> Iterator[Tile]:
    """Tiles of the crop, in the window's pixels."""
    for tile in tiles_of(crop.height, crop.width, TILE_PX, 1):
        yield Tile(tile.top + crop.top, tile.left + crop.left, tile.height, tile.width)
