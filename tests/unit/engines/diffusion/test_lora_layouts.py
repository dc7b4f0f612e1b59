"""A LoRA changes exactly the weights that its file says, by exactly what it says, however its tensors are named; or it is
refused by name. The change is computed here from the file's tensors: weight * alpha / rank * up @ down."""

import json
from functools import cache
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from safetensors.torch import save_file

from inlay.engines.diffusion.loading import LoadedModel
from inlay.engines.models.catalog import Lora
from inlay.errors import InvalidInput, Unsupported
from support.diffusion import loaded

pytestmark = pytest.mark.slow

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
SGM_UNET = "input_blocks.1.1.transformer_blocks.0.attn1.to_q"
CONV = "down_blocks.0.resnets.0.conv1"
SINGLE = (*(f"single_transformer_blocks.0.attn.to_{name}" for name in "qkv"), "single_transformer_blocks.0.proj_mlp")
KLEIN_SINGLE = "single_transformer_blocks.0.attn.to_qkv_mlp_proj"


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
    ("flux2_dev", "diffusers", Place(f"transformer.{BLOCK}", (BLOCK,)), PEFT, False),
    ("qwen_image_21", "diffusers", Place(f"transformer.{BLOCK}", (BLOCK,)), PEFT, False),
    ("longcat_edit", "diffusers", Place(f"transformer.{BLOCK}", (BLOCK,)), PEFT, False),
    ("fibo_edit", "diffusers", Place(f"transformer.{BLOCK}", (BLOCK,)), PEFT, False),
    ("z_image", "diffusers", Place(f"transformer.{LAYER}", (LAYER,)), PEFT, False),
    ("z_image", "ComfyUI", Place(f"diffusion_model.{LAYER}", (LAYER,)), PEFT, False),
    ("z_image", "kohya", Place(_kohya(LAYER), (LAYER,)), DOWN_UP, True),
    ("sd15", "of the original UNet", Place(_kohya(SGM_UNET), (UNET,)), DOWN_UP, True),
    ("sd15", "LoCon", Place(_kohya(CONV), (CONV,)), DOWN_UP, True),
    ("flux2_klein", "ComfyUI, linear1", Place("diffusion_model.single_blocks.0.linear1", (KLEIN_SINGLE,)), PEFT, False),
    ("qwen_image", "LyCORIS's names", Place("lycoris_" + BLOCK.replace(".", "_"), (BLOCK,)), DOWN_UP, True),
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
    module: str, outputs: int, inputs: tuple[int, ...], names: tuple[str, str] = PEFT, alpha: bool = False
) -> dict[str, torch.Tensor]:
    generator = torch.Generator().manual_seed(3)
    kernel = (1,) * (len(inputs) - 1)
    tensors = {
        f"{module}.{names[0]}": torch.randn(RANK, *inputs, generator=generator),
        f"{module}.{names[1]}": torch.randn(outputs, RANK, *kernel, generator=generator),
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
    tensors = plain(place.module, outputs, tuple(parameters[0].shape[1:]), names, alpha)
    path = tmp_path / "style.safetensors"
    save_file(tensors, path)
    before = weights_of(model)

    model.wear((Lora(str(path), WEIGHT),))

    down, up = list(tensors.values())[:2]
    change = (ALPHA / RANK if alpha else 1) * up.double().flatten(1) @ down.double().flatten(1)
    assert_changed(model, before, place, change)


def assert_changed(
    model: LoadedModel, before: dict[str, torch.Tensor], place: Place, change: torch.Tensor, weight: float = WEIGHT
) -> None:
    """Exactly these weights, one below the other, by exactly this matrix."""
    after = weights_of(model)
    component = "unet" if "unet" in model.modules else "transformer"
    touched = [f"{component}.{name}.weight" for name in place.weights]
    assert sorted(key for key in before if not torch.equal(before[key], after[key])) == sorted(touched)
    found = torch.cat([(after[key].double() - before[key].double()).flatten(1) for key in touched])
    torch.testing.assert_close(found, weight * change, atol=2e-5, rtol=1e-4)


def product(form: str, outputs: int, inputs: int) -> tuple[dict[str, torch.Tensor], torch.Tensor]:
    """The factors of a file of LyCORIS, and the matrix that they stand for, element by element."""
    random = np.random.default_rng(4)

    def some(*shape: int) -> np.ndarray:
        return random.standard_normal(shape)

    if form.startswith("LoHa"):
        parts = {"hada_w1_a": some(outputs, RANK), "hada_w1_b": some(RANK, inputs), "hada_w2_a": some(outputs, RANK)}
        parts |= {"hada_w2_b": some(RANK, inputs), "alpha": np.array(ALPHA)}
        left, right = parts["hada_w1_a"] @ parts["hada_w1_b"], parts["hada_w2_a"] @ parts["hada_w2_b"]
        matrix = left * right * ALPHA / RANK
    else:
        whole = form == "LoKr, both sides whole"
        small, large = some(2, 4), some(outputs // 2, inputs // 4)
        parts: dict[str, np.ndarray] = {"lokr_w1": small, "lokr_w2": large, "alpha": np.array(ALPHA)}
        if not whole:
            first, second = some(outputs // 2, RANK), some(RANK, inputs // 4)
            large = first @ second
            del parts["lokr_w2"]
            parts |= {"lokr_w2_a": first, "lokr_w2_b": second}
        rows = [[small[i // large.shape[0], j // large.shape[1]] * large[i % large.shape[0], j % large.shape[1]]
                 for j in range(inputs)] for i in range(outputs)]  # fmt: skip
        matrix = np.array(rows) * (1 if whole else ALPHA / RANK)
    return {name: torch.from_numpy(np.asarray(part, np.float32)) for name, part in parts.items()}, torch.from_numpy(
        matrix
    )


PRODUCT_PLACES = [
    ("sdxl", Place(_kohya(XL_UNET), (XL_UNET,))),
    ("flux_kontext", Place(_kohya("double_blocks.0.img_attn.qkv"), QKV)),
    ("flux2_klein", Place("diffusion_model.double_blocks.0.img_attn.qkv", QKV)),
    ("qwen_image", Place(f"transformer.{BLOCK}", (BLOCK,))),
    (
        "z_image",
        Place("diffusion_model.layers.0.attention.qkv", tuple(f"layers.0.attention.to_{name}" for name in "qkv")),
    ),
]


@pytest.mark.parametrize("form", ["LoHa", "LoKr", "LoKr, both sides whole"])
@pytest.mark.parametrize(("family", "place"), PRODUCT_PLACES, ids=[family for family, _ in PRODUCT_PLACES])
def test_a_product_of_lycoris_changes_exactly_its_weights(form: str, family: str, place: Place, tmp_path: Path) -> None:
    model = loaded(family)
    parameters = [denoiser(model).get_parameter(f"{name}.weight") for name in place.weights]
    parts, change = product(form, sum(len(parameter) for parameter in parameters), parameters[0].shape[1])
    path = tmp_path / "style.safetensors"
    save_file({f"{place.module}.{name}": part for name, part in parts.items()}, path)
    before = weights_of(model)

    model.wear((Lora(str(path), WEIGHT),))

    assert_changed(model, before, place, change)


def test_a_convolution_in_three_parts_changes_exactly_its_kernel(tmp_path: Path) -> None:
    model = loaded("sd15")
    outputs, inputs, *kernel = denoiser(model).get_parameter(f"{CONV}.weight").shape
    random = np.random.default_rng(6)
    down, mid = random.standard_normal((RANK, inputs)), random.standard_normal((RANK, RANK, *kernel))
    up = random.standard_normal((outputs, RANK))
    parts = {"lora_down": down[..., None, None], "lora_mid": mid, "lora_up": up[..., None, None]}
    path = tmp_path / "style.safetensors"
    save_file({f"{_kohya(CONV)}.{name}.weight": torch.from_numpy(part).float() for name, part in parts.items()}, path)
    before = weights_of(model)

    model.wear((Lora(str(path), WEIGHT),))

    change = sum(
        up[:, p, None, None, None] * mid[p, q][None, None] * down[q][None, :, None, None]
        for p in range(RANK)
        for q in range(RANK)
    )
    assert_changed(model, before, Place("", (CONV,)), torch.from_numpy(np.asarray(change)).flatten(1))


@pytest.mark.parametrize(
    ("said", "scale"), [({"transformer.lora_alpha": 6}, 3.0), ({"text_encoder.lora_alpha": 6}, 1.0)]
)
def test_the_alpha_that_diffusers_writes_into_the_header_counts(
    said: dict[str, int], scale: float, tmp_path: Path
) -> None:
    model = loaded("z_image")
    side = denoiser(model).get_parameter(f"{LAYER}.weight").shape[0]
    tensors = plain(f"transformer.{LAYER}", side, (side,))
    path = tmp_path / "style.safetensors"
    save_file(tensors, path, {"lora_adapter_metadata": json.dumps(said)})
    before = weights_of(model)

    model.wear((Lora(str(path), WEIGHT),))

    down, up = list(tensors.values())
    assert_changed(model, before, Place("", (LAYER,)), scale * up.double() @ down.double())


@pytest.mark.parametrize("said", [{"transformer.use_dora": True}, {"transformer.alpha_pattern": {"to_q": 4}}, 3])
def test_a_header_whose_scales_are_not_read_is_refused(said: object, tmp_path: Path) -> None:
    model = loaded("z_image")
    path = tmp_path / "style.safetensors"
    save_file(plain(f"transformer.{LAYER}", 32, (32,)), path, {"lora_adapter_metadata": json.dumps(said)})

    with pytest.raises((InvalidInput, Unsupported), match=r"DoRA|alpha_pattern|must be diffusers'"):
        model.wear((Lora(str(path)),))


def test_a_lora_under_names_that_nobody_reads_for_its_family_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "style.safetensors"
    save_file(plain("diffusion_model.double_blocks.0.img_attn.qkv", 96, (32,)), path)

    with pytest.raises(InvalidInput, match="the names that LongCatImageTransformer2DModel's own have"):
        loaded("longcat_edit").wear((Lora(str(path)),))


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
    ours = plain(module, side, (side,))
    ones = torch.ones(RANK, side)
    return {
        "DoRA": ours | {f"{module}.dora_scale": torch.ones(side, 1)},
        "DoRA of PEFT": ours | {f"{module}.lora_magnitude_vector": torch.ones(side)},
        "half a LoHa": {f"{module}.hada_w1_a": ones.T.contiguous(), f"{module}.hada_w1_b": ones},
        "half a LoKr": {f"{module}.lokr_w1": torch.ones(2, 2)},
        "LoKr of another size": {f"{module}.lokr_w1": torch.ones(2, 2), f"{module}.lokr_w2": torch.ones(side, side)},
        "ranks that differ": ours | {f"{module}.lora_B.weight": torch.ones(side, RANK + 1)},
        "whole weights": ours | {f"{module}.diff": torch.ones(side, side)},
        "biases": ours | {f"{module}.lora_B.bias": torch.ones(side)},
        "unknown tensor": ours | {f"{module}.glow_scale": torch.ones(side)},
        "half known": ours | plain(module.replace(".0.", ".77."), side, (side,)),
        "another model": plain(
            "unet.nowhere.to_q" if module.startswith("transformer") else "transformer.nowhere.to_q", 8, (8,)
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
        "half a LoHa": "hada_w1_a, hada_w1_b and lacks the rest",
        "half a LoKr": "lokr_w1 and lacks the rest",
        "LoKr of another size": "another model",
        "ranks that differ": "do not fit each other",
        "unknown tensor": "glow_scale",
        "half known": "77",
        "random keys": "a.b",
    }
    if kind != "another model":
        assert expected.get(kind, kind) in str(refused.value)
    after = weights_of(model)
    assert all(torch.equal(before[key], after[key]) for key in before)


STARTS = ["transformer.", "diffusion_model.", "lora_unet_", "lycoris_", "", "base_model.model."]
MIDDLES = [
    "layers.0.attention.to_q",
    "layers_0_attention_to_q",
    "layers.0.attention.qkv",
    "x",
    "double_blocks.0.img_attn.qkv",
]
PLAIN_ENDS = [
    ".lora_A.weight",
    ".lora_B.weight",
    ".lora_down.weight",
    ".lora_up.weight",
    ".lora_mid.weight",
    ".alpha",
    ".diff",
]
ENDS = [
    *PLAIN_ENDS,
    *(f".lokr_{part}" for part in ("w1", "w2", "w2_a", "w2_b")),
    *(f".hada_w{n}_{x}" for n in "12" for x in "ab"),
]
NAMES = st.builds("".join, st.tuples(*(st.sampled_from(part) for part in (STARTS, MIDDLES, ENDS)))) | st.text(
    "a.", min_size=1, max_size=4
)
SHAPES = st.lists(st.sampled_from([1, 2, 32]), max_size=4).map(tuple)


@pytest.mark.slow
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(shapes=st.dictionaries(NAMES, SHAPES, min_size=1, max_size=5))
def test_any_set_of_tensors_is_merged_whole_or_refused(shapes: dict[str, tuple[int, ...]], tmp_path: Path) -> None:
    model = tiny_z_image()
    path = tmp_path / "style.safetensors"
    save_file({name: torch.ones(shape) for name, shape in shapes.items()}, path)
    before = weights_of(model)
    try:
        model.wear((Lora(str(path)),))
    except (InvalidInput, Unsupported):
        assert all(torch.equal(before[key], value) for key, value in weights_of(model).items())
    model.wear(())
    assert all(torch.equal(before[key], value) for key, value in weights_of(model).items())


@cache
def tiny_z_image() -> LoadedModel:
    return loaded("z_image")
