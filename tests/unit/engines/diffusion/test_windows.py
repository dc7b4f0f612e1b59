"""Windows larger than a model, holes to start from, and drafts to finish."""

import dataclasses
from typing import Any

import numpy as np
import pytest
import torch
from skimage.metrics import structural_similarity

from inlay.edit.plan import plan, working_of
from inlay.engines.canvas import continued, to_pixels, to_tensor
from inlay.engines.diffusion import painter
from inlay.engines.diffusion.engine import adapter_of
from inlay.engines.diffusion.prefill import prefilled
from inlay.engines.diffusion.sources import encoded
from inlay.engines.interface import Painting, Scene, SceneInput
from inlay.engines.models.catalog import TierOverrides
from inlay.engines.models.diffusion_families import DIFFUSION
from inlay.engines.registry import Registry
from inlay.engines.tiles import feather, tiles_of
from inlay.recipe import Input, Tier, Verb
from inlay.region import Rect, Size
from support import tiny_models
from support.diffusion import Watch, engine, painted, recipe, scene
from support.edits import Painter

pytestmark = pytest.mark.slow

FAMILY = DIFFUSION["sd15"].capabilities("mine")


@pytest.fixture
def small_families(monkeypatch: pytest.MonkeyPatch) -> None:
    """Families whose native size is 64 x 64, so that a strip of 192 x 64 is too large for them."""
    for name, facts in list(DIFFUSION.items()):
        monkeypatch.setitem(DIFFUSION, name, dataclasses.replace(facts, native_px=64 * 64))


def box() -> Scene:
    mask = np.zeros((64, 192), np.float32)
    mask[16:48, 16:112] = 1
    return scene(mask)


@pytest.mark.parametrize(
    ("height", "width", "side", "multiple"), [(80, 120, 64, 1), (64, 64, 64, 1), (130, 70, 64, 2), (30, 300, 64, 2)]
)
def test_tiles_cover_the_window_and_their_weights_never_vanish(
    height: int, width: int, side: int, multiple: int
) -> None:
    weights = torch.zeros(1, 1, height, width)
    for tile in tiles_of(height, width, side, multiple):
        assert tile.height <= side
        assert tile.width <= side
        assert not any(value % multiple for value in tile)
        tile.of(weights).add_(feather(tile, height, width))
    assert float(weights.min()) > 0


@pytest.mark.usefixtures("small_families")
@pytest.mark.parametrize("name", ["sd15", "flux_fill", "flux_kontext", "flux2_klein", "z_image", "qwen_image"])
def test_a_window_larger_than_the_model_is_composed_small_and_painted_at_full_size_in_tiles(name: str) -> None:
    watch, seen = Watch(), box()
    verb = Verb.INSTRUCT if name == "flux_kontext" else Verb.FILL
    (one,) = painted(engine(name), recipe(verb), seen, watch)
    assert one.pixels.shape == seen.pixels.shape
    assert np.isfinite(one.pixels).all()
    assert any("composed at" in note and "tiles" in note for note in one.notes)
    assert int(one.receipt["tiles"]) >= 2
    steps, totals = zip(*watch.steps, strict=True)
    assert steps == tuple(range(1, totals[0] + 1))
    assert totals[0] > int(one.receipt["walked"]), "tiles are steps too"


@pytest.mark.usefixtures("small_families")
def test_large_windows_give_the_same_again_and_protect_what_the_mask_keeps(
    latents: list[torch.Tensor], monkeypatch: pytest.MonkeyPatch
) -> None:
    begun: list[torch.Tensor] = []

    def noting(adapter: Any, picture: torch.Tensor, progress: Any) -> torch.Tensor:
        begun.append(encoded(adapter, picture, progress))
        return begun[-1]

    monkeypatch.setattr(painter, "encoded", noting)
    found, seen = engine("sd15", batch=2), box()
    both = painted(found, recipe(count=2), seen)
    alone = painted(engine("sd15"), recipe(seed=12), seen)
    assert np.abs(both[1].pixels - alone[0].pixels).max() <= 1e-5
    start = next(one for one in begun if one.shape[-1] == 24)
    final = next(one for one in latents if one.shape[-1] == 24)
    changed = (final != start).all(1)[0]
    assert changed[2:6, 2:14].all()
    changed[2:6, 2:14] = False
    assert not changed.any()


def test_a_large_window_is_planned_at_its_own_size_except_for_a_draft() -> None:
    registry = Registry()
    registry.register(Painter(lambda scene: scene.pixels, can=FAMILY))
    region = Rect(300, 300, 900, 600)
    final = plan(registry, Size(2000, 1600), region, Verb.FILL, Tier.FINAL, "mine")
    assert final.window.scale == pytest.approx(1, abs=0.01)
    assert not final.notes
    draft = plan(registry, Size(2000, 1600), region, Verb.FILL, Tier.DRAFT, "mine")
    assert draft.window.scale < 0.6


@pytest.mark.parametrize("name", DIFFUSION)
@pytest.mark.parametrize("tier", [Tier.DRAFT, Tier.STANDARD])
def test_a_window_between_least_and_native_costs_its_own_pixels_until_it_is_final(name: str, tier: Tier) -> None:
    family = DIFFUSION[name].capabilities("mine")
    assert 0 < family.least_px <= family.native_px
    side = round(((family.least_px * family.native_px) ** 0.5) ** 0.5) // family.multiple * family.multiple

    own = working_of(recipe(tier=tier, size=Size(side, side)), family)
    smaller = working_of(recipe(tier=tier, size=Size(96, 64)), family)
    final = working_of(recipe(tier=Tier.FINAL, size=Size(96, 64)), family)

    assert own == Size(side, side)
    assert smaller.area == pytest.approx(family.least_px, rel=0.05)
    assert final.area == pytest.approx(family.native_px, rel=0.05)


