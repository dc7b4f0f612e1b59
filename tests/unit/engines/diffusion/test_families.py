"""Every family does what it claims: finite, the same again, and no further than the mask allows."""

import itertools
import subprocess
import sys

import numpy as np
import pytest
import torch

from inlay.engines.models.diffusion_families import DIFFUSION
from inlay.recipe import Tier, Verb
from support import tiny_models
from support.diffusion import engine, painted, ramp, recipe, scene

pytestmark = pytest.mark.slow

CLAIMS = [
    pytest.param(name, verb, id=f"{name}-{verb}") for name, facts in DIFFUSION.items() for verb in sorted(facts.verbs)
]
SAMPLES_TOLERANCE = 1e-5
SATURATED = 0.93
"""Random models soon lose all likeness to the picture; from there on "further away" is chance."""


def test_every_family_has_a_tiny_model() -> None:
    assert set(tiny_models.FAMILIES) == set(DIFFUSION)


@pytest.mark.parametrize(("name", "verb"), CLAIMS)
def test_a_family_does_each_verb_it_claims(
    name: str, verb: str, latents: list[torch.Tensor], begun: list[torch.Tensor]
) -> None:
    soft = scene(ramp())
    (first,) = painted(engine(name), recipe(verb), soft)

    assert np.isfinite(first.pixels).all()
    assert first.pixels.shape == soft.pixels.shape

    change = (latents[0] - begun[0]).abs().mean((0, 1, 2)).reshape(12, -1).mean(1)
    assert change[0] == 0
    levels = free_steps(int(first.receipt["walked"]))
    means = [float(change[levels == level].mean()) for level in np.unique(levels)]
    assert means[0] == 0
    assert means[1] > 0
    assert all(later >= SATURATED * earlier for earlier, later in itertools.pairwise(means)), means


def free_steps(walked: int) -> np.ndarray:
    """How many of the steps each band of `ramp` is free."""
    values = np.linspace(0, 1, 12, dtype=np.float32)
    return np.array([sum(value > 1 - done / walked for done in range(1, walked)) + (value > 0) for value in values])


@pytest.mark.parametrize("name", DIFFUSION)
def test_a_variation_is_the_same_alone_in_a_batch_of_four_and_after_other_work(name: str) -> None:
    verb = next(verb for verb in (Verb.FILL, Verb.INSTRUCT, Verb.REFINE) if verb in DIFFUSION[name].verbs)
    standard = recipe(verb, tier=Tier.STANDARD)
    busy = engine(name, batch=4)
    painted(busy, recipe(verb, prompt="something else", seed=900), scene(width=128))
    four = painted(busy, recipe(verb, tier=Tier.STANDARD, count=4))
    assert [painting.seed for painting in four] == [standard.sampling.seed + index for index in range(4)]
    assert np.abs(four[0].pixels - four[3].pixels).max() > 1e-3
    for index in (0, 3):
        alone = painted(engine(name), recipe(verb, tier=Tier.STANDARD, seed=standard.sampling.seed + index))[0]
        assert np.abs(four[index].pixels - alone.pixels).max() <= SAMPLES_TOLERANCE
        assert four[index].receipt == alone.receipt


def test_qwen_image_edit_looks_at_a_reference_of_true_size() -> None:
    (one,) = painted(engine("qwen_image_edit"), recipe(Verb.INSTRUCT))
    assert np.isfinite(one.pixels).all()


def test_facts_are_known_without_torch() -> None:
    code = (
        "import sys; from inlay.engines.models.diffusion_families import DIFFUSION; "
        "[facts.capabilities('m') for facts in DIFFUSION.values()]; assert 'torch' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_a_nine_channel_checkpoint_paints_with_what_the_mask_covers_hidden(
    latents: list[torch.Tensor], begun: list[torch.Tensor]
) -> None:
    for name, build in (("sd15", tiny_models.sd15), ("sdxl", tiny_models.sdxl)):
        latents.clear()
        begun.clear()
        (one,) = painted(engine(name, components=build(9)), recipe(), scene(ramp()))
        change = (latents[0] - begun[0]).abs().mean((0, 1, 2))
        assert np.isfinite(one.pixels).all()
        assert change[:2].max() == 0
        assert change[-2:].min() > 0
