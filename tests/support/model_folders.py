"""Folders of models as other programs lay them: real headers, holes for tensors, so that gigabytes take no room."""

import json
import os
import sqlite3
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path

from support.weight_files import Told, write_weights


def z_image(dtype: str = "BF16") -> dict[str, Told]:
    return {
        "layers.0.adaLN_modulation.0.weight": Told(dtype, (15360, 256)),
        "cap_embedder.1.weight": Told(dtype, (3840, 2560)),
        "layers.0.attention.qkv.weight": Told(dtype, (11520, 3840)),
    }


def flux(channels: int = 384) -> dict[str, Told]:
    """FLUX.1 by the channels it sees: 384 Fill."""
    return {
        "double_blocks.0.img_attn.norm.key_norm.scale": Told("BF16", (128,)),
        "img_in.weight": Told("BF16", (3072, channels)),
        "guidance_in.in_layer.weight": Told("BF16", (3072, 256)),
        "final_layer.linear.weight": Told("BF16", (64, 3072)),
    }


def klein(hidden: int = 3072) -> dict[str, Told]:
    return {
        "double_blocks.0.img_attn.norm.key_norm.scale": Told("BF16", (128,)),
        "double_stream_modulation_img.lin.weight": Told("BF16", (hidden * 6, hidden)),
        "single_stream_modulation.lin.weight": Told("BF16", (hidden * 3, hidden)),
        "img_in.weight": Told("BF16", (hidden, 128)),
    }


def qwen_image() -> dict[str, Told]:
    return {
        "transformer_blocks.0.attn.add_k_proj.weight": Told("BF16", (3072, 3072)),
        "txt_norm.weight": Told("BF16", (3584,)),
    }


def sdxl_checkpoint() -> dict[str, Told]:
    """Whole, by the marks that tell it."""
    unet = "model.diffusion_model."
    return {
        f"{unet}input_blocks.0.0.weight": Told("F16", (320, 4, 3, 3)),
        f"{unet}label_emb.0.0.weight": Told("F16", (1280, 2816)),
        "conditioner.embedders.0.transformer.text_model.embeddings.position_ids": Told("I64", (1, 77)),
        "conditioner.embedders.1.model.ln_final.weight": Told("F16", (1280,)),
        "first_stage_model.decoder.conv_in.weight": Told("F16", (512, 4, 3, 3)),
    }


def qwen3(hidden: int) -> dict[str, Told]:
    return {
        "model.layers.0.self_attn.q_norm.weight": Told("BF16", (128,)),
        "model.layers.0.post_attention_layernorm.weight": Told("BF16", (hidden,)),
    }


def t5() -> dict[str, Told]:
    return {
        "encoder.block.23.layer.1.DenseReluDense.wi_1.weight": Told("F16", (10240, 4096)),
        "shared.weight": Told("F16", (32128, 4096)),
    }


def clip_l() -> dict[str, Told]:
    return {"text_model.encoder.layers.0.mlp.fc1.weight": Told("F16", (3072, 768))}


def vae(latents: int) -> dict[str, Told]:
    return {"decoder.conv_in.weight": Told("F32", (512, latents, 3, 3))}


def lora() -> dict[str, Told]:
    return {"lora_unet_down_blocks_1.lora_down.weight": Told("F16", (16, 640))}


def put(root: Path, files: Mapping[str, Mapping[str, Told]]) -> Path:
    """Files of weights by their names below `root`."""
    for name, tensors in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        write_weights(root / name, tensors)
    return root


def diffusers_folder(place: Path, pipeline: str, part: str = "transformer", card: str = "") -> Path:
    """As diffusers saves one. card: the front matter of its README."""
    put(
        place,
        {f"{part}/diffusion_pytorch_model.safetensors": z_image(), "vae/diffusion_pytorch_model.safetensors": vae(16)},
    )
    put(place, {"text_encoder/model.safetensors": qwen3(2560)})
    (place / "model_index.json").write_text(json.dumps({"_class_name": pipeline, part: ["diffusers", "X"]}))
    if card:
        (place / "README.md").write_text(f"---\n{card}\n---\n# A model\n")
    return place


def hugging_face_cache(hub: Path, repository: str, commit: str, pipeline: str, card: str = "") -> Path:
    """A repository as huggingface_hub keeps it: blobs by their hashes, and links to them. The snapshot."""
    kept = hub / f"models--{repository.replace('/', '--')}"
    made = diffusers_folder(kept / "made", pipeline, card=card)
    snapshot = kept / "snapshots" / commit
    (kept / "blobs").mkdir(parents=True)
    (kept / "refs").mkdir()
    (kept / "refs" / "main").write_text(commit)
    for number, file in enumerate(sorted(path for path in made.rglob("*") if path.is_file())):
        blob = kept / "blobs" / f"{number:064x}"
        file.rename(blob)
        link = snapshot / file.relative_to(made)
        link.parent.mkdir(parents=True, exist_ok=True)
        link.symlink_to(os.path.relpath(blob, link.parent))
    for folder in sorted(made.rglob("*"), reverse=True):
        folder.rmdir()
    made.rmdir()
    (kept / "blobs" / "beef.incomplete").write_bytes(b"half")
    return snapshot


def invoke_database(folder: Path, paths: list[str]) -> None:
    """InvokeAI's list of models, in a database that another process may have open."""
    (folder / "databases").mkdir(parents=True)
    with closing(sqlite3.connect(folder / "databases" / "invokeai.db")) as connection:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("CREATE TABLE models (id TEXT PRIMARY KEY, config TEXT NOT NULL)")
        for number, path in enumerate(paths):
            connection.execute(
                "INSERT INTO models VALUES (?, ?)", (str(number), json.dumps({"path": path, "type": "main"}))
            )
        connection.commit()


def ip_adapter(width: int = 2048, **more: tuple[int, ...]) -> dict[str, Told]:
    """By the width of the words that its model reads."""
    shapes = {"ip_adapter.1.to_k_ip.weight": (640, width), "image_proj.proj.weight": (4 * width, 1024), **more}
    return {name: Told("F16", shape) for name, shape in shapes.items()}


def clip_vision() -> dict[str, Told]:
    return {
        "vision_model.embeddings.class_embedding": Told("F16", (1280,)),
        "visual_projection.weight": Told("F16", (1024, 1280)),
    }


def controlnet(width: int = 2048, *, union: bool = False, original: bool = False) -> dict[str, Told]:
    """A ControlNet of SDXL, or 768 of SD 1.5: diffusers' names, or those it had where it was made."""
    hint = "control_model.input_hint_block.0.weight" if original else "controlnet_cond_embedding.conv_in.weight"
    block = "control_model.input_blocks.4.1" if original else "down_blocks.1.attentions.0"
    shapes = {hint: (16, 3, 3, 3), f"{block}.transformer_blocks.0.attn2.to_k.weight": (640, width)}
    if union:
        shapes["task_embedding"] = (8, 320)
    return {name: Told("F16", shape) for name, shape in shapes.items()}
