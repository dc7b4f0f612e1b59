"""What edit families get to look at: the picture as it is where they edit it, and never what they shall replace."""

import contextlib
import dataclasses
import itertools
import json
from functools import cache
from typing import Any

import numpy as np
import pytest
import torch
from diffusers import FluxKontextPipeline

from inlay.engines import Scene
from inlay.engines.diffusion.families.fibo_edit import FiboEdit, instruction
from inlay.engines.diffusion.families.flux2_klein import Flux2Klein
from inlay.engines.diffusion.families.flux_kontext import FluxKontext
from inlay.engines.diffusion.families.longcat_edit import LongCatEdit
from inlay.engines.diffusion.families.qwen_image_edit import QwenImageEdit
from inlay.engines.interface import SceneInput
from inlay.engines.models.diffusion_families import DIFFUSION
from inlay.engines.models.diffusion_family import Shown
from inlay.errors import Unsupported
from inlay.recipe import Recipe, Verb
from support import tiny_models
from support.diffusion import engine, painted, recipe

ADAPTERS = {
    "flux2_klein": Flux2Klein,
    "flux_kontext": FluxKontext,
    "qwen_image_edit": QwenImageEdit,
    "longcat_edit": LongCatEdit,
    "fibo_edit": FiboEdit,
}
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

    def conditions(self: Any, words: Any, guidance: float, shown: tuple[torch.Tensor, ...]) -> Any:
        pictures.extend(picture.clone() for picture in shown)
        return condition(self, words, guidance, shown)

    monkeypatch.setattr(adapter, "look", looks)
    monkeypatch.setattr(adapter, "condition", conditions)
    return pictures


def with_object(color: tuple[float, float, float]) -> Scene:
    """A gray ramp, and a coloured box under the whole mask."""
    pixels = np.repeat(np.linspace(0.3, 0.6, 192, dtype=np.float32)[None, :, None], 64, axis=0).repeat(3, axis=2)
    mask = np.zeros((64, 192), np.float32)
    pixels[HOLE], mask[HOLE] = color, 1
    return Scene(np.ascontiguousarray(pixels), mask, np.ones(mask.shape, np.bool_))


@pytest.mark.slow
@pytest.mark.parametrize("family", ["flux_kontext", "qwen_image_edit", "longcat_edit", "fibo_edit"])
def test_what_is_to_be_edited_is_looked_at_as_it_is(family: str, seen: list[torch.Tensor]) -> None:
    found = with_object(RED)
    painted(engine(family), recipe(Verb.INSTRUCT), found)
    expected = torch.from_numpy(found.pixels.transpose(2, 0, 1)[None]) * 2 - 1
    assert seen
    for picture in seen:
        torch.testing.assert_close(picture, expected)


@pytest.mark.slow
@pytest.mark.parametrize("family", ["fibo_edit"])
def test_what_fibo_shall_replace_is_grey_to_it_as_it_was_trained(family: str, seen: list[torch.Tensor]) -> None:
    found = with_object(RED)
    painted(engine(family), recipe(Verb.ERASE), found)
    expected = torch.from_numpy(found.pixels.transpose(2, 0, 1)[None]) * 2 - 1
    expected[:, :, *HOLE] = 0
    assert seen
    for picture in seen:
        torch.testing.assert_close(picture, expected)


def test_fibo_is_told_plain_words_as_the_json_that_it_reads_and_json_as_it_is() -> None:
    assert json.loads(instruction("make the sky blue")) == {"edit_instruction": "make the sky blue"}
    assert json.loads(instruction('say "edit_instruction"')) == {"edit_instruction": 'say "edit_instruction"'}
    whole = '{"edit_instruction": "make the sky blue", "lighting": "noon"}'
    assert instruction(whole) == whole


