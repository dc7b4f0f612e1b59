"""What a file or folder of weights is, from the names and shapes of its tensors. No tensor is read."""

import json
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple, cast

from inlay.engines.models.diffusion_families import DIFFUSION
from inlay.engines.models.eraser_families import eraser_of
from inlay.engines.models.families import family_named
from inlay.engines.models.foreign_layouts import foreign_part
from inlay.engines.models.header import Header, header_of
from inlay.engines.models.layouts import layout_of
from inlay.engines.models.transformers_folder import family_in
from inlay.engines.models.upscaler_families import upscaler_of
from inlay.engines.models.video_families import BY_DIFFUSERS, families_of_index
from inlay.errors import InvalidInput

PREFIXES = ("model.diffusion_model.", "diffusion_model.", "transformer.", "")

QWEN_2511 = "__index_timestep_zero__"
"""A tensor of no meaning but that of its name: references are looked at as of the last step."""

Shapes = Mapping[str, tuple[int, ...]]


MAPPED, DEVS, PAINTERS = ("flux_canny", "flux_depth"), ("flux_kontext", "flux_dev"), ("flux_dev", "flux_schnell")
QWENS = ("qwen_image", "qwen_image_edit")
"""Families whose networks have the same tensors; whose files have; whose folders have the same pipeline; whose files have."""


RESTYLED = "flux_dev"
"""What a LoRA makes one of MAPPED of."""


class Detected(NamedTuple):
    """What a file holds. families: those that its tensors cannot tell apart; whoever adds it has to say which."""

    families: tuple[str, ...]
    whole: bool
    """With text encoders and VAE; False: the denoiser alone, and a base folder has to bring the rest."""


class Identity(NamedTuple):
    """What a model is. whole: as in Detected; a folder is."""

    family: str
    whole: bool


def detect(shapes: Shapes, path: Path) -> Detected:
    """The family, or the families that share these tensors. Raises InvalidInput for anything else."""
    for prefix in PREFIXES:
        own = {name.removeprefix(prefix): shape for name, shape in shapes.items() if name.startswith(prefix)}
        if found := _unet(own, shapes) or _transformer(own):
            return found
    if facts := eraser_of(shapes) or upscaler_of(shapes):
        return Detected((facts.name,), True)
    known = (
        "SD 1.5, SDXL, FLUX.1, FLUX.2, Qwen-Image, Qwen-Image-2.1, LongCat, FIBO-Edit, Z-Image, LaMa, MAT, upscalers"
    )
    limit = f"its tensors are of none of the families {known}"
    raise InvalidInput("path", path, f"{limit}; name one with --family if you know better")


def channels_of(shapes: Shapes) -> int:
    """What the UNet of a checkpoint sees: 4 channels, or 9 for those trained to inpaint."""
    name = next(name for prefix in PREFIXES if (name := f"{prefix}input_blocks.0.0.weight") in shapes)
    return shapes[name][1]


def _unet(own: Shapes, every: Shapes) -> Detected | None:
    """Stable Diffusion in its original layout."""
    if "input_blocks.0.0.weight" not in own:
        return None
    channels = own["input_blocks.0.0.weight"][1:2]
    if channels not in ((4,), (9,)):
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
    if {"single_stream_modulation.lin.weight", "single_stream_modulation.linear.weight"} & own.keys():
        guided = {"guidance_in.in_layer.weight", "time_guidance_embed.guidance_embedder.linear_1.weight"} & own.keys()
        return Detected(("flux2_dev" if guided else "flux2_klein",), False)
    if "txt_in.text_norm.weight" in own and "transformer_blocks.0.attn.to_q.weight" in own:
        return Detected(("qwen_image_21",), False)
    if "double_blocks.0.img_attn.norm.key_norm.scale" in own and "img_in.weight" in own:
        guided, pooled = "guidance_in.in_layer.weight" in own, "vector_in.in_layer.weight" in own
        return _flux(own["img_in.weight"][-1:], own.get("final_layer.linear.weight", (64,))[:1], guided, pooled)
    if "transformer_blocks.0.attn.add_k_proj.weight" in own and "txt_norm.weight" in own:
        return _qwen(own)
    if {"single_transformer_blocks.0.attn.to_q.weight", "time_embed.timestep_embedder.linear_1.weight"} <= own.keys():
        fibo = "caption_projection.0.linear.weight" in own
        return Detected(("fibo_edit" if fibo else "longcat_edit",), False)
    if "single_transformer_blocks.0.attn.to_q.weight" in own and "x_embedder.weight" in own:
        words = "time_text_embed.{}_embedder.linear_1.weight"
        guided, pooled = words.format("guidance") in own, words.format("text") in own
        return _flux(own["x_embedder.weight"][-1:], own.get("proj_out.weight", (64,))[:1], guided, pooled)
    if "layers.0.adaLN_modulation.0.weight" in own and any(name.startswith("cap_embedder.") for name in own):
        return Detected(("z_image",), False)
    return None


def _qwen(own: Shapes) -> Detected | None:
    """Qwen-Image and its editors of 2025; 2511 alone has a mark."""
    if "time_text_embed.addition_t_embedding.weight" in own or own["txt_norm.weight"] == (2560,):
        return None  # Layered; Mage-Flow
    return Detected(QWENS[1:] if QWEN_2511 in own else QWENS, False)


