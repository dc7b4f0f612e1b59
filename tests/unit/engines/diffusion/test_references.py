"""What edit families get to look at: the picture as it is where they edit it, and never what they shall replace."""

import dataclasses
from typing import Any

import numpy as np
import pytest
import torch

from inlay.engines import Scene
from inlay.engines.diffusion.families.flux2_klein import Flux2Klein
from inlay.engines.diffusion.families.flux_kontext import FluxKontext
from inlay.engines.diffusion.families.qwen_image_edit import QwenImageEdit
from inlay.engines.models.diffusion_families import DIFFUSION
from inlay.recipe import Verb
from support.diffusion import engine, painted, recipe

ADAPTERS = {"flux2_klein": Flux2Klein, "flux_kontext": FluxKontext, "qwen_image_edit": QwenImageEdit}
RED, BLUE = (0.9, 0.1, 0.1), (0.1, 0.1, 0.9)
HOLE = (slice(16, 48), slice(64, 128))


@pytest.fixture
def seen(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> list[torch.Tensor]:
    """Every picture that reaches the family's eyes: its reference, and what its text encoder looks at."""
    adapter: Any = ADAPTERS[request.node.callspec.params["family"]]
    pictures: list[torch.Tensor] = []
    look, condition = adapter.look, adapter.condition

    def looks(self: Any, picture: torch.Tensor) -> torch.Tensor:
        pictures.append(picture.clone())
        return look(self, picture)

    def conditions(self: Any, words: Any, guidance: float, picture: torch.Tensor | None) -> Any:
        if picture is not None:
            pictures.append(picture.clone())
        return condition(self, words, guidance, picture)

    monkeypatch.setattr(adapter, "look", looks)
    monkeypatch.setattr(adapter, "condition", conditions)
    return pictures


def with_object(color: tuple[float, float, float]) -> Scene:
    """A gray ramp, and a coloured box under the whole mask."""
    pixels = np.repeat(np.linspace(0.3, 0.6, 192, dtype=np.float32)[None, :, None], 64, axis=0).repeat(3, axis=2)
    mask = np.zeros((64, 192), np.float32)
    pixels[HOLE], mask[HOLE] = color, 1
    return Scene(np.ascontiguousarray(pixels), mask, np.ones(mask.shape, np.bool_))


def saturation(picture: torch.Tensor) -> float:
    """The largest difference between channels under the mask, 0..2."""
    inside = picture[0][(slice(None), *HOLE)]
    return float((inside.amax(0) - inside.amin(0)).max())


@pytest.mark.parametrize(
    ("family", "verb"),
    [
        ("flux2_klein", Verb.FILL),
        ("flux2_klein", Verb.GENERATE),
        ("flux2_klein", Verb.ERASE),
        ("flux_kontext", Verb.ERASE),
        ("flux_kontext", Verb.REPLACE_BACKGROUND),
        ("qwen_image_edit", Verb.ERASE),
    ],
)
def test_what_is_to_be_replaced_is_never_looked_at(family: str, verb: str, seen: list[torch.Tensor]) -> None:
    painted(engine(family), recipe(verb), with_object(RED))
    red = [*seen]
    seen.clear()
    painted(engine(family), recipe(verb), with_object(BLUE))
    assert len(red) == len(seen) > 0
    for first, second in zip(red, seen, strict=True):
        assert torch.equal(first, second)
        assert saturation(first) < 0.05


@pytest.mark.parametrize("family", list(ADAPTERS))
def test_what_is_to_be_edited_is_looked_at_as_it_is(family: str, seen: list[torch.Tensor]) -> None:
    found = with_object(RED)
    painted(engine(family), recipe(Verb.INSTRUCT), found)
    expected = torch.from_numpy(found.pixels.transpose(2, 0, 1)[None]) * 2 - 1
    assert seen
    for picture in seen:
        torch.testing.assert_close(picture, expected)


@pytest.mark.parametrize("family", ["flux2_klein"])
def test_a_window_painted_in_tiles_does_not_look_at_it_either(
    family: str, seen: list[torch.Tensor], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(DIFFUSION, family, dataclasses.replace(DIFFUSION[family], native_px=64 * 64))
    painted(engine(family), recipe(Verb.FILL), with_object(RED))
    assert len(seen) > 2
    assert max(float((picture.amax(1) - picture.amin(1)).max()) for picture in seen) < 0.05
