"""How a file's weights are stored is read from its header; whatever would come out as other weights is refused by name."""

import contextlib
import json
import math
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from inlay.engines.models.detect import identify
from inlay.engines.models.header import header_of
from inlay.engines.models.inspection import inspect
from inlay.engines.models.layouts import Layout, layout_of
from inlay.errors import InvalidInput
from support.weight_files import BITS, Told, note, write_weights

Tensors = dict[str, Told]

ROWS, COLUMNS = 160, 512
SCALAR, EACH_ROW, EACH_ROW_UPRIGHT = Told("F32", ()), Told("F32", (ROWS,)), Told("F32", (ROWS, 1))
SWIZZLED_NVFP4, SWIZZLED_MXFP8 = Told("F8_E4M3", (256, 32)), Told("F8_E8M0", (256, 16))


def whole(dtype: str, columns: int = COLUMNS) -> Told:
    return Told(dtype, (ROWS, columns))


def layer(weight: Told, number: int = 0, **companions: Told) -> Tensors:
    """One layer and what stands beside its weight."""
    named = {"weight": weight, "bias": Told("BF16", (ROWS,)), **companions}
    return {f"layers.{number}.mlp.{name}": told for name, told in named.items()}


def layers(weight: Told, **companions: Told) -> Tensors:
    """Two such layers."""
    return layer(weight, 0, **companions) | layer(weight, 1, **companions)


FP8, INT8 = note(format="float8_e4m3fn"), note(format="int8_tensorwise")
CONVROT = note(format="int8_tensorwise", convrot=True, convrot_groupsize=256)
W4A8 = {
    "weight_s_rel": Told("F8_E4M3", (ROWS, 32)),
    "weight_s_channel": EACH_ROW,
    "weight_codebook": Told("F32", (16,)),
}
PLAIN_NVFP4 = {"weight_scale": Told("F8_E4M3", (ROWS, 32)), "weight_scale_2": SCALAR, "input_scale": SCALAR}
NVFP4 = {"weight_scale": SWIZZLED_NVFP4, "weight_scale_2": SCALAR}
OLD_FP8 = {"scale_weight": Told("F32", (1,)), "scale_input": SCALAR}

LAYOUTS: dict[str, tuple[str, Tensors]] = {
    "bf16": ("bf16", layers(whole("BF16"))),
    "fp16": ("fp16", layers(whole("F16"))),
    "fp32": ("fp32", layers(whole("F32"))),
    "plain fp8": ("fp8", layers(whole("F8_E4M3"))),
    "fp8_scaled": ("fp8_scaled", layers(whole("F8_E4M3"), weight_scale=SCALAR, input_scale=SCALAR, comfy_quant=FP8)),
    "fp8_scaled of before": ("fp8_scaled", layers(whole("F8_E4M3"), **OLD_FP8) | {"scaled_fp8": Told("F8_E4M3", (2,))}),
    "fp8mixed": ("fp8mixed", layers(whole("F8_E4M3"), weight_scale=SCALAR, comfy_quant=FP8) | layer(whole("BF16"), 2)),
    "FLUX.2's fp8": ("bfl_fp8", layers(whole("F8_E4M3"), weight_scale=EACH_ROW)),
    "FLUX.2's nvfp4": ("bfl_nvfp4", layers(whole("U8", 256), **PLAIN_NVFP4)),
    "nvfp4": ("nvfp4", layers(whole("U8", 256), **NVFP4, comfy_quant=note(format="nvfp4"))),
    "mxfp8": ("mxfp8", layers(whole("F8_E4M3"), weight_scale=SWIZZLED_MXFP8, comfy_quant=note(format="mxfp8"))),
    "int8": ("int8", layers(whole("I8"), weight_scale=EACH_ROW_UPRIGHT, comfy_quant=INT8)),
    "int8_convrot": ("int8_convrot", layers(whole("I8"), weight_scale=EACH_ROW_UPRIGHT, comfy_quant=CONVROT)),
    "convrot_w4a4": (
        "convrot_w4a4",
        layers(whole("I8", 256), weight_scale=EACH_ROW, comfy_quant=note(format="convrot_w4a4")),
    ),
    "asym_w4a8_int8": (
        "asym_w4a8_int8",
        layers(whole("I8", 256), **W4A8, comfy_quant=note(format="asym_w4a8_int8", group_size=16)),
    ),
}


