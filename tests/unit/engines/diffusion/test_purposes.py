"""What a picture is there for reaches the model that can be told it, in words or in how much it counts; a palette reaches none."""

import dataclasses
from functools import cache
from typing import Any

import numpy as np
import pytest
import torch

from inlay.engines import Scene
from inlay.engines.diffusion.families.base import Adapter
from inlay.engines.interface import SceneInput
from inlay.engines.models.catalog import ModelEntry
from inlay.engines.models.diffusion_families import DIFFUSION
from inlay.recipe import IDENTITY, LAYOUT, LOOKED_AT, PALETTE, PRODUCT, REFERENCE, STYLE, TEXTURE, Verb
from support import tiny_models, tiny_parts
from support.diffusion import engine, painted, recipe, scene

pytest.importorskip("diffusers")
pytestmark = pytest.mark.slow

NATIVE = ("flux2_klein", "flux2_dev", "qwen_image_edit", "qwen_image_21", "flux_kontext")
EDITORS = ("qwen_image_edit", "flux_kontext")
PICTURE = np.full((64, 64, 3), (0.2, 0.7, 0.3), np.float32)
PICTURE[10:30, 20:40] = (0.9, 0.1, 0.1)
OTHER = np.ascontiguousarray(PICTURE[::-1, :, ::-1])


def with_inputs(*inputs: SceneInput) -> Scene:
    return dataclasses.replace(scene(), inputs=inputs)


