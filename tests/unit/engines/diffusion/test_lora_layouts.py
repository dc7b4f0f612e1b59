"""A LoRA changes exactly the weights that its file says, by exactly what it says, however its tensors are named; or it is
refused by name. The change is computed here from the file's tensors: weight * alpha / rank * up @ down."""

from pathlib import Path
from typing import NamedTuple

import pytest
import torch
from safetensors.torch import save_file

from inlay.engines.diffusion.loading import LoadedModel
from inlay.engines.models.catalog import Lora
from inlay.errors import InvalidInput, Unsupported
from support.diffusion import loaded

RANK, ALPHA, WEIGHT = 2, 1.0, 0.7


class Place(NamedTuple):
    """A module of the file, and the weights of the model it stands for; several where the file fuses them."""

    module: str
    weights: tuple[str, ...]


UNET = "down_blocks.0.attentions.0.transformer_blocks.0.attn1.to_q"
XL_UNET = "mid_block.attentions.0.transformer_blocks.0.attn1.to_q"
BLOCK = "transformer_blocks.0.attn.to_q"
QKV = tuple(f"transformer_blocks.0.attn.to_{name}" for name in "qkv")
LAYER = "layers.0.attention.to_q"


def _kohya(path: str) -> str:
    return "lora_unet_" + path.replace(".", "_")


PEFT = ("lora_A.weight", "lora_B.weight")
NAMED = ("lora_A.default.weight", "lora_B.default.weight")
DOWN_UP = ("lora_down.weight", "lora_up.weight")

LAYOUTS = [
    ("sd15", "diffusers", Place(f"unet.{UNET}", (UNET,)), PEFT, False),
    ("sd15", "kohya", Place(_kohya(UNET), (UNET,)), DOWN_UP, True),
    ("sdxl", "diffusers", Place(f"unet.{XL_UNET}", (XL_UNET,)), PEFT, False),
    ("sdxl", "kohya", Place(_kohya(XL_UNET), (XL_UNET,)), DOWN_UP, True),
    ("flux_kontext", "diffusers", Place(f"transformer.{BLOCK}", (BLOCK,)), PEFT, False),
    ("flux_kontext", "kohya, fused", Place(_kohya("double_blocks.0.img_attn.qkv"), QKV), DOWN_UP, True),
    ("flux_fill", "diffusers", Place(f"transformer.{BLOCK}", (BLOCK,)), PEFT, False),
    ("flux_fill", "kohya, fused", Place(_kohya("double_blocks.0.img_attn.qkv"), QKV), DOWN_UP, True),
    ("flux2_klein", "diffusers", Place(f"transformer.{BLOCK}", (BLOCK,)), PEFT, False),
    ("flux2_klein", "ComfyUI, fused", Place("diffusion_model.double_blocks.0.img_attn.qkv", QKV), PEFT, False),
    ("qwen_image", "diffusers", Place(f"transformer.{BLOCK}", (BLOCK,)), PEFT, False),
    ("qwen_image", "default", Place(f"transformer.{BLOCK}", (BLOCK,)), NAMED, False),
    ("qwen_image", "bare, default", Place(BLOCK, (BLOCK,)), NAMED, False),
    ("qwen_image", "Lightning", Place(BLOCK, (BLOCK,)), DOWN_UP, True),
    ("qwen_image", "ComfyUI", Place(f"diffusion_model.{BLOCK}", (BLOCK,)), PEFT, False),
    ("qwen_image", "kohya", Place(_kohya(BLOCK), (BLOCK,)), DOWN_UP, True),
    ("qwen_image_edit", "diffusers", Place(f"transformer.{BLOCK}", (BLOCK,)), PEFT, False),
    ("qwen_image_edit", "Lightning", Place(BLOCK, (BLOCK,)), DOWN_UP, True),
    ("z_image", "diffusers", Place(f"transformer.{LAYER}", (LAYER,)), PEFT, False),
    ("z_image", "ComfyUI", Place(f"diffusion_model.{LAYER}", (LAYER,)), PEFT, False),
    ("z_image", "kohya", Place(_kohya(LAYER), (LAYER,)), DOWN_UP, True),
    (
        "z_image",
        "ComfyUI, fused",
        Place("diffusion_model.layers.0.attention.qkv", tuple(f"layers.0.attention.to_{name}" for name in "qkv")),
        PEFT,
        False,
    ),
]


def denoiser(model: LoadedModel) -> torch.nn.Module:
    return model.modules["unet"] if "unet" in model.modules else model.modules["transformer"]


def weights_of(model: LoadedModel) -> dict[str, torch.Tensor]:
    return {
        f"{name}.{key}": value.detach().clone()
        for name, module in model.modules.items()
        if isinstance(module, torch.nn.Module)
        for key, value in module.state_dict().items()
    }