@pytest.mark.slow
@pytest.mark.parametrize("family", ["flux2_klein"])
def test_a_window_painted_in_tiles_does_not_look_at_it_either(
    family: str, seen: list[torch.Tensor], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(DIFFUSION, family, dataclasses.replace(DIFFUSION[family], native_px=64 * 64))
    painted(engine(family), recipe(Verb.ERASE), with_object(RED))
    assert len(seen) > 2
    assert max(float((picture.amax(1) - picture.amin(1)).max()) for picture in seen) < 0.05


SMALL = np.full((64, 64, 3), (0.2, 0.7, 0.3), np.float32)


def with_references(found: Scene, *pictures: np.ndarray) -> Scene:
    return dataclasses.replace(found, inputs=tuple(SceneInput("reference", pixels) for pixels in pictures))


@pytest.mark.slow
@pytest.mark.parametrize(
    ("family", "verb"),
    [
        ("flux2_klein", Verb.FILL),
        ("flux2_dev", Verb.FILL),
        ("qwen_image_21", Verb.FILL),
        ("qwen_image_edit", Verb.INSTRUCT),
        ("flux_kontext", Verb.INSTRUCT),
    ],
)
def test_each_reference_reaches_the_denoiser_and_changes_the_picture(family: str, verb: str) -> None:
    parts = dict(tiny(family))
    if family == "qwen_image_edit":
        parts["_class_name"] = "QwenImageEditPlusPipeline"
    pictures = (SMALL, np.ascontiguousarray(SMALL[:, ::-1] * np.float32(0.5)), SMALL[:32] + np.float32(0.2))[
        : DIFFUSION[family].references
    ]
    counts, painted_by = [], []
    for most in sorted({0, 1, len(pictures)}):
        seen: list[int] = []
        hook = parts["transformer"].register_forward_pre_hook(
            lambda _, __, kwargs, seen=seen: seen.append(kwargs["hidden_states"].shape[1]), with_kwargs=True
        )
        found = with_references(with_object(RED), *pictures[:most])
        (one,) = painted(engine(family, components=parts), recipe(verb), found)
        hook.remove()
        counts.append(max(seen))
        painted_by.append(one.pixels)
    cells = {"qwen_image_edit": (256 // 16) ** 2, "qwen_image_21": (128 // 16) ** 2}.get(family, 4 * 4)
    steps = np.diff(counts)
    assert steps[0] == cells
    assert (steps > 0).all()
    assert all(np.abs(first - second).max() > 1e-4 for first, second in itertools.combinations(painted_by, 2))


def test_more_references_than_a_family_looks_at_are_refused() -> None:
    for family, verb in (("z_image", Verb.FILL), ("longcat_edit", Verb.INSTRUCT)):
        with pytest.raises(Unsupported, match="looks at 0 references, not at 1"):
            painted(engine(family), recipe(verb), with_references(with_object(RED), SMALL))


def test_an_editor_of_before_edit_plus_takes_no_reference() -> None:
    with pytest.raises(Unsupported, match="looks at one picture"):
        painted(
            engine("qwen_image_edit", components=tiny("qwen_image_edit")),
            recipe(Verb.INSTRUCT),
            with_references(with_object(RED), SMALL),
        )


class Enough(Exception):
    """The second step was seen."""


LOOKS = 3
"""Of a denoiser, until its second step, where each takes two looks; a later one sees what the mask kept after the first."""


def inputs_of_two_steps(family: str, wanted: Recipe, found: Scene) -> tuple[list[torch.Tensor], int]:
    """Every tensor that reaches the encoders and the denoiser until its second step, and how many tokens of picture it takes."""
    parts = tiny(family)
    tensors: list[torch.Tensor] = []
    tokens = looks = 0

    def noting(module: torch.nn.Module, args: Any, kwargs: dict[str, Any]) -> None:
        tensors.extend(value for value in _flat((args, kwargs)))

    def stopping(module: torch.nn.Module, args: Any, kwargs: dict[str, Any]) -> None:
        nonlocal tokens, looks
        noting(module, args, kwargs)
        looks += 1
        seen = kwargs.get("hidden_states", args[0] if args else None)
        tokens = seen.shape[1] if isinstance(seen, torch.Tensor) else 0
        if looks == LOOKS:
            raise Enough

    encoders = [part for name, part in parts.items() if name.startswith("text_encoder") and part is not None]
    hooks = [part.register_forward_pre_hook(noting, with_kwargs=True) for part in encoders]
    denoiser = parts.get("unet") or parts["transformer"]
    hooks.append(denoiser.register_forward_pre_hook(stopping, with_kwargs=True))
    try:
        with contextlib.suppress(Enough):  # a family of few steps ends before
            painted(engine(family, components=parts), wanted, found)
    finally:
        for hook in hooks:
            hook.remove()
    assert looks > 1
    return tensors, tokens


def _flat(value: Any) -> list[torch.Tensor]:
    if isinstance(value, torch.Tensor):
        return [value.detach().clone()]
    parts = value.values() if isinstance(value, dict) else value if isinstance(value, list | tuple) else ()
    return [tensor for part in parts for tensor in _flat(part)]


@cache
def tiny(family: str) -> dict[str, Any]:
    return tiny_models.FAMILIES[family]()


REPLACING = (Verb.GENERATE, Verb.FILL, Verb.ERASE, Verb.REPLACE_BACKGROUND, Verb.EXPAND)
ONE_VERB = {"sd15": Verb.FILL, "sdxl": Verb.ERASE, "flux_fill": Verb.FILL, "qwen_image": Verb.REPLACE_BACKGROUND}
"""Families that look at no picture start all verbs alike; Z-Image stands for them with each."""
AS_KLEIN = ("flux2_dev", "qwen_image_21")
"""Are shown what klein is: one verb of each kind."""
ROWS = [
    (name, verb)
    for name, facts in DIFFUSION.items()
    for verb in sorted(facts.verbs)
    if (name not in ONE_VERB or verb == ONE_VERB[name])
    and (name not in AS_KLEIN or verb in (Verb.FILL, Verb.ERASE, Verb.INSTRUCT))
]


def test_every_verb_of_a_family_that_looks_at_pictures_says_which() -> None:
    for facts in DIFFUSION.values():
        assert set(facts.shows) in (set(), set(facts.verbs))
        for verb in REPLACING:
            assert facts.shows.get(verb) is not Shown.WHOLE


@pytest.mark.slow
@pytest.mark.parametrize(("family", "verb"), ROWS, ids=[f"{family}-{verb}" for family, verb in ROWS])
def test_what_is_to_be_replaced_reaches_neither_the_denoiser_nor_an_encoder(family: str, verb: str) -> None:
    red, tokens = inputs_of_two_steps(family, recipe(verb), with_object(RED))
    blue, _ = inputs_of_two_steps(family, recipe(verb), with_object(BLUE))

    same = [torch.equal(first, second) for first, second in zip(red, blue, strict=True)]
    assert len(same) > 1
    assert all(same) if verb in REPLACING else not all(same)
    if family == "flux2_klein":  # a window of 12 x 4 cells, and as many again where it is shown
        assert tokens == (48 if DIFFUSION[family].shows[verb] is Shown.NOTHING else 96)


@pytest.mark.slow
def test_what_is_to_be_replaced_reaches_no_tile_of_a_large_window(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(DIFFUSION, "z_image", dataclasses.replace(DIFFUSION["z_image"], native_px=64 * 64))
    seen = []
    for color in (RED, BLUE):
        tensors: list[torch.Tensor] = []
        parts = tiny("z_image")
        hook = parts["transformer"].register_forward_pre_hook(
            lambda _, args, tensors=tensors: tensors.extend(_flat(args))
        )
        painted(engine("z_image", components=parts), recipe(Verb.FILL), with_object(color))
        hook.remove()
        seen.append(tensors)
    assert len(seen[0]) > 10
    assert all(torch.equal(first, second) for first, second in zip(*seen, strict=True))


def test_kontext_sees_several_pictures_as_if_they_were_one_that_was_stitched(monkeypatch: pytest.MonkeyPatch) -> None:
    """The window of 4 x 12 tokens, below it one of 4 x 4, and beside it one of 12 x 4: no place is taken twice."""
    parts = dict(tiny("flux_kontext"))
    calls: list[Any] = []
    parts["transformer"].register_forward_pre_hook(lambda _, __, named: calls.append(named), with_kwargs=True)
    tall = np.ascontiguousarray(np.tile(SMALL, (3, 1, 1))[:, ::-1] * np.float32(0.5))
    found = with_references(with_object(RED), SMALL, tall)
    painted(engine("flux_kontext", components=parts), recipe(Verb.INSTRUCT), found)
    places, tokens = calls[0]["img_ids"], calls[0]["hidden_states"][0]
    own, theirs = places[:48].tolist(), places[48:].tolist()
    assert all(depth == 0 for depth, *_ in own)
    assert all(depth == 1 for depth, *_ in theirs)
    assert len({tuple(one) for one in theirs}) == len(theirs) == 48 + 16 + 48
    assert theirs[:48] == [[1, row, column] for row in range(4) for column in range(12)]
    assert theirs[48:64] == [[1, row, column] for row in range(4, 8) for column in range(4)]
    assert theirs[64:] == [[1, row, column] for row in range(12) for column in range(12, 16)]
    vae = parts["vae"]
    for picture, rows in ((SMALL, slice(96, 112)), (tall, slice(112, 160))):
        seen = torch.from_numpy(picture).permute(2, 0, 1)[None] * 2 - 1
        with torch.no_grad():
            latents = (vae.encode(seen).latent_dist.mode() - vae.config.shift_factor) * vae.config.scaling_factor
        height, width = latents.shape[-2:]
        packed = FluxKontextPipeline._pack_latents(latents, 1, latents.shape[1], height, width)
        torch.testing.assert_close(tokens[rows], packed[0], rtol=1e-4, atol=1e-4)
