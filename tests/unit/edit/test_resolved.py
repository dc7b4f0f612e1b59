"""What a recipe was resolved to is what is painted, whatever became of models.toml: the same pixels, or what is missing by name."""

import dataclasses
import json
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file

from inlay.edit.perform import perform
from inlay.edit.resolve import resolve
from inlay.engines.models.catalog import Catalog, Lora, ModelEntry, TierOverrides, described
from inlay.engines.models.diffusion_families import DIFFUSION
from inlay.engines.models.families import FAMILIES
from inlay.engines.registry import Registry
from inlay.errors import InlayError, InvalidInput, NotFound, Unsupported
from inlay.jobs.entry import load_of
from inlay.jobs.workers.cluster.crew import ClusterCrew
from inlay.recipe import Recipe, Resolved, Tier, Verb
from inlay.variation import Variation
from support import tiny_models
from support.edits import MemoryBlobs, Silent, recipe_for

Change = Callable[[ModelEntry], ModelEntry]


def tier(**facts: object) -> tuple[tuple[Tier, TierOverrides], ...]:
    return ((Tier.DRAFT, TierOverrides(**facts)),)  # pyright: ignore[reportArgumentType]


@pytest.fixture(autouse=True)
def small_windows(monkeypatch: pytest.MonkeyPatch) -> None:
    """The family paints at the window's own size, and so in less time."""
    size_of(monkeypatch, 128 * 128, 400 * 400)


def size_of(monkeypatch: pytest.MonkeyPatch, least_px: int, native_px: int) -> None:
    facts = dataclasses.replace(DIFFUSION["sd15"], least_px=least_px, native_px=native_px)
    for families in (DIFFUSION, FAMILIES):
        monkeypatch.setitem(families, "sd15", facts)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tiny_models.saved("sd15", tmp_path_factory.mktemp("models") / "sd15")


@pytest.fixture(scope="module")
def entry(folder: Path) -> ModelEntry:
    found = described(folder, "sd15", model_id="mine")
    return dataclasses.replace(found, tiers=tier(steps=3, scheduler="ddim", guidance=3.0))


@pytest.fixture
def catalog(tmp_path: Path, entry: ModelEntry) -> Catalog:
    found = Catalog(tmp_path / "models.toml")
    found.add(entry)
    return found


@pytest.fixture
def blobs() -> MemoryBlobs:
    return MemoryBlobs()


def fill(blobs: MemoryBlobs, **changes: object) -> Recipe:
    return recipe_for(blobs, verb=Verb.FILL, prompt="a hat", tier=Tier.DRAFT, **changes)


def painted(catalog: Catalog, recipe: Recipe, blobs: MemoryBlobs) -> Variation:
    (variation,) = perform(recipe, blobs, Silent(), Registry(catalog))
    return variation


def repeated(variation: Variation) -> Recipe:
    """The recipe of its receipt, as a client keeps it."""
    return Recipe.parse(json.dumps(variation.receipt["recipe"]))


@pytest.mark.slow
@pytest.mark.parametrize(
    "change",
    [
        pytest.param(
            lambda entry: dataclasses.replace(entry, tiers=tier(steps=7, guidance=9.0)), id="steps and guidance"
        ),
        pytest.param(lambda entry: dataclasses.replace(entry, tiers=tier(steps=3, scheduler="euler")), id="scheduler"),
        pytest.param(lambda entry: dataclasses.replace(entry, dtype="bfloat16"), id="number format"),
        pytest.param(lambda entry: dataclasses.replace(entry, clip_skip=1), id="layers of the text encoder"),
        pytest.param(lambda entry: dataclasses.replace(entry, tiers=()), id="nothing of the user's own"),
    ],
)
def test_a_receipt_gives_the_same_pixels_after_models_toml_changed(
    catalog: Catalog, blobs: MemoryBlobs, change: Change
) -> None:
    before = painted(catalog, fill(blobs), blobs)
    catalog.add(change(catalog.entry("mine")))
    again = painted(catalog, repeated(before), blobs)
    assert again.patch.pixels.blob == before.patch.pixels.blob
    anew = painted(catalog, fill(blobs), blobs)
    assert anew.patch.pixels.blob != before.patch.pixels.blob, "the change is one that decides pixels"


@pytest.mark.slow
def test_another_model_in_the_first_place_does_not_paint_what_was_resolved_with_the_old_one(
    catalog: Catalog, blobs: MemoryBlobs, entry: ModelEntry
) -> None:
    before = painted(catalog, fill(blobs), blobs)
    catalog.remove("mine")
    catalog.add(dataclasses.replace(entry, id="newer", tiers=()))
    catalog.add(entry)
    again = painted(catalog, repeated(before), blobs)
    assert again.patch.pixels.blob == before.patch.pixels.blob
    assert painted(catalog, fill(blobs), blobs).receipt["engine"] == "newer"


