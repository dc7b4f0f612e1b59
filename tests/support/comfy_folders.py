"""Tiny models as people have them for ComfyUI: each part a file of its own, under the names that it was published with."""

import json
import shutil
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
import torch
from safetensors.torch import save_file
from torch import Tensor

from inlay.engines.diffusion.tokenizers_within import tokenizer_within
from inlay.engines.models import inspection, skeleton
from inlay.engines.models.assembly import LOOKING, TOKENIZERS, assembly_of
from inlay.engines.models.pieces import PIECES, TEKKEN, Piece
from support import tiny_models, tiny_words
from support.checkpoints import vae_tensors
from support.original_names import as_wan, original

Tensors = dict[str, Tensor]


def tiny(family: str) -> dict[str, Any]:
    """A tiny model; CLIP's encoder knows all of CLIP's words, whose tokenizer is shipped; Mistral brings its own."""
    made = tiny_models.FAMILIES[family]()
    if family == "flux2_dev":
        made["tokenizer"] = tekken_tokenizer()
        made["text_encoder"] = tiny_words.mistral3(made["tokenizer"], 16, layers=DEEPER)
    if family.startswith("flux_"):
        made["tokenizer"] = skeleton.clip_tokenizer("<|endoftext|>")
        made["text_encoder"] = tiny_words.clip_encoder(made["tokenizer"], 32)
    return made


LAID_OUT = ("z_image", "flux2_klein", "flux2_dev", "qwen_image_21")
"""Families whose lone transformers have other names than diffusers'."""

READ, DEEPER = 30, 32
"""Layers of Mistral that FLUX.2 reads, with which its published file ends, and those of the whole network."""


def tekken_tokenizer() -> Any:
    """As the makers' folder has it; what it makes of words is tested for itself."""
    with TemporaryDirectory() as folder:
        file = Path(folder) / "encoder.safetensors"
        save_file({TEKKEN: torch.frombuffer(bytearray(tiny_words.tekken()), dtype=torch.uint8)}, file)
        return tokenizer_within(file)


def laid_out(root: Path, family: str, made: dict[str, Any]) -> Path:
    """The model's parts in a ComfyUI's folder, beside the tokenizers that come with ComfyUI. The transformer's file."""
    assembly = assembly_of(family)
    assert assembly
    weights = made["transformer"].state_dict()
    own = original(family, weights) if family in LAID_OUT else weights
    path = _put(root / "models" / "diffusion_models" / f"{family}.safetensors", own)
    for component, piece in assembly.pieces.items():
        folder = "vae" if component == "vae" else "text_encoders"
        _put(root / "models" / folder / PIECES[piece].published, as_published(piece, made[component]))
    for component, name in assembly.tokenizers.items():
        if place := TOKENIZERS[name].place:
            put_tokenizer(root / place, name, made[component] if component in made else made["processor"].tokenizer)
    return path


def as_published(piece: str, module: Any) -> Tensors:
    """A part's tensors under the names that its file has."""
    tensors: Tensors = module.state_dict()
    match piece:
        case "clip_l":
            return {f"text_model.{name.removeprefix('text_model.')}": tensor for name, tensor in tensors.items()}
        case "t5_xxl":
            return {name: tensor for name, tensor in tensors.items() if name != "encoder.embed_tokens.weight"}
        case "qwen3_4b":
            return {name: tensor for name, tensor in tensors.items() if name != "lm_head.weight"}
        case "qwen2_5_vl_7b":
            plain = {name.replace("model.language_model.", "model."): tensor for name, tensor in tensors.items()}
            return {name.replace("model.visual.", "visual."): tensor for name, tensor in plain.items()}
        case "mistral_small_3":
            left = (f"model.layers.{number}." for number in range(READ, DEEPER))
            plain = {name.replace("model.language_model.", "model."): tensor for name, tensor in tensors.items()}
            gone = (*left, "model.norm.", "model.vision_tower.", "model.multi_modal_projector.", "lm_head.")
            words = torch.frombuffer(bytearray(tiny_words.tekken()), dtype=torch.uint8)
            return {name: tensor for name, tensor in plain.items() if not name.startswith(gone)} | {TEKKEN: words}
        case "qwen_image_21":
            return as_wan(tensors)
        case "kl_16":
            return vae_tensors(module)
        case _:
            return tensors


