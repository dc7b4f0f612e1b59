"""A model that is not for commercial use paints only where it is named; its facts reach whoever chooses."""

from pathlib import Path

import pytest

from inlay.capabilities import Commercial, Memory
from inlay.client import Verb
from inlay.engines.models import facts
from inlay.engines.models.catalog import Catalog, described
from inlay.engines.models.licences import published, terms_of
from inlay.engines.models.memory_verdict import Machine
from inlay.engines.registry import Registry
from inlay.errors import Unsupported
from inlay.form import Choice, Field, FieldKind
from inlay.forms import Forms
from inlay.wire.models import model_from, model_to
from support import model_folders as lay

pytest.importorskip("diffusers")


@pytest.fixture
def catalog(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Catalog:
    """FLUX.1 Fill first, which is not for commercial use, then SDXL; on a card of 24 GiB."""
    monkeypatch.setattr(facts, "this_machine", lambda: Machine(24 * 2**30, 64 * 2**30))
    made = Catalog(tmp_path / "models.toml")
    lay.put(tmp_path, {"fill.safetensors": lay.flux(), "photo.safetensors": lay.sdxl_checkpoint()})
    base = lay.diffusers_folder(tmp_path / "base", "FluxFillPipeline")
    made.add(described(tmp_path / "fill.safetensors", "flux_fill", base=base))
    made.add(described(tmp_path / "photo.safetensors", "sdxl"))
    return made


def model_field(registry: Registry, verb: str, locale: str = "") -> Field:
    (form,) = [form for form in Forms().describe(registry, locale).verbs if form.id == verb]
    return next(field for field in form.fields if field.kind is FieldKind.MODEL)


def test_the_first_that_is_free_paints_and_the_other_where_it_is_named(catalog: Catalog):
    registry = Registry(catalog)
    assert [engine.name for engine in registry.available()][:2] == ["fill", "photo"]
    assert registry.choose(Verb.GENERATE).name == "photo"
    assert registry.choose(Verb.FILL, prompted=True).name == "photo"
    assert registry.choose(Verb.GENERATE, "fill").name == "fill"


def test_where_none_is_free_somebody_has_to_choose(catalog: Catalog):
    catalog.remove("photo")
    registry = Registry(catalog)
    with pytest.raises(Unsupported, match=r"generate here, fill, paints only where it is named"):
        registry.choose(Verb.GENERATE)
    assert registry.choose(Verb.GENERATE, "fill").name == "fill"
    field = model_field(registry, Verb.GENERATE)
    assert field.required
    assert field.lack == "Choose a model."
    assert [choice.value for choice in field.choices] == ["", "fill"]
    assert field.choices[0].title == "Choose a model"
    assert registry.choose(Verb.ERASE).name == "classic", "what needs no model goes on without being asked"
    assert not model_field(registry, Verb.ERASE).required


def test_whoever_chooses_reads_licence_and_memory_in_their_language(catalog: Catalog):
    field = model_field(Registry(catalog), Verb.FILL, "de")
    told: dict[str, Choice] = {choice.value: choice for choice in field.choices}
    assert "Lizenz: flux-1-dev-non-commercial-license." in told["fill"].tip
    assert "Nicht für gewerbliche Nutzung." in told["fill"].tip
    assert "Passt ganz." in told["photo"].tip
    assert "Gewerbliche Nutzung ist erlaubt." in told["photo"].tip


def test_the_facts_travel_as_they_are(catalog: Catalog):
    (fill, photo, *_) = Registry(catalog).available()
    for engine in (fill, photo):
        assert model_from(model_to(engine)).facts == engine.facts
        assert model_from(model_to(engine)).licence == engine.licence
    assert (fill.licence, fill.facts.commercial) == ("flux-1-dev-non-commercial-license", Commercial.NO)
    assert fill.facts.licence_source.startswith("https://huggingface.co/black-forest-labs/")
    assert (photo.facts.family, photo.facts.precision, photo.facts.memory) == ("sdxl", "fp16", Memory.FITS)
    assert photo.facts.bytes == catalog.entry("photo").location.stat().st_size


def test_what_waits_is_told_with_its_cure(catalog: Catalog):
    catalog.entry("photo").location.unlink()
    ((name, family, cure),) = Registry(catalog).waiting()
    assert (name, family) == ("photo", "sdxl")
    assert "is not there" in cure


@pytest.mark.parametrize(
    ("licence", "commercial"),
    [
        ("apache-2.0", Commercial.YES),
        ("MIT", Commercial.YES),
        ("openrail++", Commercial.YES),
        ("stabilityai-ai-community", Commercial.CONDITIONS),
        ("flux-1-dev-non-commercial-license", Commercial.NO),
        ("cc-by-nc-4.0", Commercial.NO),
        ("Some Non-Commercial License 1.0", Commercial.NO),
        ("my-model-nc", Commercial.NO),
        ("academic-research-only", Commercial.NO),
        ("concept license", Commercial.UNKNOWN),
        ("LICENSE.txt", Commercial.UNKNOWN),
        ("", Commercial.UNKNOWN),
    ],
)
def test_a_licence_allows_what_its_text_says_and_of_others_nothing_is_promised(licence, commercial):
    assert terms_of(licence).commercial is commercial


def test_every_family_that_paints_has_the_licence_of_its_makers():
    from inlay.engines.models.diffusion_families import DIFFUSION

    assert [name for name in DIFFUSION if not terms_of(published(name)).source] == []