def qwen_edit_of(header: Header) -> tuple[dict[str, str], dict[str, bool]]:
    """What a lone Qwen-Image-Edit says of itself: the pipeline that it was trained for, and what of its configuration differs.

    2511 by its mark; 2509, which looks at several pictures too, by its name; any other file is the first, which looks at one.
    """
    latest = any(name.endswith(QWEN_2511) for name in header.tensors)
    several = latest or any(year in header.path.name for year in ("2509", "2511"))
    told = {} if several else {"_class_name": "QwenImageEditPipeline"}
    return told, {"zero_cond_t": True} if latest else {}


def _flux(seen: Sequence[int], painted: Sequence[int], guided: bool, pooled: bool) -> Detected | None:
    """FLUX.1 by the channels it sees and paints, packed two by two. Fill also sees the masked picture and 256 of mask.

    guided: guidance is an input of it, as of dev and of Kontext, which has dev's tensors; schnell has none.
    pooled: so are CLIP's words; of Chroma not.
    """
    if not seen or not painted:
        return None
    if seen[0] == 2 * painted[0] + 256:
        return Detected(("flux_fill",), False)
    if seen[0] == 2 * painted[0] and guided:
        return Detected(MAPPED, False)
    if seen != painted or not (guided or pooled):
        return None
    return Detected(DEVS if guided else ("flux_schnell",), False)


def told_apart(families: tuple[str, ...], path: Path, metadata: Mapping[str, str] | None = None) -> tuple[str, ...]:
    """The one of families with the same tensors that a file or folder says it is; `families` where it says nothing, or several.

    By its name, the Hub's too; by its metadata (https://github.com/Stability-AI/ModelSpec); folders by their configuration.
    """
    if families == PAINTERS:
        return (families[0],) if _paper(path / "transformer" / "config.json").get("guidance_embeds") else (families[1],)
    about = metadata or {}
    names = (path.stem if path.is_file() else path.name, path.parent.parent.name if path.is_dir() else "")
    said = [*names, about.get("modelspec.architecture", ""), about.get("modelspec.title", "")]
    plain = [re.sub(r"[^a-z0-9]", "", text.lower()) for text in said]
    if families == MAPPED:
        told = tuple(family for family in families if any(family.removeprefix("flux_") in text for text in plain))
    elif families == QWENS:
        told = QWENS[1:] if any("edit" in text for text in plain) else ()
    elif families == DEVS:  # Kontext is called dev as well
        kontext = any("kontext" in text for text in plain)
        told = DEVS[:1] if kontext else DEVS[1:] if any(re.search("flux1?dev", text) for text in plain) else ()
    else:
        told = ()
    return told if len(told) == 1 else families


def _paper(path: Path) -> Mapping[str, Any]:
    try:
        read: Any = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        return {}
    return cast(dict[str, Any], read) if isinstance(read, dict) else {}


def identify(path: Path, named: str = "") -> Identity:
    """What the model at `path` is, a diffusers folder or one file of weights.

    named: what the user says it is; believed where the files cannot tell. Raises InvalidInput where nobody can, and where the
    weights are stored in a way that nobody here reads.
    """
    if named:
        family_named(named, "--family")
    if family := family_in(path):
        return _identity(Detected((family,), True), named, path)
    if path.is_dir():
        found = _identity(Detected(families_of_folder(path), True), named, path)
        if limit := foreign_part(path):
            raise InvalidInput("path", path, limit)
        return found
    header = header_of(path)
    layout_of(header)  # first: what a library stored has not its family's names
    return _identity(_detected(header, named), named, path, header.metadata)


def identify_restyling(path: Path, lora: Path, named: str = "") -> Identity:
    """FLUX.1 Canny or Depth, made of dev's weights at `path` and their makers' LoRA. named: as in `identify`.

    Raises InvalidInput where the weights are not dev's, and where nothing tells which of the two it is.
    """
    whole = identify(path, RESTYLED).whole
    return _identity(Detected(MAPPED, whole), named, lora)


def _identity(found: Detected, named: str, path: Path, metadata: Mapping[str, str] | None = None) -> Identity:
    """The one of the families found that it is. Raises InvalidInput where that is open, or another than the one that is named."""
    if named:
        if named not in found.families:
            raise InvalidInput("--family", named, f"the files of {path} are of {' or '.join(found.families)}")
        return Identity(named, found.whole)
    family, *others = told_apart(found.families, path, metadata)
    if others:
        limit = f"its tensors fit {' and '.join(found.families)}; say which with --family"
        raise InvalidInput("path", path, limit)
    return Identity(family, found.whole)


def _detected(header: Header, named: str) -> Detected:
    """By the tensors; else what the user says, of the denoiser alone."""
    try:
        return detect(header.shapes, header.path)
    except InvalidInput:
        if named not in DIFFUSION:  # the tensors of erasers always tell
            raise
        return Detected((named,), False)


def families_of_folder(path: Path) -> tuple[str, ...]:
    """The family of a diffusers folder, by its pipeline. Raises InvalidInput for one that is none here."""
    try:
        index = json.loads((path / "model_index.json").read_text(encoding="utf-8"))
        pipeline = str(index["_class_name"])
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise InvalidInput("path", path, f"its model_index.json must be diffusers' ({error})") from None
    found = families_of_index(index)
    if not found:
        known = ", ".join(facts.title for facts in BY_DIFFUSERS.values())
        raise InvalidInput("path", path, f"{pipeline} is of no family that is known here: {known}")
    return found
