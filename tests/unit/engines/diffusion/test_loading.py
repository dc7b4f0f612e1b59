"""Models in memory are the files they come from: folders, checkpoints, lone transformers, GGUF, LoRAs; and no network ever."""

import dataclasses
import json
import shutil
import socket
from collections.abc import Callable
from pathlib import Path
from typing import Any

import diffusers
import pytest
import torch
from safetensors.torch import save_file

from inlay.engines.diffusion.loading import LoadedModel, load
from inlay.engines.models.beside import DEPTH, Parts
from inlay.engines.models.catalog import Lora, ModelEntry, described
from inlay.engines.models.detect import DEVS, detect, identify
from inlay.engines.models.header import shapes_of
from inlay.errors import Cancelled, InvalidInput, Unsupported
from support import tiny_models, tiny_parts, tiny_words
from support.checkpoints import differing, save_checkpoint
from support.gguf_files import write_gguf

pytestmark = pytest.mark.slow


PARTS = {"safety_checker": None, "feature_extractor": None, "requires_safety_checker": False}

Made = dict[str, Any]


@pytest.fixture(scope="module")
def folders(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    """A tiny model of a family as a diffusers folder, made once."""
    root = tmp_path_factory.mktemp("models")

    def folder(name: str) -> Path:
        place = root / name
        return place if place.exists() else tiny_models.saved(name, place)

    return folder


@pytest.fixture
def sd15(folders: Callable[[str], Path]) -> LoadedModel:
    """A fresh one: LoRAs change weights."""
    return load(described(folders("sd15"), "sd15"))


def checkpoint_components(family: str, channels: int) -> Made:
    made: Made = getattr(tiny_models, family)(channels)
    if family == "sdxl":  # its two encoders are told apart by width
        made["text_encoder_2"] = tiny_words.clip_encoder(made["tokenizer"], 48, projected=True)
    return made


def base_of(made: Made, place: Path) -> Path:
    """A diffusers folder of the family without weights: configurations and tokenizers."""
    xl = "text_encoder_2" in made
    pipeline: Any = getattr(diffusers, "StableDiffusionXLPipeline" if xl else "StableDiffusionPipeline")
    pipeline(**made, **({} if xl else PARTS)).save_pretrained(place)
    for weights in place.glob("*/*.safetensors"):
        weights.unlink()
    return place


def beside(family: str, place: Path) -> Parts:
    """What a family needs beside its folder."""
    return ((DEPTH, str(tiny_parts.saved_depth(place.parent / "depth"))),) if family == "flux_depth" else ()


@pytest.mark.parametrize("family", tiny_models.FAMILIES)
def test_a_folder_is_loaded_bit_for_bit(family: str, folders: Callable[[str], Path]) -> None:
    place = folders(family)

    loaded = load(described(place, identify(place).family, parts=beside(family, place)))

    assert loaded.family.name == family
    assert differing(tiny_models.FAMILIES[family](), loaded) == []
    assert not any(module.training for module in loaded.modules.values())
    assert not any(weight.requires_grad for module in loaded.modules.values() for weight in module.parameters())


def test_a_processor_that_needs_torchvision_and_is_shown_no_picture_is_read_as_its_tokenizer(
    folders: Callable[[str], Path], tmp_path: Path
) -> None:
    place = tmp_path / "published"
    shutil.copytree(folders("flux2_dev"), place)
    index = json.loads((place / "model_index.json").read_text())
    index["tokenizer"] = ["transformers", "PixtralProcessor"]
    (place / "model_index.json").write_text(json.dumps(index))

    loaded = load(described(place, "flux2_dev"))

    made = tiny_models.flux2_dev()["tokenizer"]
    assert loaded.components["tokenizer"]("a cat").input_ids == made("a cat").input_ids


@pytest.mark.parametrize("channels", [4, 9])
@pytest.mark.parametrize("family", ["sd15", "sdxl"])
def test_a_checkpoint_is_recognised_and_loaded_bit_for_bit(family: str, channels: int, tmp_path: Path) -> None:
    made = checkpoint_components(family, channels)
    path = save_checkpoint(made, tmp_path / "checkpoint.safetensors")
    base = base_of(checkpoint_components(family, 4), tmp_path / "base")  # whatever the base's UNet sees

    assert identify(path).family == family
    loaded = load(described(path, family, base=base))

    assert loaded.components["unet"].config.in_channels == channels
    assert differing(made, loaded) == []
    assert loaded.components["tokenizer"]("a cat").input_ids == made["tokenizer"]("a cat").input_ids


@pytest.mark.parametrize(
    "family",
    [
        "flux_fill",
        "flux_canny",
        "flux_kontext",
        "flux_dev",
        "flux_schnell",
        "flux2_klein",
        "flux2_dev",
        "qwen_image",
        "qwen_image_21",
        "longcat_edit",
        "fibo_edit",
        "z_image",
    ],
)
def test_a_lone_transformer_takes_the_rest_from_its_base(
    family: str, folders: Callable[[str], Path], tmp_path: Path
) -> None:
    made = tiny_models.FAMILIES[family]()
    path = tmp_path / "transformer.safetensors"
    save_file({name: tensor.contiguous() for name, tensor in made["transformer"].state_dict().items()}, path)

    detected = detect(shapes_of(path), path)
    loaded = load(described(path, family, base=folders(family)))

    assert family in detected.families
    assert not detected.whole
    assert differing(made, loaded) == []


def test_files_of_families_that_share_their_tensors_have_to_be_named(tmp_path: Path) -> None:
    path = tmp_path / "qwen.safetensors"
    transformer = tiny_models.qwen_image()["transformer"]
    save_file({name: tensor.contiguous() for name, tensor in transformer.state_dict().items()}, path)

    with pytest.raises(InvalidInput, match="qwen_image and qwen_image_edit; say which with --family"):
        identify(path)
    assert identify(path, "qwen_image_edit").family == "qwen_image_edit"
    with pytest.raises(InvalidInput, match="are of qwen_image or qwen_image_edit"):
        identify(path, "sdxl")


@pytest.mark.parametrize(
    ("shapes", "family"),
    [
        ({"double_blocks.0.img_attn.norm.key_norm.scale": (128,), "img_in.weight": (3072, 384)}, "flux_fill"),
        (
            {
                "double_blocks.0.img_attn.norm.key_norm.scale": (128,),
                "img_in.weight": (3072, 64),
                "guidance_in.in_layer.weight": (3072, 256),
            },
            "flux_kontext",
        ),
        (
            {
                "double_blocks.0.img_attn.norm.key_norm.scale": (128,),
                "img_in.weight": (3072, 64),
                "vector_in.in_layer.weight": (3072, 768),
            },
            "flux_schnell",
        ),
        ({"model.diffusion_model.single_stream_modulation.lin.weight": (1, 1)}, "flux2_klein"),
        (
            {
                "single_stream_modulation.lin.weight": (1, 1),
                "guidance_in.in_layer.weight": (6144, 256),
            },
            "flux2_dev",
        ),
        ({"txt_in.text_norm.weight": (1,), "transformer_blocks.0.attn.to_q.weight": (1, 1)}, "qwen_image_21"),
        ({"layers.0.adaLN_modulation.0.weight": (1, 1), "cap_embedder.0.weight": (1,)}, "z_image"),
        (
            {
                "model.diffusion_model.input_blocks.0.0.weight": (320, 9, 3, 3),
                "model.diffusion_model.label_emb.0.0.weight": (1280, 2816),
                "conditioner.embedders.0.transformer.text_model.final_layer_norm.weight": (768,),
            },
            "sdxl",
        ),
    ],
)
def test_original_layouts_at_full_size_are_recognised(shapes: dict[str, tuple[int, ...]], family: str) -> None:
    assert detect(shapes, Path("model.safetensors")).families == (DEVS if family == "flux_kontext" else (family,))


@pytest.mark.parametrize(
    "shapes",
    [
        {"model.diffusion_model.input_blocks.0.0.weight": (320, 5, 3, 3)},  # depth
        {
            "model.diffusion_model.input_blocks.0.0.weight": (320, 4, 3, 3),
            "cond_stage_model.model.token_embedding.weight": (49408, 1024),  # Stable Diffusion 2
        },
        {"double_blocks.0.img_attn.norm.key_norm.scale": (128,), "img_in.weight": (3072, 128)},  # FLUX with a control
        {"double_blocks.0.img_attn.norm.key_norm.scale": (128,), "img_in.weight": (3072, 64)},  # Chroma
        {"backbone.conv.weight": (8, 3, 3, 3)},
    ],
)
def test_files_of_other_families_are_refused(shapes: dict[str, tuple[int, ...]]) -> None:
    with pytest.raises(InvalidInput, match="none of the families"):
        detect(shapes, Path("model.safetensors"))


@pytest.mark.parametrize("damage", [b"", b"\xff" * 64, b"\x08\0\0\0\0\0\0\0not json"])
def test_a_damaged_file_is_refused(damage: bytes, tmp_path: Path) -> None:
    path = tmp_path / "model.safetensors"
    path.write_bytes(damage)

    with pytest.raises(InvalidInput, match="whole safetensors file"):
        identify(path)


def test_a_checkpoint_that_is_not_whole_is_refused(tmp_path: Path) -> None:
    made = checkpoint_components("sd15", 4)
    base = base_of(made, tmp_path / "base")
    path = save_checkpoint(made, tmp_path / "whole.safetensors")
    from safetensors.torch import load_file

    tensors = load_file(path)
    del tensors["model.diffusion_model.out.2.bias"]
    short = tmp_path / "short.safetensors"
    save_file(tensors, short)

    with pytest.raises(InvalidInput, match=r"a whole UNet2DConditionModel .* it lacks 1 tensor \(conv_out\.bias\)"):
        load(described(short, "sd15", base=base))


def test_a_lone_transformer_without_a_base_says_what_it_needs(tmp_path: Path) -> None:
    path = tmp_path / "transformer.safetensors"
    transformer = tiny_models.flux_fill()["transformer"]
    save_file({name: tensor.contiguous() for name, tensor in transformer.state_dict().items()}, path)

    with pytest.raises(InvalidInput, match="a single file has no tokenizers; add it with --base FOLDER"):
        load(described(path, "flux_fill"))


def test_a_quantised_gguf_transformer_computes_nearly_what_the_whole_one_does(
    folders: Callable[[str], Path], tmp_path: Path
) -> None:
    whole = tiny_models.flux_fill()["transformer"]
    path = tmp_path / "fill-Q8_0.gguf"
    write_gguf(whole.state_dict(), path)

    assert identify(path).family == "flux_fill"
    loaded = load(described(path, "flux_fill", base=folders("flux_fill")))

    torch.manual_seed(0)
    inputs = {
        "hidden_states": torch.randn(1, 16, whole.config.in_channels),
        "encoder_hidden_states": torch.randn(1, 4, 32),
        "pooled_projections": torch.randn(1, 32),
        "timestep": torch.tensor([0.5]),
        "guidance": torch.tensor([3.5]),
        "img_ids": torch.zeros(16, 3),
        "txt_ids": torch.zeros(4, 3),
    }
    with torch.no_grad():
        expected, got = whole(**inputs).sample, loaded.denoiser(**inputs).sample
    assert (got - expected).abs().max() < 0.05 * expected.abs().max()
    assert not torch.equal(got, expected)


@pytest.mark.parametrize("quantization", ["nf4", "int8", "torchao-int8"])
def test_a_quantisation_whose_library_is_missing_says_which(
    quantization: str, folders: Callable[[str], Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("importlib.util.find_spec", {}.get)
    entry = dataclasses.replace(described(folders("sd15"), "sd15"), quantization=quantization)

    with pytest.raises(Unsupported, match=r"pip install (bitsandbytes|torchao)"):
        load(entry)


def test_nothing_is_asked_from_the_network(
    folders: Callable[[str], Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_network(*_: object, **__: object) -> None:
        raise AssertionError("the network was asked")

    made = checkpoint_components("sd15", 4)
    base = base_of(made, tmp_path / "base")
    path = save_checkpoint(made, tmp_path / "checkpoint.safetensors")
    monkeypatch.setattr(socket, "getaddrinfo", no_network)
    monkeypatch.setattr(socket.socket, "connect", no_network)

    for family in tiny_models.FAMILIES:
        load(described(folders(family), family))
    load(described(path, "sd15", base=base))


def test_loading_tells_each_part_and_stops_between_them_when_cancelled(folders: Callable[[str], Path]) -> None:
    told: list[str] = []

    def check() -> None:
        if len(told) == 2:
            raise Cancelled

    with pytest.raises(Cancelled):
        load(described(folders("sd15"), "sd15"), tell=told.append, check=check)

    assert told == ["scheduler (1 of 5)", "text_encoder (2 of 5)"]


@pytest.mark.parametrize(("dtype", "expected"), [("auto", torch.float32), ("bfloat16", torch.bfloat16)])
def test_weights_have_the_dtype_of_the_entry(dtype: str, expected: torch.dtype, folders: Callable[[str], Path]) -> None:
    loaded = load(dataclasses.replace(described(folders("sd15"), "sd15"), dtype=dtype))

    assert {weight.dtype for module in loaded.modules.values() for weight in module.parameters()} == {expected}


UNET_LAYER = "down_blocks.0.attentions.0.transformer_blocks.0.attn1.to_q"
TEXT_LAYER = "encoder.layers.0.self_attn.q_proj"


def lora_tensors(kind: str, unet: torch.nn.Parameter, text: torch.nn.Parameter) -> dict[str, torch.Tensor]:
    """Rank 2 changes of one layer each, in the ways in which LoRA files name them; alpha 1, so scaled by a half."""
    generator = torch.Generator().manual_seed(1)
    layers = {"unet": (UNET_LAYER, unet), "text_encoder": (f"text_model.{TEXT_LAYER}", text)}
    tensors: dict[str, torch.Tensor] = {}
    for component, (layer, weight) in layers.items():
        down = torch.randn(2, weight.shape[1], generator=generator)
        up = torch.randn(weight.shape[0], 2, generator=generator)
        if kind == "kohya":
            name = f"{'lora_unet' if component == 'unet' else 'lora_te'}_{layer.replace('.', '_')}"
            tensors |= {
                f"{name}.lora_down.weight": down,
                f"{name}.lora_up.weight": up,
                f"{name}.alpha": torch.tensor(1.0),
            }
        elif kind == "peft":
            tensors |= {f"{component}.{layer}.lora_A.weight": down, f"{component}.{layer}.lora_B.weight": up / 2}
        else:
            old = (
                layer.replace(".to_q", ".processor.to_q_lora") if component == "unet" else f"{layer}.lora_linear_layer"
            )
            tensors |= {f"{component}.{old}.down.weight": down, f"{component}.{old}.up.weight": up / 2}
    return tensors


@pytest.mark.parametrize("kind", ["peft", "diffusers", "kohya"])
def test_a_lora_changes_the_weights_as_its_file_says_and_comes_off_without_a_trace(
    kind: str, sd15: LoadedModel, tmp_path: Path
) -> None:
    unet = sd15.modules["unet"].get_parameter(f"{UNET_LAYER}.weight")
    text = sd15.modules["text_encoder"].get_parameter(f"{TEXT_LAYER}.weight")
    path = tmp_path / "style.safetensors"
    save_file(lora_tensors(kind, unet, text), path)
    generator = torch.Generator().manual_seed(1)
    expected = []
    for weight in (unet, text):
        down = torch.randn(2, weight.shape[1], generator=generator)
        up = torch.randn(weight.shape[0], 2, generator=generator)
        expected.append(weight.clone() + 0.8 * 0.5 * (up @ down))

    sd15.wear((Lora(str(path), 0.8),))
    torch.testing.assert_close(unet.detach(), expected[0])
    torch.testing.assert_close(text.detach(), expected[1])

    sd15.wear(())
    assert differing(tiny_models.sd15(), sd15) == []


def test_a_lora_of_the_entry_is_in_the_weights_that_are_loaded(folders: Callable[[str], Path], tmp_path: Path) -> None:
    made = tiny_models.sd15()
    weight = made["unet"].get_parameter(f"{UNET_LAYER}.weight")
    path = tmp_path / "style.safetensors"
    save_file(
        {
            f"unet.{UNET_LAYER}.lora_A.weight": torch.ones(1, weight.shape[1]),
            f"unet.{UNET_LAYER}.lora_B.weight": torch.ones(weight.shape[0], 1),
        },
        path,
    )

    loaded = load(described(folders("sd15"), "sd15", loras=(Lora(str(path), 0.25),)))

    assert differing(made, loaded) == [f"unet.{UNET_LAYER}.weight"]
    torch.testing.assert_close(loaded.modules["unet"].get_parameter(f"{UNET_LAYER}.weight"), weight + 0.25)


def test_a_lora_for_another_model_is_refused_and_leaves_the_weights_alone(sd15: LoadedModel, tmp_path: Path) -> None:
    foreign, unfit = tmp_path / "foreign.safetensors", tmp_path / "unfit.safetensors"
    save_file({"unet.nowhere.lora_A.weight": torch.ones(1, 4), "unet.nowhere.lora_B.weight": torch.ones(4, 1)}, foreign)
    save_file(
        {f"unet.{UNET_LAYER}.lora_A.weight": torch.ones(1, 3), f"unet.{UNET_LAYER}.lora_B.weight": torch.ones(5, 1)},
        unfit,
    )

    with pytest.raises(InvalidInput, match="none of its tensors belongs to this model"):
        sd15.wear((Lora(str(foreign)),))
    with pytest.raises(InvalidInput, match="it is for another model"):
        sd15.wear((Lora(str(unfit)),))

    assert differing(tiny_models.sd15(), sd15) == []


def test_an_unknown_family_is_named(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="family is nonsense; it must be one of"):
        load(ModelEntry("m", "nonsense", str(tmp_path), "folder", "0"))
