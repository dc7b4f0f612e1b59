"""What a file is, how it is stored and what it lacks, in one answer: for denoisers, checkpoints, encoders, VAEs and LoRAs."""

import json
from pathlib import Path

import pytest

from inlay.engines.models.inspection import inspect
from inlay.errors import InvalidInput
from support.weight_files import Told, write_weights

Shapes = dict[str, tuple[int, ...]]

KLEIN: Shapes = {"single_stream_modulation.lin.weight": (16, 16), "img_in.weight": (3072, 128)}
KLEIN_9B: Shapes = KLEIN | {"img_in.weight": (4096, 128)}
QWEN: Shapes = {"transformer_blocks.0.attn.add_k_proj.weight": (16, 16), "txt_norm.weight": (3584,)}
QWEN_2511: Shapes = QWEN | {"__index_timestep_zero__": ()}
SDXL: Shapes = {
    "model.diffusion_model.input_blocks.0.0.weight": (320, 4, 3, 3),
    "model.diffusion_model.label_emb.0.0.weight": (1280, 16),
    "conditioner.embedders.0.transformer.text_model.final_layer_norm.weight": (768,),
}


def weights(place: Path, shapes: Shapes, name: str = "model.safetensors") -> Path:
    return write_weights(place / name, {key: Told("BF16", shape) for key, shape in shapes.items()})


@pytest.mark.parametrize("prefix", ["", "model.diffusion_model.", "diffusion_model."])
@pytest.mark.parametrize(
    ("shapes", "families", "lacks"),
    [
        (KLEIN, ("flux2_klein",), ["qwen_3_4b.safetensors", "flux2-vae.safetensors"]),
        (KLEIN_9B, ("flux2_klein",), ["qwen_3_8b_fp8mixed.safetensors", "flux2-vae.safetensors"]),
        (
            QWEN,
            ("qwen_image", "qwen_image_edit"),
            ["qwen_2.5_vl_7b_fp8_scaled.safetensors", "qwen_image_vae.safetensors"],
        ),
        (
            KLEIN | {"guidance_in.in_layer.weight": (6144, 256)},
            ("flux2_dev",),
            ["mistral_3_small_flux2_fp8.safetensors", "flux2-vae.safetensors"],
        ),
        (
            {"txt_in.text_norm.weight": (4096,), "transformer_blocks.0.attn.to_q.weight": (4096, 4096)},
            ("qwen_image_21",),
            ["qwen3vl_8b_int8_convrot.safetensors", "qwen_image_2.1_vae_bf16.safetensors"],
        ),
        (QWEN_2511, ("qwen_image_edit",), ["qwen_2.5_vl_7b_fp8_scaled.safetensors", "qwen_image_vae.safetensors"]),
    ],
)
def test_a_lone_denoiser_says_what_it_lacks(
    prefix: str, shapes: Shapes, families: tuple[str, ...], lacks: list[str], tmp_path: Path
) -> None:
    found = inspect(weights(tmp_path, {prefix + name: shape for name, shape in shapes.items()}))

    assert (found.role, found.families, found.layout.name) == ("denoiser", families, "bf16")
    assert [piece.published for piece in found.lacks] == lacks
    assert found.lacks_tokenizer


def test_a_whole_checkpoint_lacks_nothing(tmp_path: Path) -> None:
    found = inspect(weights(tmp_path, SDXL))

    assert (found.role, found.families, found.lacks, found.lacks_tokenizer) == ("checkpoint", ("sdxl",), (), False)


def test_a_folder_is_as_its_denoiser_is(tmp_path: Path) -> None:
    (tmp_path / "model_index.json").write_text(json.dumps({"_class_name": "ZImagePipeline"}))
    (tmp_path / "transformer").mkdir()
    weights(tmp_path / "transformer", {"a.weight": (4, 4)}, "model-00001-of-00002.safetensors")
    weights(tmp_path / "transformer", {"b.weight": (2, 4)}, "model-00002-of-00002.safetensors")

    found = inspect(tmp_path)

    assert (found.role, found.families, found.layout.name, found.layout.weights) == ("folder", ("z_image",), "bf16", 24)


@pytest.mark.parametrize(
    ("shapes", "role", "piece"),
    [
        ({"text_model.encoder.layers.0.mlp.fc1.weight": (1, 1)}, "text_encoder", "clip_l"),
        (
            {f"text_model.encoder.layers.{number}.mlp.fc1.weight": (1, 1) for number in (0, 22, 30)},
            "text_encoder",
            "clip_g",
        ),
        ({"encoder.block.23.layer.1.DenseReluDense.wi_1.weight": (10240, 1)}, "text_encoder", "t5_xxl"),
        (
            {"encoder.block.23.layer.1.DenseReluDense.wi_1.weight": (10240, 1), "shared.weight": (256384, 1)},
            "text_encoder",
            "umt5_xxl",
        ),
        ({"model.layers.0.self_attn.k_proj.bias": (512,)}, "text_encoder", "qwen2_5_vl_7b"),
        (
            {"model.layers.0.self_attn.q_norm.weight": (1,), "model.layers.0.post_attention_layernorm.weight": (2560,)},
            "text_encoder",
            "qwen3_4b",
        ),
        ({"model.visual.deepstack_merger_list.0.norm.weight": (1,)}, "text_encoder", "qwen3_vl_8b"),
        ({"decoder.conv_in.weight": (512, 16, 3, 3)}, "vae", "kl_16"),
        ({"decoder.conv_in.weight": (512, 32, 3, 3), "bn.running_mean": (128,)}, "vae", "flux2"),
        ({"decoder.middle.0.residual.0.gamma": (1,), "encoder.conv1.weight": (96, 3, 3, 3, 3)}, "vae", "qwen_image"),
    ],
)
def test_an_encoder_or_vae_that_lies_alone_says_which_it_is(
    shapes: Shapes, role: str, piece: str, tmp_path: Path
) -> None:
    found = inspect(weights(tmp_path, shapes))

    assert found.piece is not None
    assert (found.role, found.piece.name) == (role, piece)


@pytest.mark.parametrize(
    "name",
    [
        "lora_unet_down_blocks_0.lora_down.weight",
        "transformer.blocks.0.lora_A.weight",
        "diffusion_model.layers.0.attention.qkv.lora_A.default.weight",
        "a.hada_w1_a",
        "a.lokr_w1",
    ],
)
def test_a_lora_is_no_model(name: str, tmp_path: Path) -> None:
    assert inspect(weights(tmp_path, {name: (4, 4)})).role == "lora"


@pytest.mark.parametrize(
    "shapes",
    [
        QWEN | {"time_text_embed.addition_t_embedding.weight": (2, 16)},
        QWEN | {"txt_norm.weight": (2560,)},
        {"backbone.conv.weight": (1, 1, 3, 3)},
    ],
    ids=["Qwen-Image-Layered", "Mage-Flow", "nobody"],
)
def test_what_is_of_no_family_here_is_refused(shapes: Shapes, tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="none of the families"):
        inspect(weights(tmp_path, shapes))
