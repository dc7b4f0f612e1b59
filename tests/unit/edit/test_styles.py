"""A style decides a picture once, when it is accepted: the receipt holds its values, and has them for ever."""

import dataclasses
import json
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import save_file

from inlay.blobs import BlobStore
from inlay.color.raster import Raster, SampleType
from inlay.edit.perform import perform
from inlay.edit.saved_style import completed_from
from inlay.engines.models.catalog import Catalog, Lora, described
from inlay.engines.models.diffusion_families import DIFFUSION
from inlay.engines.models.diffusion_family import ITSELF
from inlay.engines.models.families import FAMILIES
from inlay.engines.registry import Registry
from inlay.errors import InvalidInput, NotFound, Unsupported
from inlay.jobs.admission import admit
from inlay.recipe import Input, NamedColor, Recipe, Style, Tier, Verb
from inlay.recipe import Lora as RecipeLora
from inlay.styles import StyleBook
from inlay.variation import Variation
from support import tiny_models
from support.edits import MemoryBlobs, Silent, recipe_for

WARM = Style("warm", title="Warm", prompt_before="a photo of", prompt_after="golden light", negative_prompt="fog")


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two models of one family; the second can wear a LoRA, which by itself it does not."""
    place = tmp_path_factory.mktemp("models")
    folder = tiny_models.saved("sd15", place / "sd15")
    film = place / "film.safetensors"
    save_file({"unet.nowhere.lora_A.weight": torch.ones(1, 4), "unet.nowhere.lora_B.weight": torch.ones(4, 1)}, film)
    catalog = Catalog(place / "models.toml")
    catalog.add(described(folder, "sd15", model_id="first"))
    catalog.add(described(folder, "sd15", model_id="second", loras=(Lora(str(film), 0.0),)))
    return catalog.path


@pytest.fixture
def registry(models: Path) -> Registry:
    return Registry(Catalog(models))


@pytest.fixture
def book(tmp_path: Path) -> StyleBook:
    return StyleBook(tmp_path / "styles.toml")


@pytest.fixture
def blobs(tmp_path: Path) -> BlobStore:
    return BlobStore(tmp_path / "blobs")


def asked(blobs: BlobStore, **changes: object) -> Recipe:
    held = MemoryBlobs()
    recipe = recipe_for(held, **{"verb": Verb.FILL, "prompt": "a red kite", "tier": Tier.DRAFT, **changes})
    for data in held.held.values():
        blobs.add(data)
    return recipe


def accepted(recipe: Recipe, blobs: BlobStore, registry: Registry, book: StyleBook) -> Recipe:
    return admit(recipe, blobs, registry, ("cpu",), book, recipe.blobs)


def painted(recipe: Recipe, blobs: BlobStore, registry: Registry) -> Variation:
    (variation,) = perform(recipe, blobs, Silent(), registry)
    return variation


def repeated(variation: Variation) -> Recipe:
    """The recipe of its receipt, as a client keeps it."""
    return Recipe.parse(json.dumps(variation.receipt["recipe"]))


def reference(blobs: BlobStore) -> Input:
    samples = np.full((8, 8, 3), 90, np.uint8)
    name = blobs.add(samples.tobytes())
    return Input("reference", Raster(8, 8, "RGB", SampleType.U8, 255, "sRGB built-in", name), name="fabric", weight=0.5)


def test_the_recipe_that_was_accepted_holds_the_style_and_what_the_model_is_told(
    blobs: BlobStore, registry: Registry, book: StyleBook
) -> None:
    saved = book.save(WARM)
    recipe = accepted(asked(blobs, style="warm", negative_prompt="people"), blobs, registry, book)
    assert recipe.styled == saved
    resolved = recipe.sampling.resolved
    assert resolved
    assert resolved.told
    assert resolved.told.prompt == "a photo of a red kite, golden light"
    assert resolved.told.negative_prompt == "people, fog"
    assert recipe.words.prompt == "a red kite", "what the retoucher wrote is what a layer is named for"


@pytest.mark.slow
def test_a_receipt_gives_the_same_pixels_after_its_style_changed_or_went(
    blobs: BlobStore, registry: Registry, book: StyleBook, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(DIFFUSION, "sd15", dataclasses.replace(DIFFUSION["sd15"], least_px=128 * 128))
    saved = book.save(WARM)
    before = painted(accepted(asked(blobs, style="warm"), blobs, registry, book), blobs, registry)
    book.save(dataclasses.replace(WARM, prompt_after="blue hour", strength=0.4), saved.sha256)
    again = painted(accepted(repeated(before), blobs, registry, book), blobs, registry)
    assert again.patch.pixels.blob == before.patch.pixels.blob
    anew = painted(accepted(asked(blobs, style="warm"), blobs, registry, book), blobs, registry)
    assert anew.patch.pixels.blob != before.patch.pixels.blob, "whoever asks now has it as it is now"
    plain = painted(accepted(asked(blobs), blobs, registry, book), blobs, registry)
    assert plain.patch.pixels.blob != before.patch.pixels.blob
    book.path.unlink()
    gone = painted(accepted(repeated(before), blobs, registry, book), blobs, registry)
    assert gone.patch.pixels.blob == before.patch.pixels.blob


def test_an_old_draft_is_finished_in_the_style_that_it_had(
    blobs: BlobStore, registry: Registry, book: StyleBook
) -> None:
    saved = book.save(dataclasses.replace(WARM, references=()))
    draft = accepted(asked(blobs, style="warm"), blobs, registry, book)
    book.save(dataclasses.replace(WARM, prompt_after="blue hour"), saved.sha256)
    final = accepted(draft.altered(resolved=None, tier=Tier.FINAL), blobs, registry, book)
    assert final.told.prompt == "a photo of a red kite, golden light"


def test_what_the_recipe_says_itself_goes_before_the_style(
    blobs: BlobStore, registry: Registry, book: StyleBook
) -> None:
    book.save(Style("strong", strength=0.4, models={"draft": "second"}))
    left = accepted(asked(blobs, style="strong"), blobs, registry, book).sampling
    assert (left.strength, left.resolved and left.resolved.model) == (0.4, "second")
    said = accepted(asked(blobs, style="strong", strength=0.9, model="first"), blobs, registry, book).sampling
    assert (said.strength, said.resolved and said.resolved.model) == (0.9, "first")
    other = accepted(asked(blobs, style="strong").altered(tier=Tier.FINAL), blobs, registry, book).sampling
    assert other.resolved
    assert other.resolved.model == "first", "it names no model for this tier"


def test_a_style_wears_the_loras_of_the_model_by_name_and_another_is_named(
    blobs: BlobStore, registry: Registry, book: StyleBook, models: Path
) -> None:
    book.save(Style("film", loras=(RecipeLora("film", "", 0.7),)))
    worn = accepted(asked(blobs, style="film", model="second"), blobs, registry, book).sampling.resolved
    bare = accepted(asked(blobs, model="second"), blobs, registry, book).sampling.resolved
    assert worn
    assert bare
    assert [(lora.name, lora.weight) for lora in worn.loras] == [("film.safetensors", 0.7)]
    assert [(lora.name, lora.weight) for lora in bare.loras] == [("film.safetensors", 0.0)]
    assert worn.loras[0].sha256 == Catalog(models).entry("second").loras[0].sha256
    with pytest.raises(Unsupported, match=r"film.*first.*has: none"):
        accepted(asked(blobs, style="film", model="first"), blobs, registry, book)


def test_a_colour_is_called_by_its_name(blobs: BlobStore, registry: Registry, book: StyleBook) -> None:
    book.save(Style("kit", colors=(NamedColor("Brand green", "lab(58, -52, 32)"),)))
    recipe = accepted(
        asked(blobs, style="kit", target_color="brand GREEN").altered(verb=Verb.RECOLOR), blobs, registry, book
    )
    assert recipe.words.target_color == "lab(58, -52, 32)"
    with pytest.raises(InvalidInput, match="target_color"):
        accepted(asked(blobs, style="kit", target_color="Brand red").altered(verb=Verb.RECOLOR), blobs, registry, book)


def test_references_come_along_where_somebody_looks_at_them_and_outlive_the_store(
    blobs: BlobStore, registry: Registry, book: StyleBook, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fabric = reference(blobs)
    book.keep(fabric.raster.blob, blobs.read(fabric.raster.blob))
    book.save(Style("silk", references=(fabric,)))
    recipe = asked(blobs, style="silk")
    assert accepted(recipe, blobs, registry, book).inputs == (), "this family looks at none"
    seeing = dataclasses.replace(
        DIFFUSION["sd15"], references=1, takes={ITSELF: frozenset({"reference"})}, weighs=False
    )
    for known in (DIFFUSION, FAMILIES):
        monkeypatch.setitem(known, "sd15", seeing)  # pyright: ignore[reportArgumentType]
    (tmp_path / "blobs").rename(tmp_path / "evicted")
    empty = BlobStore(tmp_path / "blobs")
    held = asked(empty, style="silk")
    again = accepted(held, empty, registry, book)
    looked_at = dataclasses.replace(fabric, weight=1.0)  # it cannot look at it less
    assert again.inputs == (looked_at,)
    assert empty.read(fabric.raster.blob) == bytes(8 * 8 * 3 * [90])
    assert accepted(again, empty, registry, book).inputs == (looked_at,), "and are not brought twice"


def test_what_no_style_is_called_and_what_was_tampered_with_is_refused(
    blobs: BlobStore, registry: Registry, book: StyleBook
) -> None:
    with pytest.raises(NotFound, match="warm"):
        accepted(asked(blobs, style="warm"), blobs, registry, book)
    book.save(WARM)
    known = accepted(asked(blobs, style="warm"), blobs, registry, book)
    assert known.styled
    other = dataclasses.replace(known, styled=dataclasses.replace(known.styled, prompt_after="cold light"))
    with pytest.raises(InvalidInput, match=r"styled\.sha256"):
        accepted(other, blobs, registry, book)
    with pytest.raises(InvalidInput, match=r"styled\.id"):
        accepted(known.altered(style="cold"), blobs, registry, book)
    with pytest.raises(InvalidInput, match=r"sampling\.style"):
        accepted(dataclasses.replace(known, styled=None), blobs, registry, book)


def test_as_written_nothing_is_added_to_the_words(blobs: BlobStore, registry: Registry, book: StyleBook) -> None:
    book.save(WARM)
    recipe = accepted(asked(blobs, style="warm", raw=True), blobs, registry, book)
    assert recipe.told.prompt == "a red kite"
    assert recipe.told.negative_prompt == ""


def test_a_style_made_of_a_result_paints_like_it(blobs: BlobStore, registry: Registry, book: StyleBook) -> None:
    book.save(dataclasses.replace(WARM, loras=(RecipeLora("film", "", 0.7),)))
    shown = accepted(
        asked(blobs, style="warm", model="second", strength=0.6, target_color="#112233"), blobs, registry, book
    )
    made = book.save(completed_from(Style("evening", title="Evening"), shown))
    assert made.prompt_before == "a photo of"
    assert made.prompt_after == "a red kite, golden light"
    assert (made.strength, made.models) == (0.6, {"draft": "second"})
    assert made.colors == (NamedColor("#112233", "#112233"),)
    like = accepted(asked(blobs, style="evening", prompt=""), blobs, registry, book)
    assert like.told == shown.told
    assert like.sampling.resolved
    assert shown.sampling.resolved
    assert like.sampling.resolved.loras == shown.sampling.resolved.loras