@cache
def tiny(family: str) -> dict[str, Any]:
    parts = tiny_models.FAMILIES[family]()
    return parts | ({"_class_name": "QwenImageEditPlusPipeline"} if family == "qwen_image_edit" else {})


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Every prompt that is encoded."""
    prompts: list[str] = []
    for family in DIFFUSION:
        module, _, name = DIFFUSION[family].adapter.partition(":")
        adapter: Any = getattr(__import__(module, fromlist=[name]), name)
        if "condition" not in vars(adapter):
            continue
        condition = adapter.condition

        def noting(self: Any, words: Any, guidance: float, shown: Any, condition: Any = condition) -> Any:
            prompts.append(words.prompt)
            return condition(self, words, guidance, shown)

        monkeypatch.setattr(adapter, "condition", noting)
    return prompts


@pytest.mark.parametrize("family", NATIVE)
def test_a_model_that_reads_instructions_is_told_what_each_picture_is_there_for(family: str, told: list[str]) -> None:
    verb, first = (Verb.INSTRUCT, 2) if family in EDITORS else (Verb.FILL, 1)
    inputs = (SceneInput(IDENTITY, PICTURE), SceneInput(STYLE, OTHER))
    painted(engine(family, components=tiny(family)), recipe(verb), with_inputs(*inputs))
    (prompt,) = told
    assert "a red kite" in prompt.partition(".")[0], "what was asked for comes first"
    assert prompt.count("image ") == 2
    assert f"the person or animal of image {first}," in prompt
    assert f"the style of image {first + 1}." in prompt


def test_where_the_window_goes_along_it_is_the_first_picture(told: list[str]) -> None:
    painted(
        engine("flux2_klein", components=tiny("flux2_klein")),
        recipe(Verb.REFINE),
        with_inputs(SceneInput(LAYOUT, PICTURE)),
    )
    assert "arranged as in image 2." in told[0]


def test_a_plain_reference_is_left_to_the_prompt_and_counted(told: list[str]) -> None:
    inputs = (SceneInput(REFERENCE, PICTURE), SceneInput(TEXTURE, OTHER))
    painted(engine("flux2_klein", components=tiny("flux2_klein")), recipe(Verb.FILL), with_inputs(*inputs))
    (prompt,) = told
    assert "a red kite" in prompt
    assert prompt.endswith(". It is made of the material of image 2, with the same texture.")


def test_pictures_reach_the_denoiser_alike_whatever_they_are_for(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[tuple[torch.Tensor, ...]] = []
    denoise = Adapter.denoise

    def noting(self: Any, run: Any) -> torch.Tensor:
        seen.append(run.references)
        return denoise(self, run)

    monkeypatch.setattr(Adapter, "denoise", noting)
    for role in (REFERENCE, PRODUCT):
        painted(
            engine("flux2_klein", components=tiny("flux2_klein")),
            recipe(Verb.FILL),
            with_inputs(SceneInput(role, PICTURE)),
        )
    torch.testing.assert_close(seen[0], seen[1], rtol=0, atol=0)
    assert len(seen[0]) == 1


@pytest.mark.parametrize("family", ["flux2_klein", "sd15"])
def test_a_palette_reaches_no_model(family: str, told: list[str]) -> None:
    able = engine(family, components=tiny(family))
    (plain,) = painted(able, recipe(Verb.FILL))
    (with_one,) = painted(
        engine(family, components=tiny(family)), recipe(Verb.FILL), with_inputs(SceneInput(PALETTE, PICTURE))
    )
    np.testing.assert_array_equal(with_one.pixels, plain.pixels)
    (said,) = set(told)
    assert "a red kite" in said
    assert "image" not in said


def test_a_reference_of_redux_counts_as_much_as_it_weighs() -> None:
    parts = {**tiny_models.flux_fill(), **tiny_parts.redux()}
    able = engine("flux_fill", components=parts, parts=(("redux", "/redux"),))
    seen: list[torch.Tensor] = []
    hook = parts["transformer"].register_forward_pre_hook(
        lambda _, __, kwargs: seen.append(kwargs["encoder_hidden_states"][:, -4:].clone()), with_kwargs=True
    )
    pictures = []
    for weight in (0.25, 0.5, 1.0):
        (one,) = painted(able, recipe(Verb.FILL), with_inputs(SceneInput(REFERENCE, PICTURE, weight)))
        pictures.append(one.pixels)
    hook.remove()
    quarter, half, whole = seen[0], seen[len(seen) // 3], seen[-1]
    torch.testing.assert_close(quarter * 2, half)
    torch.testing.assert_close(half * 2, whole)
    assert np.abs(pictures[0] - pictures[2]).max() > np.abs(pictures[1] - pictures[2]).max() > 0


def test_every_family_says_which_pictures_it_takes_and_how_many() -> None:
    def able(family: str, *parts: str) -> tuple[frozenset[str], int, bool]:
        entry = ModelEntry(family, family, "/models/x", "folder", "0" * 64, parts=tuple((name, "/x") for name in parts))
        can = DIFFUSION[family].capabilities_of(entry)
        return can.accepts & LOOKED_AT, can.references, can.weighs

    for family in NATIVE:
        assert able(family) == (LOOKED_AT, DIFFUSION[family].references, False)
    assert able("flux_fill", "redux") == (frozenset({REFERENCE}), 1, True)
    for family in ("flux_fill", "longcat_edit", "z_image", "qwen_image"):
        assert able(family)[:2] == (frozenset(), 0)


@pytest.mark.parametrize("family", [*NATIVE, "flux_fill", "flux_dev"])
def test_without_a_picture_nothing_changes_after_one_nothing_stays_and_the_same_gives_the_same(family: str) -> None:
    redux = {} if family in NATIVE else tiny_parts.redux()
    bare = dict(tiny(family))
    able = engine(family, components=bare | redux, parts=(("redux", "/redux"),) if redux else ())
    wanted = recipe(Verb.INSTRUCT if family in EDITORS else Verb.FILL)
    found = with_inputs(SceneInput(REFERENCE, PICTURE))
    (before,) = painted(able, wanted)
    (with_one,) = painted(able, wanted, found)
    (after,) = painted(able, wanted)
    other = engine(family, components=bare | redux, parts=(("redux", "/redux"),) if redux else ())
    (again,) = painted(other, wanted, found)
    np.testing.assert_array_equal(after.pixels, before.pixels)
    np.testing.assert_array_equal(again.pixels, with_one.pixels)
    assert np.abs(with_one.pixels - before.pixels).max() > 1e-4
    if redux:  # the others have nothing beside them that could be left away
        (plain,) = painted(engine(family, components=bare), wanted)
        np.testing.assert_array_equal(before.pixels, plain.pixels)
