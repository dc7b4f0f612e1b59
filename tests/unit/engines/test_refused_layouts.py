"""What libraries of others stored is refused by name when it is added or found, as a file and as a folder; nothing is loaded."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from inlay.cli.adding import added
from inlay.engines.models.catalog import Catalog
from inlay.engines.models.scan import scan
from inlay.errors import InvalidInput
from support.model_folders import diffusers_folder, qwen_image
from support.weight_files import Told, write_weights

LAYER = "transformer_blocks.0.attn.to_q"
WHOLE = {f"{LAYER}.weight": Told("U8", (64, 64))}
PACKED = {f"{LAYER}.qweight": Told("I32", (64, 8)), f"{LAYER}.qzeros": Told("I32", (4, 8))}

LAYOUTS = {
    "SDNQ": ("sdnq", WHOLE | {f"{LAYER}.scale": Told("F32", (64, 4)), f"{LAYER}.zero_point": Told("F32", (64, 4))}),
    "torchao": (
        "torchao",
        {f"{LAYER}._weight_qdata": Told("I8", (64, 64)), f"{LAYER}._weight_scale": Told("F32", (64,))},
    ),
    "torchao of before": ("torchao", {f"{LAYER}.weight:_data": Told("I8", (64, 64))}),
    "compressed-tensors": (
        "compressed-tensors",
        {f"{LAYER}.weight_packed": Told("I32", (64, 8)), f"{LAYER}.weight_shape": Told("I64", (2,))},
    ),
    "bitsandbytes": (
        "bitsandbytes",
        {f"{LAYER}.weight": Told("U8", (2048, 1)), f"{LAYER}.weight.quant_state.bitsandbytes__nf4": Told("U8", (80,))},
    ),
    "GPTQ": ("gptq", PACKED | {f"{LAYER}.g_idx": Told("I32", (64,))}),
    "AWQ": ("awq", PACKED),
    "SVDQuant": ("svdquant", {f"{LAYER}.qweight": Told("I8", (64, 32)), f"{LAYER}.wscales": Told("BF16", (1, 64))}),
}
NAMED = [pytest.param(name.partition(" ")[0], method, tensors, id=name) for name, (method, tensors) in LAYOUTS.items()]


@pytest.fixture(autouse=True)
def no_libraries(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever is installed where this runs."""
    monkeypatch.setattr("inlay.engines.models.foreign_layouts.importlib.util.find_spec", {}.get)


def refused(tmp_path: Path, place: Path) -> list[str]:
    """What is said of a model when it is added, and when its folder is looked through."""
    with pytest.raises(InvalidInput) as told:
        added(Catalog(tmp_path / "models.toml"), place)
    assert not (tmp_path / "models.toml").exists()
    found = scan([place.parent])
    assert found.models == ()
    return [told.value.message, *(reason for _, reason in found.refused)]


@pytest.mark.parametrize(("name", "method", "tensors"), NAMED)
def test_a_file_that_a_library_stored_is_refused_by_its_layouts_name(
    name: str, method: str, tensors: dict[str, Told], tmp_path: Path
) -> None:
    place = tmp_path / "models" / "model.safetensors"
    place.parent.mkdir()
    write_weights(place, {key: one for key, one in qwen_image().items() if not key.startswith(LAYER)} | tensors)
    told = refused(tmp_path, place)
    assert len(told) == 2
    assert all(name in sentence and "not read here" in sentence for sentence in told), told


@pytest.mark.parametrize("part", ["transformer", "text_encoder"])
@pytest.mark.parametrize(("name", "method", "tensors"), NAMED)
def test_a_folder_with_a_part_that_a_library_stored_is_refused_by_its_name(
    name: str, method: str, tensors: dict[str, Told], part: str, tmp_path: Path
) -> None:
    place = diffusers_folder(tmp_path / "models" / "model", "ZImagePipeline")
    (place / part / "config.json").write_text(json.dumps({"quantization_config": {"quant_method": method}}))
    told = refused(tmp_path, place)
    assert len(told) == 2
    assert all(f"its {part} is stored as" in sentence and name in sentence for sentence in told), told


def test_a_folder_that_a_library_here_can_read_is_taken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    there: Callable[[str], object] = lambda name: object()  # noqa: E731
    monkeypatch.setattr("inlay.engines.models.foreign_layouts.importlib.util.find_spec", there)
    place = diffusers_folder(tmp_path / "model", "ZImagePipeline")
    (place / "text_encoder" / "config.json").write_text(
        json.dumps({"quantization_config": {"quant_method": "bitsandbytes"}})
    )
    assert added(Catalog(tmp_path / "models.toml"), place).family == "z_image"