@pytest.mark.slow
def test_the_size_at_which_it_was_painted_stays(
    catalog: Catalog, blobs: MemoryBlobs, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = painted(catalog, fill(blobs), blobs)
    size_of(monkeypatch, 64 * 64, 100 * 100)
    again = painted(catalog, repeated(before), blobs)
    assert again.patch.pixels.blob == before.patch.pixels.blob
    assert again.receipt["working"] == before.receipt["working"]
    assert painted(catalog, fill(blobs), blobs).receipt["working"] != before.receipt["working"]


@pytest.mark.slow
def test_a_vae_that_is_promised_whole_is_not_tiled_for_want_of_memory(
    catalog: Catalog, blobs: MemoryBlobs, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = painted(catalog, fill(blobs), blobs)
    assert before.receipt["recipe"]["sampling"]["resolved"]["vae"] == "whole"

    def short(*_: object, **__: object) -> None:
        raise torch.OutOfMemoryError("CUDA out of memory.")

    monkeypatch.setattr("inlay.engines.diffusion.painter.Painter.paint", short)
    with pytest.raises(MemoryError) as told:
        painted(catalog, repeated(before), blobs)
    assert "tiles" not in str(told.value)
    with pytest.raises(MemoryError, match="in tiles"):
        painted(catalog, fill(blobs), blobs)


def resolved(catalog: Catalog, blobs: MemoryBlobs, device: str = "cpu", **changes: object) -> Recipe:
    return resolve(fill(blobs, **changes), Registry(catalog), (device,))


def altered(recipe: Recipe, **facts: object) -> Recipe:
    known = recipe.sampling.resolved
    assert known
    return recipe.altered(resolved=dataclasses.replace(known, **facts))  # pyright: ignore[reportArgumentType]


def refused(catalog: Catalog, recipe: Recipe, devices: tuple[str, ...] = ("cpu",)) -> InlayError:
    with pytest.raises(InlayError) as told:
        resolve(recipe, Registry(catalog), devices)
    return told.value


def test_what_a_tier_stands_for_is_in_the_recipe(catalog: Catalog, blobs: MemoryBlobs, entry: ModelEntry) -> None:
    (cpu, card) = (resolved(catalog, blobs, device).sampling.resolved for device in ("cpu", "cuda:1"))
    assert isinstance(cpu, Resolved)
    assert isinstance(card, Resolved)
    assert (cpu.model, cpu.model_sha256) == ("mine", entry.sha256)
    assert (cpu.steps, cpu.scheduler, cpu.guidance) == (3, "ddim", 3.0)
    assert (cpu.device, card.device) == ("cpu", "cuda")
    assert resolve(resolved(catalog, blobs), Registry(catalog), ("cpu",)) == resolved(catalog, blobs)


def test_a_model_with_other_weights_is_refused_with_both_hashes(
    catalog: Catalog, blobs: MemoryBlobs, entry: ModelEntry
) -> None:
    recipe = resolved(catalog, blobs)
    catalog.add(dataclasses.replace(entry, sha256="f" * 64))
    error = refused(catalog, recipe)
    assert isinstance(error, Unsupported)
    assert error.field == "sampling.resolved.model_sha256"
    assert entry.sha256 in error.message
    assert "f" * 64 in error.message
    with pytest.raises(Unsupported, match="resolved with"):
        painted(catalog, recipe, blobs)


def test_a_model_that_is_gone_is_named(catalog: Catalog, blobs: MemoryBlobs) -> None:
    recipe = resolved(catalog, blobs)
    catalog.remove("mine")
    error = refused(catalog, recipe)
    assert isinstance(error, NotFound)
    assert "mine" in error.message


def test_a_recipe_that_was_painted_on_a_card_is_refused_where_there_is_none(
    catalog: Catalog, blobs: MemoryBlobs
) -> None:
    error = refused(catalog, resolved(catalog, blobs, "cuda:0"))
    assert isinstance(error, Unsupported)
    assert error.field == "sampling.resolved.device"
    assert "cuda" in error.message


def test_a_lora_that_is_gone_is_named(catalog: Catalog, blobs: MemoryBlobs, entry: ModelEntry, tmp_path: Path) -> None:
    place = tmp_path / "gold.safetensors"
    save_file({"x": torch.zeros(1)}, place)
    catalog.add(dataclasses.replace(entry, tiers=tier(loras=(Lora(str(place), 0.5),))))
    recipe = resolved(catalog, blobs)
    known = recipe.sampling.resolved
    assert known
    assert [(lora.name, lora.weight) for lora in known.loras] == [("gold.safetensors", 0.5)]
    place.unlink()
    error = refused(catalog, recipe)
    assert isinstance(error, Unsupported)
    assert "gold.safetensors" in error.message
    assert known.loras[0].sha256 in error.message


@pytest.mark.parametrize(
    ("facts", "field"),
    [
        ({"working": None}, "working"),
        ({"steps": 10**6}, "steps"),
        ({"strength": 2.0}, "strength"),
    ],
)
def test_what_no_server_would_have_resolved_is_refused_by_its_field(
    catalog: Catalog, blobs: MemoryBlobs, facts: dict[str, object], field: str
) -> None:
    error = refused(catalog, altered(resolved(catalog, blobs), **facts))
    assert isinstance(error, InvalidInput)
    assert error.field == f"sampling.resolved.{field}"


def test_a_recipe_that_names_another_model_than_it_was_resolved_with_is_refused(
    catalog: Catalog, blobs: MemoryBlobs
) -> None:
    error = refused(catalog, resolved(catalog, blobs).altered(model="classic"))
    assert isinstance(error, InvalidInput)
    assert error.field == "sampling.resolved.model"


def test_what_was_accepted_before_anything_joined_a_cluster_is_painted_by_whatever_joins_and_the_receipt_says_by_what(
    catalog: Catalog, blobs: MemoryBlobs
) -> None:
    registry, nobody_yet = Registry(catalog), ClusterCrew("127.0.0.1:1").expected
    accepted = resolve(fill(blobs), registry, nobody_yet)
    for joined in ("cpu:anna/0", "cuda:anna/0"):
        load = load_of(registry, (joined,), accepted)
        assert load
        assert load.devices == (joined,)
    again = repeated(painted(catalog, accepted, blobs))
    assert again.sampling.resolved
    assert again.sampling.resolved.device == "cpu"
    assert resolve(again, registry, nobody_yet) == again
