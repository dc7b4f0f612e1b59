"""models.toml: what is written is what is read, whatever is wrong is named, and nothing unsafe gets in."""

import dataclasses
import subprocess
import sys
import tomllib
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from inlay.engines import registry as registry_module
from inlay.engines.models.catalog import (
    Catalog,
    Lora,
    ModelEntry,
    TierOverrides,
    check_files,
    check_unchanged,
    described,
)
from inlay.engines.models.diffusion_families import DIFFUSION
from inlay.engines.models.diffusion_family import BUCKET_PX
from inlay.engines.models.files import readable
from inlay.engines.models.tiers import card_for, settings_for
from inlay.engines.registry import Registry, why_not
from inlay.errors import FilesChanged, InvalidInput, NotFound
from inlay.recipe import Tier, Verb
from inlay.toml_text import toml_text
from support.built_in import ENGINES


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """What a diffusers folder looks like from outside; nothing here is loaded."""
    place = tmp_path / "My Model"
    (place / "unet").mkdir(parents=True)
    (place / "model_index.json").write_text('{"_class_name": "StableDiffusionPipeline"}')
    (place / "unet" / "config.json").write_text("{}")
    (place / "unet" / "diffusion_pytorch_model.safetensors").write_bytes(b"weights")
    return place


@pytest.fixture
def lora(tmp_path: Path) -> Lora:
    path = tmp_path / "style.safetensors"
    path.write_bytes(b"style")
    return Lora(str(path), 0.7)


@pytest.fixture
def catalog(tmp_path: Path) -> Catalog:
    return Catalog(tmp_path / "data" / "models.toml")


@pytest.fixture
def registry(catalog: Catalog) -> Registry:
    return Registry(catalog)


def test_what_was_added_is_read_back_whole(catalog: Catalog, folder: Path, lora: Lora) -> None:
    entry = dataclasses.replace(
        described(folder, "sd15", loras=(lora,), revision="abc"),
        tiers=((Tier.DRAFT, TierOverrides(steps=4, guidance=1.0, scheduler="lcm", loras=(lora,))),),
        dtype="float16",
        quantization="nf4",
        compile=True,
    )

    catalog.add(entry)

    assert Catalog(catalog.path).entries() == (entry,)
    assert entry.id == "my-model"
    assert len(entry.sha256) == 64


def test_a_model_added_again_replaces_the_former_one(catalog: Catalog, folder: Path) -> None:
    first = catalog.add(described(folder, "sd15", model_id="one"))
    (folder / "unet" / "diffusion_pytorch_model.safetensors").write_bytes(b"others!")
    second = catalog.add(described(folder, "sd15", model_id="one"))

    assert [entry.sha256 for entry in catalog.entries()] == [second.sha256]
    assert first.sha256 != second.sha256


def test_the_hash_covers_loras_and_their_weights(folder: Path, lora: Lora) -> None:
    weights = [(), (lora,), (dataclasses.replace(lora, weight=0.8),)]

    assert len({described(folder, "sd15", loras=loras).sha256 for loras in weights}) == 3


def test_a_removed_model_is_forgotten_and_its_files_stay(catalog: Catalog, folder: Path) -> None:
    catalog.add(described(folder, "sd15", model_id="one"))

    catalog.remove("one")

    assert catalog.entries() == ()
    assert (folder / "model_index.json").exists()
    with pytest.raises(NotFound, match="'one' does not exist"):
        catalog.remove("one")


def test_writers_at_once_lose_nothing(catalog: Catalog, folder: Path) -> None:
    entry = described(folder, "sd15")

    def add(number: int) -> None:
        Catalog(catalog.path).add(dataclasses.replace(entry, id=f"model-{number}"))

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(add, range(24)))

    assert sorted(one.id for one in catalog.entries()) == sorted(f"model-{number}" for number in range(24))


def test_a_reader_sees_what_another_process_wrote(catalog: Catalog, folder: Path) -> None:
    assert catalog.entries() == ()
    Catalog(catalog.path).add(described(folder, "sd15", model_id="late"))

    assert [entry.id for entry in catalog.entries()] == ["late"]


def test_a_changed_file_is_found_and_named(folder: Path) -> None:
    entry = described(folder, "sd15")
    check_files(entry)
    (folder / "unet" / "diffusion_pytorch_model.safetensors").write_bytes(b"weighTs")  # of the same length

    for look in (check_files, check_unchanged):
        with pytest.raises(FilesChanged, match=r"unet/diffusion_pytorch_model\.safetensors changed since"):
            look(entry)


