"""What diffusers' pipelines do behind one's back, each trap with its test (docs/facts/diffusion.md#traps)."""

import itertools
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any

import numpy as np
import pytest
import torch
from diffusers import AutoencoderKL

from inlay.engines.diffusion.engine import adapter_of
from inlay.engines.diffusion.families.base import Adapter, Run
from inlay.engines.diffusion.families.words import Words
from inlay.engines.diffusion.painter import noise_for
from inlay.engines.diffusion.schedulers import NAMES
from inlay.engines.diffusion.softmask import pooled
from inlay.engines.models.catalog import TierOverrides
from inlay.errors import InvalidInput
from inlay.recipe import Tier, Verb
from support import tiny_models
from support.diffusion import engine, loaded, painted, recipe, scene

pytestmark = pytest.mark.slow


def run_of(adapter: Adapter, hole: torch.Tensor, seeds: tuple[int, ...] = (1,), **changes: Any) -> Run:
    picture = torch.rand(1, 3, *hole.shape[-2:], generator=torch.Generator().manual_seed(5)) * 2 - 1
    latents = adapter.encode(picture)
    shown = (picture,) if adapter.facts.shows else ()
    values: dict[str, Any] = {
        "conditioning": adapter.condition(Words("a cat"), adapter.facts.guidance, shown),
        "start": latents,
        "noise": noise_for(seeds, latents),
        "mask": pooled(hole, adapter.factor),
        "hole": hole,
        "hidden": latents if adapter.sees_hidden else None,
        "references": tuple(adapter.look(one) for one in shown),
        "seeds": seeds,
        "steps": 4,
        "walked": 4,
        "guidance": adapter.facts.guidance,
        "scheduler": "",
        "cache": False,
        "seen": lambda *_: None,
    }
    return Run(**{**values, **changes})


def test_soft_masks_are_not_binarised() -> None:
    adapter = adapter_of(loaded("sd15"))
    results: dict[float, torch.Tensor] = {}
    for value in (0.0, 0.2, 0.3, 0.6, 1.0):  # hard masks know two of these
        run = run_of(adapter, torch.full((1, 1, 64, 64), value))
        results[value] = (adapter.denoise(run) - run.start).abs().mean()
    changes = [float(change) for change in results.values()]
    assert changes[0] == 0
    assert all(less < more for less, more in itertools.pairwise(changes)), changes


def test_the_mask_is_pooled_so_that_no_pixel_that_may_change_is_kept() -> None:
    hole = torch.zeros(1, 1, 32, 32)
    hole[..., 15, 16] = 0.7  # one pixel; nearest at 1/8 looks at rows 0, 8, 16 and 24 only
    mask = pooled(hole, 8)
    assert mask.shape == (1, 1, 4, 4)
    assert mask[0, 0, 1, 2] == pytest.approx(0.7)
    assert int((mask > 0).sum()) == 1


def test_the_vae_is_never_sampled(monkeypatch: pytest.MonkeyPatch) -> None:
    def sampled(*_: Any, **__: Any) -> None:
        raise AssertionError("a sample of the VAE would depend on the batch")

    monkeypatch.setattr("diffusers.models.autoencoders.vae.DiagonalGaussianDistribution.sample", sampled)
    for name in ("sd15", "sdxl", "flux_fill", "flux_kontext", "flux2_klein", "qwen_image", "z_image"):
        verb = Verb.INSTRUCT if name == "flux_kontext" else Verb.FILL
        painted(engine(name), recipe(verb))


def test_two_requests_at_once_on_one_model_do_not_disturb_each_other() -> None:
    adapter = adapter_of(loaded("sd15"))
    hole = torch.ones(1, 1, 64, 64)
    runs = [run_of(adapter, hole, (seed,), scheduler="dpmpp_2m", steps=6, walked=6) for seed in range(8)]
    alone = [adapter.denoise(run) for run in runs]
    with ThreadPoolExecutor(2) as pool:
        together = list(pool.map(adapter.denoise, runs))
    assert all(torch.allclose(one, other, atol=1e-5) for one, other in zip(alone, together, strict=True))


def _note(seen: list[tuple[int, int]], done: int, total: int, _: Any) -> None:
    seen.append((done, total))


