"""Which family a single file of weights belongs to, from the names and shapes of its tensors. No tensor is read.

https://huggingface.co/docs/safetensors: eight bytes with the header's length, then the header as JSON.
"""

import json
import struct
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from inlay.engines.diffusion.families import FAMILIES, family_of
from inlay.errors import InvalidInput

MAX_HEADER_BYTES = 100_000_000
"""As the safetensors library has it."""

_PREFIXES = ("model.diffusion_model.", "diffusion_model.", "transformer.", "")

Shapes = Mapping[str, tuple[int, ...]]


class Detected(NamedTuple):
    """What a file holds. families: those that its tensors cannot tell apart; whoever adds it has to say which."""

    families: tuple[str, ...]
    whole: bool
    """With text encoders and VAE; False: the denoiser alone, and a base folder has to bring the rest."""


def shapes_of(path: Path) -> dict[str, tuple[int, ...]]:
    """The shape of each tensor of a .safetensors or .gguf file. Raises InvalidInput where it is damaged."""
    if path.suffix.lower() == ".gguf":
        return _gguf_shapes(path)
    try:
        with path.open("rb") as file:
            (length,) = struct.unpack("<Q", file.read(8))
            if length > MAX_HEADER_BYTES:
                raise ValueError(f"a header of {length} bytes")
            header: dict[str, dict[str, list[int]]] = json.loads(file.read(length))
        return {name: tuple(facts["shape"]) for name, facts in header.items() if name != "__metadata__"}
    except (OSError, ValueError, struct.error, KeyError, TypeError, AttributeError) as error:
        raise InvalidInput("path", path, f"it must be a whole safetensors file ({error})") from None


def detect(shapes: Shapes, path: Path) -> Detected:
    """The family, or the families that share these tensors. Raises InvalidInput for anything else."""
    for prefix in _PREFIXES:
        own = {name.removeprefix(prefix): shape for name, shape in shapes.items() if name.startswith(prefix)}
        if found := _unet(own, shapes) or _transformer(own):
            return found
    limit = "its tensors are of none of the families SD 1.5, SDXL, FLUX.1, FLUX.2, Qwen-Image, Z-Image"
    raise InvalidInput("path", path, f"{limit}; name one with --family if you know better")


def channels_of(shapes: Shapes) -> int:
    """What the UNet of a checkpoint sees: 4 channels, or 9 for those trained to inpaint."""
    name = next(name for prefix in _PREFIXES if (name := f"{prefix}input_blocks.0.0.weight") in shapes)
    return shapes[name][1]


def _unet(own: Shapes, every: Shapes) -> Detected | None:
    """Stable Diffusion in its original layout."""
    if "input_blocks.0.0.weight" not in own:
        return None
    channels = own["input_blocks.0.0.weight"][1]
    if channels not in (4, 9):
        return None  # depth, pix2pix, upscalers
    if "label_emb.0.0.weight" in own:
        if any(name.startswith("conditioner.embedders.0.model.") for name in every):
            return None  # the refiner has one open encoder only
        whole = any(name.startswith("conditioner.embedders.") for name in every)
        return Detected(("sdxl",), whole)
    if any(name.startswith("cond_stage_model.model.") for name in every):
        return None  # Stable Diffusion 2
    whole = any(name.startswith("cond_stage_model.") for name in every)
    return Detected(("sd15",), whole)


def _transformer(own: Shapes) -> Detected | None:
    if {"single_stream_modulation.lin.weight"} & own.keys() or {"single_stream_modulation.linear.weight"} & own.keys():
        return Detected(("flux2_klein",), False)
    if "double_blocks.0.img_attn.norm.key_norm.scale" in own and "img_in.weight" in own:
        return _flux(own["img_in.weight"][-1], own.get("final_layer.linear.weight", (64,))[0])
    if "transformer_blocks.0.attn.add_k_proj.weight" in own and "txt_norm.weight" in own:
        return Detected(("qwen_image", "qwen_image_edit"), False)
    if "single_transformer_blocks.0.attn.to_q.weight" in own and "x_embedder.weight" in own:
        return _flux(own["x_embedder.weight"][-1], own.get("proj_out.weight", (64,))[0])
    if "layers.0.adaLN_modulation.0.weight" in own and any(name.startswith("cap_embedder.") for name in own):
        return Detected(("z_image",), False)
    return None


def _flux(seen: int, painted: int) -> Detected | None:
    """FLUX.1 by the channels it sees and paints, packed two by two. Fill also sees the masked picture and 256 of mask.

    Kontext's tensors are dev's; dev alone is no family here, so such a file is taken for Kontext, which is an edit model.
    """
    if seen == 2 * painted + 256:
        return Detected(("flux_fill",), False)
    return Detected(("flux_kontext",), False) if seen == painted else None


def _gguf_shapes(path: Path) -> dict[str, tuple[int, ...]]:
    try:
        from gguf import GGUFReader
    except ImportError:
        raise InvalidInput("path", path, "reading a .gguf file needs pip install 'inlay[diffusion]'") from None
    try:
        # GGUF counts dimensions from the innermost; everyone else from the outermost.
        return {tensor.name: tuple(int(side) for side in tensor.shape[::-1]) for tensor in GGUFReader(path).tensors}
    except (OSError, ValueError, IndexError) as error:
        raise InvalidInput("path", path, f"it must be a whole GGUF file ({error})") from None


def family_at(path: Path, named: str = "") -> str:
    """The family of the model at `path`, a diffusers folder or one file of weights.

    named: what the user says it is; believed where the files cannot tell. Raises InvalidInput where nobody can.
    """
    if named and named not in FAMILIES:
        raise InvalidInput("--family", named, f"it must be one of {', '.join(FAMILIES)}")
    if path.is_dir():
        found = list(_families_of_folder(path))
    else:
        try:
            found = list(detect(shapes_of(path), path).families)
        except InvalidInput:
            if not named:
                raise
            found = [named]
    if named:
        if named not in found:
            raise InvalidInput("--family", named, f"the files of {path} are of {' or '.join(found)}")
        return named
    if len(found) > 1:
        limit = f"its tensors fit {' and '.join(found)}; say which with --family"
        raise InvalidInput("path", path, limit)
    return found[0]


def _families_of_folder(path: Path) -> tuple[str, ...]:
    try:
        pipeline = str(json.loads((path / "model_index.json").read_text(encoding="utf-8"))["_class_name"])
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise InvalidInput("path", path, f"its model_index.json must be diffusers' ({error})") from None
    found = family_of(pipeline)
    if found is None:
        known = ", ".join(facts.title for facts in FAMILIES.values())
        raise InvalidInput("path", path, f"{pipeline} is of no family that is known here: {known}")
    return (found.name,)