def test_a_file_of_another_size_is_found_before_loading(folder: Path) -> None:
    entry = described(folder, "sd15")
    (folder / "unet" / "diffusion_pytorch_model.safetensors").write_bytes(b"half")

    with pytest.raises(FilesChanged, match="inlay models add"):
        check_unchanged(entry)


@pytest.mark.parametrize("name", ["model.ckpt", "model.pt", "model.bin", "model.pth"])
def test_a_pickle_is_refused_with_the_reason(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    path.write_bytes(b"anything")

    with pytest.raises(InvalidInput, match="can run any code"):
        described(path, "sd15")


def test_a_folder_with_a_part_that_is_only_a_pickle_is_refused(folder: Path) -> None:
    (folder / "vae").mkdir()
    (folder / "vae" / "diffusion_pytorch_model.bin").write_bytes(b"anything")

    with pytest.raises(InvalidInput, match=r"diffusion_pytorch_model\.bin; it is a pickle"):
        described(folder, "sd15")


def test_pickles_beside_safetensors_are_left_alone(folder: Path) -> None:
    (folder / "unet" / "diffusion_pytorch_model.bin").write_bytes(b"anything")

    assert not any(file.suffix == ".bin" for file in readable(folder))


@pytest.mark.parametrize(
    ("line", "named", "limit"),
    [
        ("dtype = 'float8'", "dtype", "float16"),
        ("quantization = 'q2'", "quantization", "nf4"),
        ("kind = 'zip'", "kind", "folder"),
        ("colour = 'red'", "colour", "must be one of"),
        ("tiers.draft.steps = 0", "tiers.draft.steps", "1 .. 200"),
        ("tiers.draft.steps = 2.5", "tiers.draft.steps", "whole number"),
        ("tiers.draft.guidance = 99", "tiers.draft.guidance", "0 .. 50"),
        ("tiers.quick.steps = 4", "tiers.quick", "draft, standard, final"),
        ("loras = [{ path = 'style.ckpt' }]", "loras[0].path", "pickles can run code"),
        ("loras = [{ path = 'a.safetensors', weight = 9 }]", "loras[0].weight", "-4 .. 4"),
    ],
)
def test_a_wrong_value_is_named_with_its_limit(catalog: Catalog, line: str, named: str, limit: str) -> None:
    catalog.path.parent.mkdir()
    right = {"family": "sd15", "path": "/m", "kind": "folder", "sha256": "0"}
    lines = [f"{key} = '{value}'" for key, value in right.items() if not line.startswith(key)]
    catalog.path.write_text("\n".join(["[models.one]", *lines, line]))

    with pytest.raises(InvalidInput) as caught:
        catalog.entries()

    assert f"models.one.{named}" in caught.value.message
    assert limit in caught.value.message


def test_a_file_that_is_no_toml_says_where(catalog: Catalog) -> None:
    catalog.path.parent.mkdir()
    catalog.path.write_text("[models.one\nfamily = ")

    with pytest.raises(InvalidInput, match="line 1"):
        catalog.entries()


@pytest.mark.parametrize("text", ["plain", 'quote " and \\ back', "new\nline\ttab", "Grüße 日本 😀", "del \x7f"])
def test_any_text_survives_toml(text: str) -> None:
    values = {"text": text, "table": {text or "x": [1, 2.5, True, {"inner": text}]}}

    assert tomllib.loads(toml_text(values)) == values


@pytest.mark.usefixtures("folder")
def test_models_paint_what_has_a_prompt_and_the_classic_engine_what_has_none(
    registry: Registry, catalog: Catalog, folder: Path
) -> None:
    catalog.add(described(folder, "sd15", model_id="mine"))

    chosen = {
        "fill": registry.choose(Verb.FILL).name,
        "fill, prompted": registry.choose(Verb.FILL, prompted=True).name,
        "expand, prompted": registry.choose(Verb.EXPAND, prompted=True).name,
        "erase": registry.choose(Verb.ERASE).name,
        "erase, prompted": registry.choose(Verb.ERASE, prompted=True).name,
        "erase by name": registry.choose(Verb.ERASE, "mine").name,
        "generate": registry.choose(Verb.GENERATE, prompted=True).name,
        "recolor, prompted": registry.choose(Verb.RECOLOR, prompted=True).name,
    }

    assert chosen == {
        "fill": "classic",
        "fill, prompted": "mine",
        "expand, prompted": "mine",
        "erase": "classic",
        "erase, prompted": "classic",
        "erase by name": "mine",
        "generate": "mine",
        "recolor, prompted": "classic",
    }


def test_a_broken_models_file_leaves_the_classic_engine(registry: Registry, catalog: Catalog) -> None:
    catalog.path.parent.mkdir(exist_ok=True)
    catalog.path.write_text("[models.one\n")

    assert [engine.name for engine in registry.available()] == ENGINES
    assert registry.choose(Verb.ERASE).name == "classic"


def test_a_model_without_its_libraries_is_not_ready_and_says_what_to_install(
    registry: Registry, catalog: Catalog, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    entry = catalog.add(described(folder, "sd15", model_id="mine"))
    monkeypatch.setattr(registry_module, "missing_libraries", lambda *_: ("torch",))

    assert [engine.name for engine in registry.available()] == ENGINES
    assert "pip install '.[diffusion]'" in why_not(entry)
    with pytest.raises(Exception, match=r"torch not installed; run in Inlay's folder: pip install '.\[diffusion\]'"):
        registry.choose(Verb.FILL, "mine")


def test_a_compiled_model_paints_few_sizes(registry: Registry, catalog: Catalog, folder: Path) -> None:
    catalog.add(dataclasses.replace(described(folder, "sd15", model_id="mine"), compile=True))

    assert registry.choose(Verb.FILL, "mine").multiple == BUCKET_PX


@pytest.mark.parametrize("gigabytes", [0, 8, 16, 24, 80])
@pytest.mark.parametrize("family", sorted(DIFFUSION))
def test_every_family_has_sensible_tiers_on_every_card(family: str, gigabytes: int) -> None:
    entry = ModelEntry("m", family, "/m", "folder", "0")
    memory = round(gigabytes * 1.05e9)  # a card says a little more than its name, or a little less
    draft, standard, final = (settings_for(entry, tier, "cuda" if gigabytes else "cpu") for tier in Tier)

    assert 1 <= draft.steps <= standard.steps <= final.steps <= 50
    assert not standard.cache
    assert not final.cache
    assert draft.promote_strength < draft.strength
    card = card_for(family, memory)
    assert card.batch >= 1
    assert card.name == ("CPU" if gigabytes == 0 else f"{memory / 1e9:.0f} GB")


def test_smaller_cards_do_not_do_more_at_once() -> None:
    batches = [card_for("sdxl", gigabytes * 10**9).batch for gigabytes in (0, 8, 16, 24, 80)]

    assert batches == sorted(batches)
    assert card_for("flux_fill", 8 * 10**9).relief == "group_offload"
    assert card_for("flux_fill", 80 * 10**9).relief == ""


def test_the_users_tiers_win_key_by_key() -> None:
    plain = ModelEntry("m", "sdxl", "/m", "folder", "0")
    turbo = dataclasses.replace(plain, tiers=((Tier.DRAFT, TierOverrides(steps=2, guidance=0.0)),))

    shipped, own = (settings_for(entry, Tier.DRAFT, "cuda") for entry in (plain, turbo))

    assert (own.steps, own.guidance) == (2, 0.0)
    assert dataclasses.replace(own, steps=shipped.steps, guidance=shipped.guidance) == shipped


def test_the_gateway_knows_models_without_loading_torch(catalog: Catalog, folder: Path) -> None:
    catalog.add(described(folder, "sd15", model_id="mine"))
    script = (
        "import sys; from pathlib import Path; from inlay.engines.models.catalog import Catalog\n"
        "from inlay.engines.registry import Registry\n"
        f"registry = Registry(Catalog(Path({str(catalog.path)!r})))\n"
        "print([engine.name for engine in registry.available()],"
        " [name for name in ('torch', 'diffusers', 'transformers', 'cv2', 'numba') if name in sys.modules])"
    )

    said = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)

    assert said.stdout.strip() == f"{['mine', *ENGINES]} []"


@pytest.mark.slow
def test_a_worker_that_loads_a_model_is_offline_before_any_library_is_there(catalog: Catalog, folder: Path) -> None:
    catalog.add(described(folder, "sd15", model_id="mine"))
    script = (
        "import sys; from pathlib import Path; from inlay.engines.models.catalog import Catalog\n"
        "from inlay.engines.registry import Registry\n"
        f"Registry(Catalog(Path({str(catalog.path)!r}))).engine('mine')\n"
        "from huggingface_hub import constants; print(constants.HF_HUB_OFFLINE, constants.HF_HUB_DISABLE_TELEMETRY)"
    )

    said = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)

    assert said.stdout.strip() == "True True"