@pytest.mark.parametrize("name", ["sd15", "sdxl", "flux_fill", "flux_kontext", "flux2_klein", "qwen_image", "z_image"])
def test_exactly_as_many_steps_are_walked_as_were_asked_for(name: str) -> None:
    adapter = adapter_of(loaded(name))
    hole = torch.ones(1, 1, 32, 32)
    for steps in (1, 7, 10):
        for walked in {1, steps // 2 or 1, steps - 1 or 1, steps}:
            seen: list[tuple[int, int]] = []
            note = partial(_note, seen)
            adapter.denoise(run_of(adapter, hole, steps=steps, walked=walked, seen=note))
            assert seen == [(done, walked) for done in range(1, walked + 1)]


def test_the_last_layers_of_the_text_encoder_can_be_skipped() -> None:
    adapter = adapter_of(loaded("sd15"))
    whole, skipped = (adapter.condition(Words("a cat", "a dog", skip), 7.0, ()).arguments for skip in (0, 1))
    assert whole["prompt_embeds"].shape == skipped["prompt_embeds"].shape
    assert not torch.allclose(whole["prompt_embeds"], skipped["prompt_embeds"])
    # The norm that the UNet was trained behind stands at the end of both.
    assert float(skipped["prompt_embeds"].mean(-1).abs().max()) < 1e-4


def test_a_model_is_painted_with_the_layers_its_owner_said_to_skip() -> None:
    whole, skipped = (painted(engine("sd15", clip_skip=skip), recipe())[0] for skip in (0, 1))
    assert (whole.receipt["clip_skip"], skipped.receipt["clip_skip"]) == ("0", "1")
    assert not np.array_equal(whole.pixels, skipped.pixels)


@pytest.mark.parametrize("name", ["flux_fill", "flux_kontext", "qwen_image"])
def test_step_caching_runs_on_pipelines_that_open_no_cache_context(name: str) -> None:
    components = tiny_models.FAMILIES[name]()
    adapter = adapter_of(loaded(name, components))
    hole = torch.ones(1, 1, 64, 64)
    steps = {"steps": 12, "walked": 12}
    plain = adapter.denoise(run_of(adapter, hole, **steps))
    cached = adapter.denoise(run_of(adapter, hole, cache=True, **steps))
    after = adapter.denoise(run_of(adapter, hole, **steps))
    assert torch.isfinite(cached).all()
    assert torch.equal(plain, after), "the cache stays on after the run"


@pytest.mark.parametrize("name", ["sd15", "flux2_klein"])
def test_step_caching_leaves_families_that_cannot_alone(name: str) -> None:
    wants = ((Tier.DRAFT, TierOverrides(cache=True)),)
    (one,) = painted(engine(name, tiers=wants), recipe())
    assert one.receipt["step_cache"] == "False"


@pytest.mark.parametrize("scheduler", [name for name in NAMES if not name.startswith("flow")])
@pytest.mark.parametrize("channels", [4, 9])
def test_soft_masks_hold_with_every_scheduler(scheduler: str, channels: int) -> None:
    adapter = adapter_of(loaded("sd15", tiny_models.sd15(channels)))
    hole = torch.linspace(0, 1, 12).repeat_interleave(8).expand(1, 1, 32, 96)
    alone = adapter.denoise(run_of(adapter, hole, (7,), scheduler=scheduler))
    run = run_of(adapter, hole, (3, 7), scheduler=scheduler)
    both = adapter.denoise(run)
    change = (both - run.start).abs().mean((0, 1, 2))
    assert change[0] == 0
    assert change[1:4].mean() < change[4:8].mean() < change[8:].mean()
    assert torch.allclose(alone[0], both[1], atol=1e-4, rtol=1e-4)


def test_a_scheduler_that_does_not_fit_the_model_is_refused() -> None:
    for name, scheduler in (("sd15", "flow_euler"), ("z_image", "ddim"), ("sd15", "fancy")):
        adapter = adapter_of(loaded(name))
        with pytest.raises(InvalidInput, match="scheduler"):
            adapter.denoise(run_of(adapter, torch.ones(1, 1, 32, 32), scheduler=scheduler))


def test_half_precision_is_finite_and_a_vae_that_overflows_in_it_computes_wider(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    components = tiny_models.sdxl()
    components["vae"].register_to_config(force_upcast=True)
    for name in ("vae", "unet", "text_encoder", "text_encoder_2"):
        components[name].to(torch.float16)
    seen: list[torch.dtype] = []
    encode = AutoencoderKL.encode
    monkeypatch.setattr(
        AutoencoderKL, "encode", lambda self, x, *a, **k: (seen.append(x.dtype), encode(self, x, *a, **k))[1]
    )
    (one,) = painted(engine("sdxl", components=components), recipe())
    assert np.isfinite(one.pixels).all()
    assert set(seen) == {torch.float32}
    assert components["vae"].dtype == torch.float16


def test_a_seed_means_the_same_whatever_the_tier_batches() -> None:
    """Drafts cache steps by the whole batch's change, so they are painted one by one."""
    found = engine("flux_fill", batch=4)
    two = painted(found, recipe(count=2, tier=Tier.DRAFT), scene())
    one = painted(engine("flux_fill"), recipe(seed=12, tier=Tier.DRAFT), scene())
    assert one[0].receipt["step_cache"] == "True"
    assert np.abs(two[1].pixels - one[0].pixels).max() <= 1e-5
