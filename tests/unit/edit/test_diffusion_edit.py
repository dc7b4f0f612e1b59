"""Edits with a model, from the recipe to the patch: real folders, the real registry, the real fit."""

import dataclasses
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from inlay import color
from inlay.color.raster import SampleType
from inlay.edit.fit import fit
from inlay.edit.perform import perform
from inlay.edit.sight import look
from inlay.engines import Painting
from inlay.engines.models.catalog import Catalog, ModelEntry
from inlay.engines.registry import Registry
from inlay.errors import InvalidInput, Unsupported
from inlay.recipe import Input, Recipe, Tier, Verb
from inlay.region import Rect
from inlay.variation import Variation
from support import tiny_models
from support.edits import MemoryBlobs, Painter, Silent, photo, recipe_for

pytestmark = pytest.mark.slow


SHIFT = np.array([0.06, -0.03, 0.04], np.float32)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tiny_models.saved("sd15", tmp_path_factory.mktemp("models") / "sd15")


@pytest.fixture
def registry(folder: Path, tmp_path: Path) -> Registry:
    """Knows one model, "mine"."""
    catalog = Catalog(tmp_path / "models.toml")
    catalog.add(ModelEntry("mine", "sd15", str(folder), "folder", "0" * 64))
    return Registry(catalog)


def fill(blobs: MemoryBlobs, **changes: object) -> Recipe:
    return recipe_for(blobs, verb=Verb.FILL, prompt="a hat", model="mine", tier=Tier.DRAFT, **changes)


def test_a_fill_with_a_model_changes_the_selection_and_nothing_else(registry: Registry) -> None:
    blobs = MemoryBlobs()
    (one,) = perform(fill(blobs, sample_type=SampleType.U16), blobs, Silent(), registry)
    before = blobs.array(fill(blobs, sample_type=SampleType.U16).canvas.source)
    after = blobs.array(one.patch.pixels)
    inside = one.patch.bounds.relative_to(Rect(0, 0, 240, 200)).slices
    assert (after != before[inside]).any()
    assert one.receipt["model"] == "mine"
    assert one.receipt["family"] == "sd15"


def test_a_receipt_paints_the_same_pixels_again(registry: Registry) -> None:
    blobs = MemoryBlobs()
    two = list(perform(fill(blobs, count=2), blobs, Silent(), registry))
    (again,) = perform(Recipe.parse(_canonical(two[1])), blobs, Silent(), registry)
    assert again.patch.pixels.blob == two[1].patch.pixels.blob
    assert {**again.receipt, "variation": 1} == two[1].receipt


def _canonical(variation: Variation) -> str:
    import json

    return json.dumps(variation.receipt["recipe"])


def test_a_draft_is_promoted_by_its_own_patch(registry: Registry) -> None:
    blobs = MemoryBlobs()
    draft_recipe = fill(blobs)
    (draft,) = perform(draft_recipe, blobs, Silent(), registry)
    promotion = draft_recipe.altered(tier=Tier.FINAL, inputs=(Input("draft", draft.patch.pixels),), seed=draft.seed)
    assert Recipe.parse(promotion.canonical()) == promotion
    assert draft.patch.pixels.blob in promotion.blobs
    (final,) = perform(promotion, blobs, Silent(), registry)
    assert int(final.receipt["walked"]) < int(final.receipt["steps"])
    assert final.receipt["recipe"]["inputs"][0]["raster"]["blob"] == draft.patch.pixels.blob


def test_a_draft_of_another_size_is_refused(registry: Registry) -> None:
    blobs = MemoryBlobs()
    wrong = fill(blobs)
    with pytest.raises(InvalidInput, match=r"inputs\[0\]\.raster\.size"):
        next(perform(wrong.altered(inputs=(Input("draft", wrong.canvas.source),)), blobs, Silent(), registry))


def test_the_classic_engine_refuses_to_finish_a_draft(registry: Registry) -> None:
    blobs = MemoryBlobs()
    plain = recipe_for(blobs)
    named = plain.altered(inputs=(Input("draft", plain.canvas.source),), model="classic")
    with pytest.raises(Unsupported, match="cannot finish a draft"):
        next(perform(named, blobs, Silent(), registry))


def shifted_everywhere(blobs: MemoryBlobs, roundtrip: bool) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """What an engine whose eye shifts every colour comes to, where the selection leaves nothing to compare with."""
    recipe = recipe_for(blobs, sample_type=SampleType.F32, profile="sRGB-elle-V2-srgbtrc.icc")
    whole = np.full((200, 240), 255, np.uint8)
    mask = dataclasses.replace(recipe.where.mask, width=240, height=200, blob=blobs.add(whole.tobytes()))
    sight = look(recipe.altered(region=Rect(0, 0, 240, 200), mask=mask), blobs)
    seen = sight.pixels + SHIFT
    painting = Painting(0, 7, seen, roundtrip=seen if roundtrip else None)
    return fit(recipe, sight, painting).layer, sight.pixels


def test_a_vaes_colour_shift_is_taken_back_even_without_surroundings() -> None:
    shifted, truth = shifted_everywhere(MemoryBlobs(), roundtrip=False)
    assert np.abs((shifted - truth).mean((0, 1)) - SHIFT).max() < 0.005, "the test itself: the shift is there"
    healed, truth = shifted_everywhere(MemoryBlobs(), roundtrip=True)
    assert np.abs(healed - truth).max() < 1e-3


def test_only_what_is_smooth_of_the_shift_is_taken_back() -> None:
    """A VAE that blurs is not answered with the original's detail: what was painted may be something else."""
    blobs = MemoryBlobs()
    recipe = recipe_for(blobs, sample_type=SampleType.F32)
    sight = look(recipe, blobs)
    checks = np.indices(sight.mask.shape).sum(0)[..., None] % 2 * np.float32(0.2)
    painted = np.full_like(sight.pixels, 0.5)
    plain = fit(recipe, sight, Painting(0, 7, painted)).layer
    against = fit(recipe, sight, Painting(0, 7, painted, roundtrip=sight.pixels + checks - np.float32(0.1))).layer
    assert np.abs(plain - against)[sight.mask == 1].max() < 0.02


def test_the_engine_hands_over_what_its_vae_does_to_the_window() -> None:
    from support.diffusion import engine, painted, recipe, scene

    seen = scene()
    components = tiny_models.sd15()
    plain = painted(engine("sd15", components=components), recipe(), seen)[0].roundtrip
    components["vae"].decoder.conv_out.bias.data += 2 * 0.05  # -1..1: five hundredths of the range
    shifted = painted(engine("sd15", components=components), recipe(), seen)[0].roundtrip
    assert plain is not None
    assert shifted is not None
    assert np.median(shifted - plain) == pytest.approx(0.05, abs=0.005)


def test_photo_and_painter_fit_together_without_a_roundtrip(registry: Registry) -> None:
    blobs = MemoryBlobs()
    registry.register(Painter(lambda scene: scene.pixels))
    (one,) = perform(recipe_for(blobs), blobs, Silent(), registry)
    assert color.decode(blobs.array(one.patch.pixels), one.patch.pixels).pixels.shape[2] == photo().shape[2]
