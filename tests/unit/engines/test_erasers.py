"""Erasers in models.toml: recognised by their tensors, ready with their libraries, and never chosen by themselves."""

import dataclasses
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file

from inlay.capabilities import ModelFacts
from inlay.engines import registry as registry_module
from inlay.engines.eraser.engine import SpandrelEraser
from inlay.engines.models.catalog import Catalog, Lora, described
from inlay.engines.models.detect import identify
from inlay.engines.registry import Registry, capabilities_of, why_not
from inlay.errors import InvalidInput, Unsupported
from inlay.recipe import MARKS, REGION, Tier, Verb
from support.built_in import ENGINES
from support.erasers import STANDINS, save_lama, save_mat


@pytest.fixture
def catalog(tmp_path: Path) -> Catalog:
    return Catalog(tmp_path / "data" / "models.toml")


@pytest.fixture
def registry(catalog: Catalog) -> Registry:
    return Registry(catalog)


@pytest.fixture
def libraries(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """spandrel and its like are here, as stand-ins."""
    monkeypatch.syspath_prepend(STANDINS)
    for name in ("spandrel", "spandrel_extra_arches", "torchvision"):
        monkeypatch.delitem(sys.modules, name, raising=False)
    registry_module.missing_libraries.cache_clear()
    yield
    registry_module.missing_libraries.cache_clear()


@pytest.fixture
def lama(tmp_path: Path) -> Path:
    return save_lama(tmp_path / "big-lama.safetensors")


@pytest.fixture
def mat(tmp_path: Path) -> Path:
    return save_mat(tmp_path / "mat.safetensors")


@pytest.mark.parametrize("prefix", ["model.", "generator.", "netG.generator.", "module.model."])
def test_lama_is_recognised_in_every_layout_that_spandrel_reads(prefix: str, tmp_path: Path) -> None:
    found = identify(save_lama(tmp_path / "file.safetensors", prefix=prefix))

    assert (found.family, found.whole) == ("lama", True)


@pytest.mark.parametrize("prefix", ["", "model.", "module."])
def test_mat_is_recognised_in_every_layout_that_spandrel_reads(prefix: str, tmp_path: Path) -> None:
    assert identify(save_mat(tmp_path / "file.safetensors", prefix)).family == "mat"


def test_what_only_resembles_an_eraser_is_none(tmp_path: Path) -> None:
    path = tmp_path / "file.safetensors"
    save_file({"discriminator.model.1.bn_l.running_mean": torch.zeros(64)}, path)

    for named in ("", "lama"):
        with pytest.raises(InvalidInput, match="LaMa, MAT"):
            identify(path, named)


def test_the_family_of_an_eraser_can_be_named_and_is_checked(lama: Path) -> None:
    assert identify(lama, "lama").family == "lama"
    for wrong in ("mat", "sdxl"):
        with pytest.raises(InvalidInput, match="are of lama"):
            identify(lama, wrong)


@pytest.mark.usefixtures("libraries")
def test_an_eraser_never_takes_the_place_of_the_classic_engine(
    registry: Registry, catalog: Catalog, lama: Path, mat: Path
) -> None:
    catalog.add(described(lama, "lama"))
    catalog.add(described(mat, "mat"))

    assert [engine.name for engine in registry.available()] == [*ENGINES, "big-lama", "mat"]
    for verb in (Verb.ERASE, Verb.FILL, Verb.EXPAND, Verb.RECOLOR):
        for prompted in (False, True):
            assert registry.choose(verb, prompted=prompted).name == "classic"
    assert registry.choose(Verb.ERASE, "big-lama").name == "big-lama"
    assert registry.choose(Verb.FILL, "mat").name == "mat"


@pytest.mark.usefixtures("libraries")
def test_an_eraser_erases_fills_and_paints_the_plate_behind_and_nothing_else(
    registry: Registry, catalog: Catalog, lama: Path
) -> None:
    entry = catalog.add(described(lama, "lama"))

    can = capabilities_of(entry)

    assert can.verbs == {Verb.ERASE, Verb.FILL, Verb.SEPARATE, Verb.MARKS}
    assert not can.understands_prompts
    for verb in (Verb.GENERATE, Verb.EXPAND, Verb.INSTRUCT, Verb.RECOLOR):
        with pytest.raises(Unsupported, match="it can erase, fill"):
            registry.choose(verb, "big-lama")


@pytest.mark.usefixtures("libraries")
def test_the_worker_makes_the_eraser_s_engine_and_reads_no_weights_for_it(
    registry: Registry, catalog: Catalog, lama: Path
) -> None:
    entry = catalog.add(described(lama, "lama"))

    engine = registry.engine("big-lama")

    assert isinstance(engine, SpandrelEraser)
    listed = capabilities_of(entry)
    of_its_own = {"verbs": listed.verbs - {Verb.MARKS}, "accepts": listed.accepts - {MARKS, REGION}}
    assert engine.capabilities() == dataclasses.replace(listed, facts=ModelFacts(), **of_its_own)


@pytest.mark.parametrize(
    ("family", "missing", "install"),
    [
        ("lama", "spandrel", "pip install '.[eraser]'"),
        ("lama", "torchvision", "pip install '.[eraser]'"),
        ("mat", "spandrel_extra_arches", "pip install '.[eraser]' spandrel_extra_arches"),
    ],
)
def test_what_is_not_installed_is_named_with_the_command_that_installs_it(
    family: str,
    missing: str,
    install: str,
    registry: Registry,
    catalog: Catalog,
    lama: Path,
    mat: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    entry = catalog.add(described({"lama": lama, "mat": mat}[family], family))
    monkeypatch.setattr(
        registry_module, "missing_libraries", lambda needed: tuple(one for one in needed if one == missing)
    )

    assert why_not(entry) == f"{missing} not installed; run in Inlay's folder: {install}"
    assert [engine.name for engine in registry.available()] == ENGINES
    with pytest.raises(Unsupported, match=f"not ready: {missing} not installed"):
        registry.choose(Verb.ERASE, entry.id)


@pytest.mark.usefixtures("libraries")
@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("base", "/models/sd15"),
        ("loras", (Lora("/style.safetensors"),)),
        ("quantization", "nf4"),
        ("dtype", "bfloat16"),
        ("compile", True),
        ("clip_skip", 1),
    ],
)
def test_a_key_that_an_eraser_has_not_is_named(key: str, value: object, catalog: Catalog, lama: Path) -> None:
    entry = catalog.add(dataclasses.replace(described(lama, "lama"), **{key: value}))

    assert f"models.big-lama.{key}" in why_not(entry)
    assert "is an eraser" in why_not(entry)


@pytest.mark.usefixtures("libraries")
def test_an_entry_survives_its_file(catalog: Catalog, lama: Path) -> None:
    entry = catalog.add(described(lama, "lama"))

    assert Catalog(catalog.path).entries() == (entry,)
    assert entry.overrides(Tier.FINAL) == entry.overrides(Tier.DRAFT)
