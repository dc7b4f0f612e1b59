"""What an edit is held to: a map of what the window shows, the mask covered or not, unless the retoucher drew one."""

from dataclasses import replace

import numpy as np

from inlay.engines import Scene
from inlay.engines.eyes import Eyes
from inlay.engines.interface import SceneInput
from inlay.engines.structure.maps import CLASSICAL, map_of
from inlay.engines.structure.pose import drawn, pose_of
from inlay.recipe import CONTROL, Recipe
from inlay.structure import POSE, structure_of


def with_structure(scene: Scene, recipe: Recipe, eyes: Eyes) -> Scene:
    """`scene` with the map that it is held to among its inputs; one of depth is the engine's own to make.

    Raises Unsupported where a pose is kept and no hand and no face is found.
    """
    structure = structure_of(recipe)
    if structure is None or scene.input(CONTROL) is not None:
        return scene
    seen, skeleton = np.clip(scene.pixels, 0, 1), None
    if structure.kind == POSE:
        skeleton = pose_of(seen, eyes)
        made = drawn(skeleton, *seen.shape[:2])
    elif structure.kind in CLASSICAL:
        made = map_of(structure.kind, seen)
    else:
        return scene
    return replace(
        scene, inputs=(*scene.inputs, SceneInput(CONTROL, made, name=structure.kind, is_placed=True, skeleton=skeleton))
    )
