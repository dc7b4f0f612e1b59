"""Strength rises evenly: none at 0, the whole change at 1, and each step between as large as the next."""

from __future__ import annotations

import numpy as np
import pytest
from skimage import data

from inlay.recipe import Verb
from support.retouching import disc, retouch

pytestmark = pytest.mark.slow


PICTURES = {
    "an eye": data.astronaut()[90:210, 140:290],
    "coffee": data.coffee()[120:240, 260:410],
    "fur": data.chelsea()[80:200, 140:290],
    "grass": np.repeat(data.grass()[:120, :150, None], 3, axis=2),
}
STRENGTHS = np.linspace(0, 1, 11)


@pytest.mark.parametrize("verb", [Verb.ERASE, Verb.FILL])
@pytest.mark.parametrize("name", PICTURES)
def test_each_step_of_strength_changes_as_much_as_the_next(name: str, verb: str) -> None:
    picture = np.ascontiguousarray(PICTURES[name])
    selection = np.rint(disc(*picture.shape[:2], 26, softness=1.0) * 255).astype(np.uint8)

    shown = [retouch(picture, selection, verb, strength=float(strength)).shown for strength in STRENGTHS]

    assert np.array_equal(shown[0], picture)
    changes = [np.abs(one.astype(np.float64) - picture)[selection > 0].mean() for one in shown]
    steps = np.diff(changes) / changes[-1] * 10
    assert steps.min() > 0.6, changes
    assert steps.max() < 1.4, changes
