"""A tensor of another shape than its network's configuration says is named before any tensor is read, whichever side it is."""

import json
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load_file, save_file

from inlay.engines.diffusion.folders import check_encoder, encoder_from, network_of
from inlay.engines.models import skeleton
from inlay.engines.models.header import header_of
from inlay.engines.models.layouts import layout_of
from inlay.errors import InvalidInput
from support import tiny_models
from support.weight_files import Told, write_weights

pytest.importorskip("diffusers")

T5_SIDES = {"q": (4096, 4096), "k": (4096, 4096), "v": (4096, 4096), "o": (4096, 4096)}
T5_WIDE = {"wi_0": (10240, 4096), "wi_1": (10240, 4096), "wo": (4096, 10240)}


def t5_xxl(wide: int = 10240) -> dict[str, Told]:
    """The tensors of t5xxl_fp16.safetensors, as published. wide: rows of its inner layers."""
    found = {"shared.weight": (32128, 4096), "encoder.final_layer_norm.weight": (4096,)}
    bias = "encoder.block.0.layer.0.SelfAttention.relative_attention_bias.weight"
    for number in range(24):
        block = f"encoder.block.{number}.layer"
        found |= {f"{block}.0.SelfAttention.{name}.weight": shape for name, shape in T5_SIDES.items()}
        for name, shape in T5_WIDE.items():
            found[f"{block}.1.DenseReluDense.{name}.weight"] = tuple(wide if side == 10240 else side for side in shape)
        found |= {f"{block}.{half}.layer_norm.weight": (4096,) for half in (0, 1)}
    return {name: Told("F16", shape) for name, shape in {**found, bias: (32, 64)}.items()}


def test_the_shipped_configuration_of_t5_fits_its_published_tensors_and_no_others(tmp_path: Path) -> None:
    from transformers import T5EncoderModel

    place = skeleton.CONFIGS / "pieces" / "t5_xxl"
    published, other = (
        header_of(write_weights(tmp_path / f"{wide}.safetensors", t5_xxl(wide))) for wide in (10240, 10230)
    )
    check_encoder(T5EncoderModel, place, published, layout_of(published))
    with pytest.raises(InvalidInput, match=r"its encoder.block.0.*wi_0.weight is \[10230, 4096\].*\[10240, 4096\]"):
        check_encoder(T5EncoderModel, place, other, layout_of(other))


@pytest.mark.slow
@pytest.mark.parametrize(
    ("family", "part"),
    [
        ("flux_fill", "text_encoder"),
        ("flux_fill", "text_encoder_2"),
        ("flux_fill", "transformer"),
        ("flux_fill", "vae"),
        ("z_image", "text_encoder"),
        ("qwen_image", "text_encoder"),
        ("qwen_image", "vae"),
    ],
)
def test_no_side_of_a_part_may_be_longer_than_its_configuration_says(
    family: str, part: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    module: Any = tiny_models.FAMILIES[family]()[part]
    module.save_pretrained(tmp_path / "whole")
    (file,) = (tmp_path / "whole").glob("*.safetensors")
    weights = load_file(file)

    reading = type(module).from_pretrained

    def unread(place: Any, **options: Any) -> Any:
        assert place is None, "the file was read"
        return reading(place, **options)

    monkeypatch.setattr(type(module), "from_pretrained", unread)
    names = [name for name in weights if weights[name].ndim > 1]
    for name in (names[0], names[len(names) // 2], names[-1]):
        for side in range(weights[name].ndim):
            shape = [length + (number == side) for number, length in enumerate(weights[name].shape)]
            save_file({**weights, name: torch.zeros(shape)}, file, metadata={"format": "pt"})
            with pytest.raises(InvalidInput, match=r"is \[[\d, ]+\], and by its configuration it must be") as refused:
                network_of(type(module), tmp_path / "whole", torch.float32)
            assert str(shape) in str(refused.value)


@pytest.mark.slow
def test_a_folder_or_file_whose_configuration_is_another_size_is_refused_by_the_tensors_name(tmp_path: Path) -> None:
    made = tiny_models.flux_fill()["text_encoder_2"]
    made.save_pretrained(tmp_path)
    said = json.loads((tmp_path / "config.json").read_text())
    (tmp_path / "config.json").write_text(json.dumps(said | {"d_ff": said["d_ff"] - 10}))
    with pytest.raises(InvalidInput, match=r"DenseReluDense\.w"):
        network_of(type(made), tmp_path, torch.float32)
    with pytest.raises(InvalidInput, match=r"DenseReluDense\.w"):
        encoder_from(type(made), tmp_path, tmp_path / "model.safetensors", torch.float32)
