"""What lies beside a model and steers it, IP-Adapters, their encoder and ControlNets: which a file or folder is, by its papers."""

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from inlay import structure
from inlay.engines.models.header import header_of
from inlay.errors import InlayError

IP_ADAPTER, IP_ADAPTER_FACE, IMAGE_ENCODER = "ip_adapter", "ip_adapter_face", "image_encoder"
"""Files of IP-Adapters, which have a UNet look at pictures: any, or of faces; and what reads those, CLIP: a file or folder."""

CONTROLNET = "controlnet"
"""A ControlNet for every kind of structure (Union), a file or folder; `controlnet_edges` and so on: one for that kind."""

_KINDS: Mapping[str, tuple[str, ...]] = {
    structure.DEPTH: ("depth",),
    structure.POSE: ("pose",),
    structure.SOFT_EDGES: ("softedge", "soft_edge", "hed", "pidi", "scribble"),
    structure.EDGES: ("canny",),
    structure.LINES: ("lineart", "mlsd"),
    structure.TILE: ("tile",),
}
"""What the names of ControlNets say of the structure that they were trained on; no tensor does."""

_BY_WORDS = {768: "sd15", 2048: "sdxl"}
"""Families by the width of the words that their layers attend to."""


class Steering(NamedTuple):
    """part: as in `models.toml`. families: that it fits."""

    part: str
    families: frozenset[str]


def controlnet_for(kind: str) -> str:
    """The part that knows one kind of structure."""
    return f"{CONTROLNET}_{kind}"


PARTS = (
    IP_ADAPTER,
    IP_ADAPTER_FACE,
    IMAGE_ENCODER,
    CONTROLNET,
    *(controlnet_for(kind) for kind in structure.STRUCTURES),
    controlnet_for(structure.TILE),
)

_UNION_KINDS = 6
"""So many a ControlNet-Union knows that does not say; ProMax knows two more, the first of which are tiles."""


def knows_tiles(parts: Iterable[tuple[str, str]]) -> bool:
    """Whether one of a model's parts, by name and place, holds a finished picture to its draft: one for tiles, or Union ProMax."""
    return any(
        part == controlnet_for(structure.TILE) or (part == CONTROLNET and _kinds_of(Path(place)) > _UNION_KINDS)
        for part, place in parts
    )


def _kinds_of(place: Path) -> int:
    """How many kinds a ControlNet-Union knows, by its papers or its shapes; 0 for anything else."""
    if place.is_dir():
        paper = _paper(place / "config.json")
        return paper.get("num_control_type", _UNION_KINDS) if paper.get("_class_name") == "ControlNetUnionModel" else 0
    try:
        return header_of(place).shapes.get("task_embedding", (0,))[0]
    except (InlayError, OSError):
        return 0


def steering_at(place: Path) -> Steering | None:
    """What a file, or a folder as diffusers and transformers save one, is; None for anything else."""
    try:
        return _of_folder(place) if place.is_dir() else _of_shapes(header_of(place).shapes, place.name)
    except (InlayError, OSError):
        return None


def _of_folder(place: Path) -> Steering | None:
    paper = _paper(place / "config.json")
    if paper.get("model_type") == "clip_vision_model":
        return Steering(IMAGE_ENCODER, frozenset(_BY_WORDS.values()))
    match paper.get("_class_name"):
        case "ZImageControlNetModel":
            return Steering(CONTROLNET, frozenset({"z_image"}))
        case "ControlNetUnionModel" | "ControlNetModel" as said:
            part = CONTROLNET if said == "ControlNetUnionModel" else _part_named(place.name)
            family = _BY_WORDS.get(paper.get("cross_attention_dim", 0))
            return Steering(part, frozenset({family})) if part and family else None
        case _:
            return None


def _of_shapes(shapes: Mapping[str, tuple[int, ...]], name: str) -> Steering | None:
    if "vision_model.embeddings.class_embedding" in shapes and "visual_projection.weight" in shapes:
        return Steering(IMAGE_ENCODER, frozenset(_BY_WORDS.values())) if "logit_scale" not in shapes else None
    if any(found.startswith(("control_all_x_embedder.", "control_layers.")) for found in shapes):
        return Steering(CONTROLNET, frozenset({"z_image"}))
    looks, controls = "ip_adapter.1.to_k_ip.weight" in shapes, _has_hint(shapes)
    end = "to_k_ip.weight" if looks else "attn2.to_k.weight"
    width = next((shape[1] for found, shape in shapes.items() if found.endswith(end)), 0)
    family = _BY_WORDS.get(width)
    if family is None or not (looks or controls):
        return None
    if looks:
        part = IP_ADAPTER_FACE if "face" in name.lower() else IP_ADAPTER
        return None if _measures_faces(shapes) else Steering(part, frozenset({family}))
    part = CONTROLNET if "task_embedding" in shapes else _part_named(name)
    return Steering(part, frozenset({family})) if part else None


def _has_hint(shapes: Mapping[str, tuple[int, ...]]) -> bool:
    return any(
        name.endswith(("controlnet_cond_embedding.conv_in.weight", "input_hint_block.0.weight")) for name in shapes
    )


def _measures_faces(shapes: Mapping[str, tuple[int, ...]]) -> bool:
    """Whether it reads what InsightFace measures of a face, which is not here."""
    return "image_proj.proj.0.weight" in shapes and "image_proj.proj.3.weight" not in shapes


def _part_named(name: str) -> str:
    """The part by what a ControlNet is called; empty where that says nothing."""
    said = name.lower()
    return next((controlnet_for(kind) for kind, marks in _KINDS.items() if any(mark in said for mark in marks)), "")


def _paper(path: Path) -> dict[str, Any]:
    try:
        read: Any = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        return {}
    return read if isinstance(read, dict) else {}
