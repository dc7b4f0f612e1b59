"""A deliberate change survives: the verb travels with the recipe, and fitting never takes back what was asked for."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from skimage import data

from inlay.engines import Capabilities
from inlay.engines.registry import Registry
from inlay.recipe import Verb
from support.edits import Painter
from support.retouching import disc, retouch

WANTED = np.float32([0.03, -0.005, -0.02])
"""A warmer tone, as small as a model's own error would be."""
HEIGHT, WIDTH = 160, 180


def someone() -> np.ndarray:
    return np.ascontiguousarray(data.astronaut()[40 : 40 + HEIGHT, 150 : 150 + WIDTH])


def plain_wall() -> np.ndarray:
    """Where a model's own slip is surest to be seen, at the contour, and so surest to be taken back."""
    return np.rint(np.random.default_rng(1).normal(150, 2, (HEIGHT, WIDTH, 3))).astype(np.uint8)


@pytest.mark.parametrize("verb", [Verb.REFINE, Verb.INSTRUCT])
@pytest.mark.parametrize(
    ("scene", "repaints"),
    [(someone, True), (plain_wall, False)],
    ids=["the whole window is repainted", "the surroundings are copied"],
)
def test_a_small_change_of_colour_that_was_asked_for_arrives_whole(verb: str, scene, repaints: bool) -> None:
    picture = scene()
    selection = np.rint(disc(HEIGHT, WIDTH, 50, softness=1.0 if repaints else 0.0) * 255).astype(np.uint8)

    def brush(scene):
        soft = cv2.GaussianBlur(scene.pixels, (0, 0), 0.6) if repaints else scene.pixels
        return soft + WANTED * scene.mask[..., None]

    registry = Registry()
    registry.register(Painter(brush, can=Capabilities("test", frozenset({verb}), understands_prompts=True)))

    shown = retouch(picture, selection, verb, registry, prompt="warmer").shown

    inside = cv2.erode(selection, np.ones((15, 15))) == 255
    change = (shown.astype(np.float64) - picture)[inside].mean(0) / 255
    assert change @ WANTED / (WANTED @ WANTED) == pytest.approx(1, abs=0.15)