def shrunk(place: Path, monkeypatch: pytest.MonkeyPatch, family: str, made: dict[str, Any]) -> None:
    """Tiny configurations in the place of the shipped ones, which are too large for a test, and tiny parts known by their names."""
    whole = tiny_models.saved(family, place / "whole", made)
    assembly = assembly_of(family)
    assert assembly
    kept = place / "configs"
    for name in ("transformer", "scheduler"):
        shutil.copytree(whole / name, kept / "lone" / family / name, ignore=shutil.ignore_patterns("*.safetensors"))
    shutil.copy(assembly.place / "model_index.json", kept / "lone" / family)
    for component, piece in assembly.pieces.items():
        config = json.loads((whole / component / "config.json").read_text())
        config = config.get("text_config", config) if piece == "mistral_small_3" else config
        shipped = json.loads((skeleton.CONFIGS / "pieces" / piece / "config.json").read_text())
        config |= {name: shipped[name] for name in ("architectures",) if name in shipped}
        (kept / "pieces" / piece).mkdir(parents=True)
        (kept / "pieces" / piece / "config.json").write_text(json.dumps(config))
    if assembly.processor:
        shutil.copy(whole / assembly.processor / LOOKING, kept / "pieces" / assembly.pieces["text_encoder"])
    (kept / "clip").mkdir()
    shutil.copy(skeleton.CONFIGS / skeleton.VOCABULARY, kept / skeleton.VOCABULARY)
    monkeypatch.setattr(skeleton, "CONFIGS", kept)
    monkeypatch.setattr(inspection, "piece_of", _piece_of)


def _piece_of(shapes: dict[str, tuple[int, ...]]) -> Piece | None:
    for mark, piece in (
        (TEKKEN, "mistral_small_3"),
        (f"model.layers.{DEEPER - 1}.mlp.up_proj.weight", "mistral_small_3"),  # as GGUF
        ("shared.weight", "t5_xxl"),
        ("text_model.final_layer_norm.weight", "clip_l"),
        ("model.layers.0.self_attn.q_norm.weight", "qwen3_4b"),
        ("visual.patch_embed.proj.weight", "qwen2_5_vl_7b"),
        ("model.visual.deepstack_merger_list.0.norm.weight", "qwen3_vl_8b"),
        ("decoder.upsamples.0.upsamples.0.residual.0.gamma", "qwen_image_21"),
        ("model.layers.0.self_attn.k_proj.bias", "qwen2_5_vl_7b"),  # as GGUF, without eyes
        ("bn.running_mean", "flux2"),
        ("decoder.mid_block.attentions.0.norm.gamma", "qwen_image"),  # with the names of diffusers
        ("decoder.conv_in.weight", "kl_16"),
    ):
        if mark in shapes:
            return PIECES[piece]
    return None


def put_tokenizer(place: Path, name: str, tokenizer: Any) -> None:
    """As ComfyUI has it: with the class of its first version, and Qwen2.5's way to be spoken to."""
    tokenizer.save_pretrained(place)
    (place / "chat_template.jinja").unlink(missing_ok=True)
    said = json.loads((place / "tokenizer_config.json").read_text())
    said |= {"tokenizer_class": TOKENIZERS[name].kinds[0]}
    if name == "qwen_tokenizer":
        said["chat_template"] = "<|im_start|>system\nYou are a helpful assistant.<|im_end|>\n"
    (place / "tokenizer_config.json").write_text(json.dumps(said))


def _put(path: Path, tensors: Tensors) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    save_file({name: tensor.contiguous().clone() for name, tensor in tensors.items()}, path)
    return path