def read(path: Path, tensors: Tensors, **metadata: str) -> Layout:
    return layout_of(header_of(write_weights(path / "model.safetensors", tensors, metadata)))


@pytest.mark.parametrize("which", LAYOUTS)
def test_a_layout_is_told_by_its_header(which: str, tmp_path: Path) -> None:
    name, tensors = LAYOUTS[which]

    found = read(tmp_path, tensors)

    assert (found.name, found.weights) == (name, (3 if which == "fp8mixed" else 2) * (ROWS * COLUMNS + ROWS))
    assert found.bytes == sum(math.prod(told.shape) * BITS[told.dtype] // 8 for told in tensors.values())


def test_what_the_metadata_tells_of_layers_counts_as_what_stands_beside_them(tmp_path: Path) -> None:
    told = json.dumps(
        {"format_version": "1.0", "layers": {"layers.0.mlp": {"format": "int8_tensorwise", "convrot": True}}}
    )

    found = read(tmp_path, layer(whole("I8"), weight_scale=Told("F32", (ROWS, 1))), _quantization_metadata=told)

    assert found.name == "int8_convrot"
    assert found.packed["layers.0.mlp.weight"].rotation == 256


PACKED = [which for which in LAYOUTS if which not in ("bf16", "fp16", "fp32", "plain fp8")]
MAY_LACK = ("input_scale", "scale_input", "weight_codebook")
"""What a layout does without; but FLUX.2's nvfp4 is told from ComfyUI's by its input_scale."""


@pytest.mark.parametrize("which", PACKED)
def test_a_tensor_that_is_missing_left_over_or_of_another_shape_is_named(which: str, tmp_path: Path) -> None:
    _, tensors = LAYOUTS[which]
    foreign = "weight_scale_2" if which == "asym_w4a8_int8" else "weight_s_channel"
    for scale in [
        name for name in tensors if name.startswith("layers.0.mlp.") and not name.endswith(("weight", "bias"))
    ]:
        told, elsewhere = tensors[scale], scale.replace("layers.0", "layers.7")
        rest = {name: told for name, told in tensors.items() if name != scale}
        broken: dict[str, Tensors] = {
            "another shape": rest | {scale: Told(told.dtype, (3, 7))},
            "left over": tensors | {elsewhere: told},
            "renamed": rest | {elsewhere: told},
            "another layout's": tensors
            | {f"layers.0.mlp.{foreign}": EACH_ROW if foreign == "weight_s_channel" else SCALAR},
            "beside plain numbers": tensors | layer(whole("BF16"), 7) | {elsewhere: told},
            "of whole numbers": rest | {scale: Told("I64", told.shape)},
        }
        if not scale.endswith(MAY_LACK) or which == "FLUX.2's nvfp4":
            broken |= {"missing": rest}
        for tensors_now in broken.values():
            with pytest.raises(InvalidInput, match=r"layers\.[07]\.mlp"):
                read(tmp_path, tensors_now)


TURNED_BY_200 = {"format": "int8_tensorwise", "convrot": True, "convrot_groupsize": 200}


@pytest.mark.parametrize(
    ("tensors", "says"),
    [
        (layers(whole("I8"), weight_scale=EACH_ROW), "nothing says what they mean"),
        (layers(whole("U8", 256), **NVFP4, input_scale=SCALAR), r"bfl_nvfp4 has \[160, 32\]"),
        (layers(whole("U8")), "U8, and nothing says"),
        (layer(whole("F8_E4M3"), weight_scale=SCALAR) | layer(whole("F8_E4M3"), 1), "fp8 without a scale"),
        (layers(whole("F8_E4M3"), scale_weight=SCALAR), "no tensor scaled_fp8"),
        (layers(whole("I8"), weight_scale=SCALAR, comfy_quant=note(format="w6a8_int8")), "'w6a8_int8', which nobody"),
        (layers(whole("I8"), weight_scale=SCALAR, comfy_quant=note(format="int8_tensorwise", zeros=3)), "'zeros'"),
        (layers(whole("F8_E4M3"), weight_scale=SCALAR, comfy_quant=Told("U8", (3,), b"{{{")), "must hold JSON"),
        (layers(whole("I8"), weight_scale=SCALAR, comfy_quant=note(**TURNED_BY_200)), "200 columns"),
        ({"a.wscales": SCALAR, "a.qweight": whole("I8")}, "SVDQuant"),
        ({"a.weight": whole("U8"), "a.weight.quant_state.bitsandbytes__nf4": Told("U8", (9,))}, "nf4"),
        ({"a.weight": whole("I8"), "a.SCB": EACH_ROW}, "bitsandbytes' int8"),
        ({"a.qweight": Told("I32", (4, 4)), "a.qzeros": Told("I32", (4, 4))}, "GPTQ or AWQ"),
        ({"a.weight": whole("F8_E4M3"), "a.weight_scale_inv": Told("F32", (2, 4))}, "DeepSeek"),
    ],
)
def test_what_nobody_here_can_unpack_is_refused_by_name(tensors: Tensors, says: str, tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match=says):
        read(tmp_path, tensors)


def test_a_model_that_calls_itself_svdquant_is_refused(tmp_path: Path) -> None:
    said = {
        "quantization_config": json.dumps({"method": "svdquant"}),
        "model_class": "NunchakuQwenImageTransformer2DModel",
    }
    with pytest.raises(InvalidInput, match="SVDQuant"):
        read(tmp_path, layer(whole("BF16")), **said)


WORDS = [
    "model.diffusion_model",
    "layers",
    "0",
    "1",
    "mlp",
    "attn",
    "qkv",
    "weight",
    "bias",
    "weight_scale",
    "weight_scale_2",
    "scale_weight",
    "comfy_quant",
    "scaled_fp8",
    "input_scale",
    "weight_s_rel",
    "weight_s_channel",
    "double_blocks",
    "img_in",
    "norm",
    "scale",
    "linear",
    "shared",
    "lora_A",
]
TELLING = [
    "model.diffusion_model.input_blocks.0.0.weight",
    "double_blocks.0.img_attn.norm.key_norm.scale",
    "img_in.weight",
    "txt_norm.weight",
    "final_layer.linear.weight",
    "transformer_blocks.0.attn.add_k_proj.weight",
    "x_embedder.weight",
    "layers.0.adaLN_modulation.0.weight",
    "single_transformer_blocks.0.attn.to_q.weight",
    "decoder.conv_in.weight",
    "shared.weight",
    "bn.running_mean",
    "encoder.conv1.weight",
    "encoder.block.23.layer.1.DenseReluDense.wi_1.weight",
    "model.layers.0.self_attn.k_proj.bias",
    "decoder.middle.0.residual.0.gamma",
    "model.layers.0.post_attention_layernorm.weight",
]
NAMES = st.one_of(
    st.sampled_from(TELLING),
    st.lists(st.sampled_from(WORDS), min_size=1, max_size=5).map(".".join),
    st.text(max_size=12),
).filter(lambda name: name != "__metadata__")
TOLD = st.builds(
    Told,
    st.sampled_from(["F32", "BF16", "F8_E4M3", "F8_E8M0", "I8", "U8", "I32", "I64"]),
    st.lists(st.sampled_from([0, 1, 2, 4, 9, 16, 64]), max_size=4).map(tuple),
    st.none() | st.binary(max_size=1),
)


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.dictionaries(NAMES, TOLD, max_size=8),
    st.sampled_from(["", "z_image", "sdxl", "lama"]),
)
def test_any_set_of_tensors_is_a_model_or_refused(tmp_path: Path, tensors: Tensors, named: str) -> None:
    path = write_weights(tmp_path / "model.safetensors", tensors)
    for look in (lambda: inspect(path), lambda: identify(path, named)):
        _answers_or_refuses(look)


KEYS = st.sampled_from(["dtype", "shape", "data_offsets", "__metadata__", "a.weight"])
JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**70), 2**70) | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=3),
)


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(JSON)
def test_any_header_is_a_model_or_refused(tmp_path: Path, header: object) -> None:
    text = json.dumps(header).encode()
    path = tmp_path / "model.safetensors"
    path.write_bytes(len(text).to_bytes(8, "little") + text + b"\0" * 64)

    _answers_or_refuses(lambda: inspect(path))


def _answers_or_refuses(look: Callable[[], object]) -> None:
    with contextlib.suppress(InvalidInput):
        look()
