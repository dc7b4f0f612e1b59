"""The verb structure: the map to which an edit would be held, as a layer to be looked at, edited and used."""

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from inlay.capabilities import Capabilities
from inlay.engines.interface import Layers, Progress, Scene, Sheet
from inlay.engines.structure.facts import STRUCTURE
from inlay.errors import InvalidInput
from inlay.recipe import CONTROL, Recipe
from inlay.structure import FREE, KIND
from inlay.variation import Skeleton


class StructureEngine:
    """Yields the map that the scene brings along, over what is selected."""

    def capabilities(self) -> Capabilities:
        return STRUCTURE

    def paint(self, scene: Scene, recipe: Recipe, progress: Progress) -> Iterator[Layers]:
        """The same layer for every variation. Raises InvalidInput where nothing is asked for, Cancelled."""
        made = scene.input(CONTROL)
        if made is None:
            raise InvalidInput(f"options.{KIND}", FREE, "it must say what the layer is to show")
        progress.check()
        pixels = np.dstack([made.pixels, scene.mask]).astype(np.float32)
        skeleton = _within(made.skeleton, scene.mask) if made.skeleton else None
        name = str(recipe.options[KIND]).replace("_", " ").capitalize()
        for variation in range(recipe.sampling.count):
            yield Layers(variation, recipe.sampling.seed_of(variation), (Sheet(name, pixels, skeleton=skeleton),))


def _within(skeleton: Skeleton, mask: NDArray[np.float32]) -> Skeleton | None:
    """What of it lies where a mask (height x width) is open; None where nothing does."""
    height, width = mask.shape
    kept: dict[int, int] = {}
    for number, joint in enumerate(skeleton.joints):
        row, column = round(joint.at.y), round(joint.at.x)
        if 0 <= row < height and 0 <= column < width and mask[row, column] > 0:
            kept[number] = len(kept)
    bones = tuple(
        replace(bone, one=kept[bone.one], other=kept[bone.other])
        for bone in skeleton.bones
        if bone.one in kept and bone.other in kept
    )
    return Skeleton(tuple(skeleton.joints[number] for number in kept), bones) if kept else None