def test_a_window_of_512_px_is_a_quarter_of_the_pixels_of_one_of_1024_px_with_sdxl() -> None:
    family = DIFFUSION["sdxl"].capabilities("mine")
    sides = [working_of(recipe(tier=Tier.STANDARD, size=Size(side, side)), family) for side in (512, 1024)]
    assert sides == [Size(512, 512), Size(1024, 1024)]


@pytest.mark.parametrize("channels", [4, 9])
def test_sdxl_is_told_of_a_sharp_picture_however_small_the_window(
    channels: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Told of the working size alone, it paints what a small picture looks like: soft."""
    components = tiny_models.sdxl(channels)
    unet, told = components["unet"], []
    forward = unet.forward

    def noting(*given: object, added_cond_kwargs: dict[str, torch.Tensor], **more: object) -> object:
        told.append(added_cond_kwargs["time_ids"])
        return forward(*given, added_cond_kwargs=added_cond_kwargs, **more)

    monkeypatch.setattr(unet, "forward", noting)
    painted(engine("sdxl", components=components), recipe(negative_prompt="fog"))
    for sizes in torch.cat(told):
        height, width, top, left, *target = sizes.tolist()
        assert height * width == pytest.approx(1024 * 1024, rel=0.01)
        assert width / height == pytest.approx(3, rel=0.01)
        assert (top, left) == (0, 0)
        assert target == [64, 192]


def test_the_unknown_is_continued_smoothly_and_the_known_stays() -> None:
    seen = scene()
    known = np.ones(seen.mask.shape, np.bool_)
    known[:, 150:] = False
    filled = continued(seen.pixels, known)
    assert np.array_equal(filled[known], seen.pixels[known])
    assert np.isfinite(filled).all()
    assert filled[:, 150:].min() >= seen.pixels[known].min() - 1e-3
    assert np.abs(filled[:, 150:152].mean((0, 1)) - seen.pixels[:, 140:150].mean((0, 1))).max() < 0.15
    assert (continued(seen.pixels, np.zeros_like(known)) == 0.5).all()


@pytest.mark.parametrize("tier", [Tier.DRAFT, Tier.STANDARD])
def test_a_fill_starts_from_the_light_of_its_surroundings(tier: Tier) -> None:
    """A white object on a dark ground: what the first noise lies on is dark."""
    rows = np.linspace(0.1, 0.3, 64, dtype=np.float32)[:, None, None]
    pixels = np.ascontiguousarray(np.broadcast_to(rows, (64, 192, 3)))
    mask = np.zeros((64, 192), np.float32)
    mask[20:44, 70:120] = 1
    pixels[mask > 0] = 1
    seen = Scene(pixels, mask, np.ones(mask.shape, np.bool_))
    found = prefilled(seen, pixels, recipe(tier=tier), Watch())
    assert np.array_equal(found[mask == 0], pixels[mask == 0])
    assert found[mask > 0].max() < 0.45


def test_a_promoted_draft_keeps_its_composition_even_with_another_seed() -> None:
    """Structural similarity to the draft: high for its promotion, low for the same recipe without it.

    Random models take no noise away, so the tier names a strength at which there is little, and the latents get the
    spread that those of trained VAEs have.
    """
    components = tiny_models.sd15()
    spread = float(components["vae"].encode(to_tensor(scene().pixels)).latent_dist.mode().std())
    components["vae"].register_to_config(scaling_factor=1 / spread)
    gently = ((Tier.FINAL, TierOverrides(promote_strength=0.02, steps=50, scheduler="ddim")),)
    found, seen = engine("sd15", components=components, tiers=gently), scene()
    draft = painted(found, recipe(), seen)[0]
    placed = seen.pixels + (draft.pixels - seen.pixels) * seen.mask[..., None]
    with_draft = Scene(seen.pixels, seen.mask, seen.known, (SceneInput("draft", draft.pixels, is_placed=True),))
    drafted = (Input("draft", recipe().canvas.source),)
    promoted = painted(found, recipe(tier=Tier.FINAL, seed=500, inputs=drafted), with_draft)[0]
    afresh = painted(found, recipe(tier=Tier.FINAL, seed=500), seen)[0]
    box = np.s_[16:48, 64:128]

    def alike(one: Painting) -> float:
        """To the draft as the VAE gives it back: what a random VAE loses is no matter of promotion."""
        return float(structural_similarity(wanted[box], one.pixels[box], channel_axis=-1, data_range=1))

    adapter = adapter_of(found._loader(found._entry, None))
    wanted = to_pixels(adapter.decode(adapter.encode(to_tensor(placed))))  # what the mask keeps is of the same picture
    assert int(promoted.receipt["walked"]) == 1
    print("structural similarity", alike(promoted), alike(afresh))
    assert alike(promoted) > 0.7
    assert alike(afresh) < 0.2


def test_refining_moves_further_the_higher_the_strength(latents: list[torch.Tensor]) -> None:
    found, seen = engine("sd15"), scene()
    for strength in (0.1, 0.4, 0.9):
        painted(found, recipe(Verb.REFINE, strength=strength, tier=Tier.STANDARD), seen)
    (source,) = found.windows._values.values()
    away = [float((one - source.latents).abs().mean()) for one in latents]
    assert away[0] < away[1] < away[2]
    (still,) = painted(found, recipe(Verb.REFINE, strength=0.0), seen)
    assert np.array_equal(still.pixels, seen.pixels)
