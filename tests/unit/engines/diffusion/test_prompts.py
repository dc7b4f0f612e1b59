"""Words: weights where the family reads them, plain ones and a note elsewhere."""

from typing import Any

import pytest
import torch
from diffusers import StableDiffusionPipeline, StableDiffusionXLPipeline

from inlay.engines.diffusion import prompts
from inlay.engines.diffusion.engine import adapter_of
from inlay.engines.diffusion.families.words import Words
from inlay.engines.diffusion.intent import words_for
from inlay.engines.models.catalog import TierOverrides
from inlay.engines.models.diffusion_families import DIFFUSION
from inlay.engines.models.diffusion_family import DiffusionFamily
from inlay.engines.wording.syntax import weighs
from inlay.recipe import Tier, Verb
from support import tiny_models
from support.diffusion import engine, loaded, painted, recipe

pytestmark = pytest.mark.slow


def painting(facts: DiffusionFamily) -> Verb:
    """The first verb by which a family paints."""
    return next(verb for verb in (Verb.FILL, Verb.INSTRUCT, Verb.REFINE) if verb in facts.verbs)


def conditioned(name: str, prompt: str, unwanted: str = "") -> dict[str, Any]:
    return dict(adapter_of(loaded(name)).condition(Words(prompt, unwanted), 7.0, ()).arguments)


def test_plain_words_give_what_the_pipelines_own_encoder_gives() -> None:
    components = tiny_models.sd15()
    pipeline = StableDiffusionPipeline(
        **components, safety_checker=None, feature_extractor=None, requires_safety_checker=False
    )
    wanted, unwanted = pipeline.encode_prompt("a red kite", "cpu", 1, True, "clouds")
    found = conditioned("sd15", "a red kite", "clouds")
    assert torch.equal(found["prompt_embeds"], wanted)
    assert torch.equal(found["negative_prompt_embeds"], unwanted)

    two = StableDiffusionXLPipeline(**tiny_models.sdxl(), add_watermarker=False)
    wanted = two.encode_prompt("a red kite", device="cpu", negative_prompt="clouds")
    names = ("prompt_embeds", "negative_prompt_embeds", "pooled_prompt_embeds", "negative_pooled_prompt_embeds")
    found = conditioned("sdxl", "a red kite", "clouds")
    assert all(torch.equal(found[name], value) for name, value in zip(names, wanted, strict=True))


@pytest.mark.parametrize("name", ["sd15", "sdxl", "flux_fill", "flux_kontext"])
def test_weights_blends_and_long_prompts_are_understood(name: str) -> None:
    plain = conditioned(name, "a kite")["prompt_embeds"]
    for prompt in ("a (kite)1.4", "a kite++", '("a kite", "a bird").blend(0.7, 0.3)'):
        assert weighs(prompt)
        weighted = conditioned(name, prompt)["prompt_embeds"]
        assert weighted.shape[-1] == plain.shape[-1]
        assert weighted.shape != plain.shape or not torch.allclose(weighted, plain)
    if name in ("sd15", "sdxl"):
        long = conditioned(name, "a kite over the sea, " * 30, "clouds")
        assert long["prompt_embeds"].shape[1] % 77 == 0
        assert long["prompt_embeds"].shape[1] > 77
        assert long["negative_prompt_embeds"].shape == long["prompt_embeds"].shape


@pytest.mark.parametrize("name", [name for name, facts in DIFFUSION.items() if not facts.prompt_weighting])
def test_families_without_weights_take_the_words_and_say_so(name: str) -> None:
    verb = painting(DIFFUSION[name])
    (weighted,) = painted(engine(name), recipe(verb, prompt="a (red)1.3 kite++"))
    (plain,) = painted(engine(name), recipe(verb, prompt="a red kite"))
    assert prompts.NO_WEIGHTS in weighted.notes
    assert prompts.NO_WEIGHTS not in plain.notes
    assert (weighted.pixels == plain.pixels).all()


@pytest.mark.parametrize(
    "prompt", ["a kite :)", "((((", 'say "hello', "a.blend(", "x)1.5 (", "C++ code, 5-", "[a", "[]()"]
)
@pytest.mark.parametrize("name", ["sd15", "sdxl", "flux_fill", "z_image"])
def test_no_prompt_can_stop_a_painting(name: str, prompt: str) -> None:
    found = adapter_of(loaded(name)).condition(Words(prompt, prompt), 7.0, ())
    embeds = found.arguments["prompt_embeds"]
    assert torch.isfinite(embeds[0] if isinstance(embeds, list) else embeds).all()


def test_hyphens_and_brackets_of_ordinary_prose_are_no_weights() -> None:
    for prompt in ("a state-of-the-art kite (red)", "f/2.8, 35 mm", "it is 5-10 m away", "portrait, (soft light)"):
        assert not weighs(prompt)


def test_verbs_speak_as_the_family_expects() -> None:
    erase = words_for(recipe(Verb.ERASE, prompt=""), edits=False)
    assert erase.prompt
    assert erase.unwanted
    assert words_for(recipe(Verb.ERASE, prompt="the mast"), edits=True).prompt.startswith("Remove the mast")
    assert "sunset" in words_for(recipe(Verb.REPLACE_BACKGROUND, prompt="a sunset"), edits=True).prompt
    assert words_for(recipe(Verb.INSTRUCT, prompt="warmer light"), edits=True).prompt == "warmer light"
    assert words_for(recipe(Verb.FILL, prompt=" a kite "), edits=False) == Words("a kite", "")


@pytest.mark.parametrize("name", sorted(DIFFUSION))
@pytest.mark.parametrize("guidance", [1.0, 4.0])
def test_a_negative_prompt_changes_the_painting_or_the_retoucher_is_told(name: str, guidance: float) -> None:
    facts = DIFFUSION[name]
    verb = painting(facts)
    found = engine(name, tiers=((Tier.DRAFT, TierOverrides(guidance=guidance, steps=2)),))
    plain = painted(found, recipe(verb))[0]
    without = painted(found, recipe(verb, negative_prompt="clouds"))[0]
    read = facts.negative_prompt and guidance > 1
    assert (without.pixels == plain.pixels).all() == (not read)
    assert (prompts.NO_NEGATIVE in without.notes) == (not read)
    assert prompts.NO_NEGATIVE not in plain.notes