def plain(
    module: str, outputs: int, inputs: int, names: tuple[str, str] = PEFT, alpha: bool = False
) -> dict[str, torch.Tensor]:
    generator = torch.Generator().manual_seed(3)
    tensors = {
        f"{module}.{names[0]}": torch.randn(RANK, inputs, generator=generator),
        f"{module}.{names[1]}": torch.randn(outputs, RANK, generator=generator),
    }
    return tensors | ({f"{module}.alpha": torch.tensor(ALPHA)} if alpha else {})


@pytest.mark.parametrize(
    ("family", "layout", "place", "names", "alpha"),
    LAYOUTS,
    ids=[f"{family}-{layout}" for family, layout, *_ in LAYOUTS],
)
def test_each_layout_changes_exactly_its_weights_by_exactly_its_change(
    family: str, layout: str, place: Place, names: tuple[str, str], alpha: bool, tmp_path: Path
) -> None:
    model = loaded(family)
    parameters = [denoiser(model).get_parameter(f"{name}.weight") for name in place.weights]
    outputs = sum(parameter.shape[0] for parameter in parameters)
    tensors = plain(place.module, outputs, parameters[0].shape[1], names, alpha)
    path = tmp_path / "style.safetensors"
    save_file(tensors, path)
    before = weights_of(model)

    model.wear((Lora(str(path), WEIGHT),))

    down, up = list(tensors.values())[:2]
    change = WEIGHT * (ALPHA / RANK if alpha else 1) * up.double() @ down.double()
    after = weights_of(model)
    component = "unet" if "unet" in model.modules else "transformer"
    touched = [f"{component}.{name}.weight" for name in place.weights]
    assert sorted(key for key in before if not torch.equal(before[key], after[key])) == sorted(touched)
    rows = 0
    for key in touched:
        part = change[rows : rows + len(before[key])]
        rows += len(part)
        torch.testing.assert_close(after[key].double() - before[key].double(), part, atol=2e-6, rtol=1e-5)


FAMILY_PLACES = {
    "sd15": f"unet.{UNET}",
    "sdxl": f"unet.{XL_UNET}",
    "flux_kontext": f"transformer.{BLOCK}",
    "flux2_klein": f"transformer.{BLOCK}",
    "qwen_image": f"transformer.{BLOCK}",
    "z_image": f"transformer.{LAYER}",
}


def other_kinds(module: str, side: int) -> dict[str, dict[str, torch.Tensor]]:
    """Files of further kinds, and files that are known by half."""
    ours = plain(module, side, side)
    ones = torch.ones(RANK, side)
    return {
        "DoRA": ours | {f"{module}.dora_scale": torch.ones(side, 1)},
        "DoRA of PEFT": ours | {f"{module}.lora_magnitude_vector": torch.ones(side)},
        "LoHa": {f"{module}.hada_w1_a": ones.T.contiguous(), f"{module}.hada_w1_b": ones},
        "LoKr": {f"{module}.lokr_w1": torch.ones(2, 2), f"{module}.lokr_w2": torch.ones(side // 2, side // 2)},
        "CP": ours | {f"{module}.lora_mid.weight": torch.ones(RANK, RANK, 1, 1)},
        "whole weights": ours | {f"{module}.diff": torch.ones(side, side)},
        "biases": ours | {f"{module}.lora_B.bias": torch.ones(side)},
        "unknown tensor": ours | {f"{module}.glow_scale": torch.ones(side)},
        "half known": ours | plain(module.replace(".0.", ".77."), side, side),
        "another model": plain(
            "unet.nowhere.to_q" if module.startswith("transformer") else "transformer.nowhere.to_q", 8, 8
        ),
        "random keys": {"a.b": torch.ones(3), "zz": torch.ones(2, 2)},
    }


@pytest.mark.parametrize("family", list(FAMILY_PLACES))
@pytest.mark.parametrize("kind", list(other_kinds("x.0.y", 8)))
def test_what_cannot_be_merged_exactly_is_refused_by_name_and_changes_nothing(
    family: str, kind: str, tmp_path: Path
) -> None:
    model = loaded(family)
    module = FAMILY_PLACES[family]
    side = denoiser(model).get_parameter(f"{module.partition('.')[2]}.weight").shape[0]
    path = tmp_path / "style.safetensors"
    save_file(other_kinds(module, side)[kind], path)
    before = weights_of(model)

    with pytest.raises((InvalidInput, Unsupported), match="style") as refused:
        model.wear((Lora(str(path)),))

    expected = {
        "DoRA of PEFT": "DoRA",
        "CP": "LoCon",
        "unknown tensor": "glow_scale",
        "half known": "77",
        "random keys": "a.b",
    }
    if kind != "another model":
        assert expected.get(kind, kind) in str(refused.value)
    after = weights_of(model)
    assert all(torch.equal(before[key], after[key]) for key in before)
