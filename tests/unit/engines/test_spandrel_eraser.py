"""The eraser's way through a window, with models that mend by rule; spandrel itself needs torchvision to be imported."""

import dataclasses
from pathlib import Path

import numpy as np
import pytest
import torch

from inlay.engines import spandrel_eraser
from inlay.engines.interface import Scene
from inlay.engines.spandrel_eraser import SpandrelEraser, load
from inlay.errors import Cancelled, InvalidInput, Unsupported
from inlay.recipe import Verb
from support.diffusion import Watch, recipe, scene


class Mending:
    """Paints holes in the mean of what is known, and remembers what it was shown."""

    def __init__(self) -> None:
        self.shown: list[tuple[torch.Tensor, torch.Tensor]] = []

    def __call__(self, picture: torch.Tensor, hole: torch.Tensor) -> torch.Tensor:
        self.shown.append((picture, hole))
        known = 1 - hole
        mean = (picture * known).sum((2, 3), keepdim=True) / known.sum().clamp_min(1)
        return picture * known + mean * hole


def test_an_eraser_paints_the_hole_and_leaves_the_rest_bit_for_bit() -> None:
    seen, model = scene(), Mending()
    (one,) = SpandrelEraser("lama", model).paint(seen, recipe(Verb.ERASE), Watch())
    outside = seen.mask == 0
    assert np.array_equal(one.pixels[outside], seen.pixels[outside])
    assert (one.pixels[~outside] != seen.pixels[~outside]).any()
    assert np.ptp(one.pixels[~outside], axis=0).max() < 1e-5


def test_the_model_sees_the_hole_with_its_surroundings_and_sides_it_can_divide() -> None:
    mask = np.zeros((601, 807), np.float32)
    mask[300:320, 400:437] = 0.3
    model = Mending()
    list(SpandrelEraser("lama", model).paint(scene(mask), recipe(Verb.ERASE), Watch()))
    ((picture, hole),) = model.shown
    assert 140 <= picture.shape[-2] <= 160
    assert 160 <= picture.shape[-1] <= 176
    assert not any(side % 8 for side in picture.shape[-2:])
    assert set(hole.unique().tolist()) == {0, 1}
    assert int(hole.sum()) == 20 * 37, "soft edges are wholly its own; the edit blends them"


def test_a_large_hole_is_erased_in_tiles_that_agree(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(spandrel_eraser, "TILE_PX", 64)
    mask = np.zeros((96, 256), np.float32)
    mask[20:70, 20:230] = 1
    flat = np.full((96, 256, 3), 0.25, np.float32)
    seen, model, watch = Scene(flat, mask, np.ones(mask.shape, np.bool_)), Mending(), Watch()
    (one,) = SpandrelEraser("lama", model).paint(seen, recipe(Verb.ERASE), watch)
    assert len(model.shown) > 4
    assert all(max(picture.shape[-2:]) <= 64 for picture, _ in model.shown)
    assert np.abs(one.pixels - 0.25).max() < 1e-5

    stopped = Watch(_at_the_third)
    with pytest.raises(Cancelled):
        list(SpandrelEraser("lama", Mending()).paint(seen, recipe(Verb.ERASE), stopped))


def _at_the_third(call: int) -> None:
    if call == 3:
        raise Cancelled


def test_what_it_cannot_do_is_said() -> None:
    found = SpandrelEraser("lama", Mending())
    with pytest.raises(Unsupported, match="it erases"):
        list(found.paint(scene(), recipe(Verb.INSTRUCT), Watch()))
    two = list(found.paint(scene(), dataclasses.replace(recipe(Verb.FILL), count=2), Watch()))
    assert [one.seed for one in two] == [11, 12]
    assert "one answer" in two[0].notes[-1]
    assert "does not read prompts" in two[0].notes[0]


def test_pickles_are_not_opened(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="pickles"):
        load(tmp_path / "big-lama.pt")
