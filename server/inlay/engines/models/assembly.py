"""Lone files that paint together: what a lone denoiser of a family is put together with, and the configurations shipped for it.

`configs/lone` holds those of denoisers, `configs/pieces` those of encoders and VAEs, as their makers published them. Tokenizers
come with nobody's weights; every ComfyUI has them in its own folder, and they are read there.
"""

import json
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from inlay.engines.models import skeleton
from inlay.engines.models.pieces import PIECES, needed_by

MAP_LORA = "map_lora"
"""What makes FLUX.1 dev Canny or Depth: their makers' LoRA, as a part that lies beside dev's weights."""


LOOKING = "preprocessor_config.json"
"""Beside the configuration of an encoder: how it looks at pictures."""


class Tokenizer(NamedTuple):
    """A tokenizer. kinds: its class, as tokenizer_config.json says it. place: in ComfyUI's own folder; empty: Inlay ships it, or
    it lies in the file of the encoder that is called `within`."""

    name: str
    title: str
    kinds: tuple[str, ...]
    place: str = ""
    within: str = ""


TOKENIZERS = {
    one.name: one
    for one in (
        Tokenizer("clip_tokenizer", "CLIP's tokenizer", ("CLIPTokenizer",)),
        Tokenizer(
            "t5_tokenizer", "T5's tokenizer", ("T5Tokenizer", "T5TokenizerFast"), "comfy/text_encoders/t5_tokenizer"
        ),
        Tokenizer(
            "qwen_tokenizer",
            "Qwen's tokenizer",
            ("Qwen2Tokenizer", "Qwen2TokenizerFast"),
            "comfy/text_encoders/qwen25_tokenizer",
        ),
        Tokenizer("tekken", "Mistral's tokenizer", (), within="mistral_small_3"),
    )
}


class Assembly(NamedTuple):
    """What a lone denoiser becomes a model with: by the components' names, pieces and tokenizers by theirs.

    name: of its folder in `configs/lone`. processor: the component through which its encoder looks at pictures; empty: at none.
    """

    name: str
    pieces: Mapping[str, str]
    tokenizers: Mapping[str, str]
    processor: str = ""

    @property
    def place(self) -> Path:
        """The diffusers folder without weights that says how the denoiser is read."""
        return skeleton.CONFIGS / "lone" / self.name

    @property
    def wanted(self) -> dict[str, str]:
        """What has to lie beside it: the parts' names, and what to look for."""
        files = {name: f"{PIECES[name].title}: look for {PIECES[name].published}" for name in self.pieces.values()}
        tokenizers = (TOKENIZERS[name] for name in self.tokenizers.values())
        return files | {
            one.name: f"{one.title}: look for {one.place} in the folder of a ComfyUI" for one in tokenizers if one.place
        }


_FLUX1 = ("clip_l", "t5_xxl"), ("clip_tokenizer", "t5_tokenizer")
_QWEN_VL = ("qwen2_5_vl_7b",), ("qwen_tokenizer",)
_WORDS: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "flux_fill": _FLUX1,
    "flux_dev": _FLUX1,
    "flux_schnell": _FLUX1,
    "flux_canny": _FLUX1,
    "flux_depth": _FLUX1,
    "flux_kontext": _FLUX1,
    "flux2_klein": (("qwen3_4b",), ("qwen_tokenizer",)),
    "flux2_dev": (("mistral_small_3",), ("tekken",)),
    "qwen_image": _QWEN_VL,
    "qwen_image_edit": _QWEN_VL,
    "qwen_image_21": (("qwen3_vl_8b",), ("qwen_tokenizer",)),
    "longcat_edit": _QWEN_VL,
    "z_image": (("qwen3_4b",), ("qwen_tokenizer",)),
}
"""Encoders, and their tokenizers, in the order in which pipelines count them."""

_LOOKS_THROUGH = {"qwen_image_edit": "processor", "qwen_image_21": "processor", "longcat_edit": "text_processor"}
_NUMBERED = ("", "_2")


def assembly_of(family: str, parts: Collection[str] = ()) -> Assembly | None:
    """How a lone denoiser of `family` is put together; None for a family that nothing is shipped for.

    parts: names of what lies beside it, by which FLUX.2 klein 9B is told from 4B, and FLUX.1 Canny by a LoRA from a whole one.
    """
    if family not in _WORDS:
        return None
    large = family == "flux2_klein" and "qwen3_8b" in parts
    encoders, tokenizers = (("qwen3_8b",), ("qwen_tokenizer",)) if large else _WORDS[family]
    *_, vae = needed_by(family, {})
    pieces = {f"text_encoder{number}": piece for number, piece in zip(_NUMBERED, encoders, strict=False)}
    words = {f"tokenizer{number}": one for number, one in zip(_NUMBERED, tokenizers, strict=False)}
    name = f"{family}_9b" if large else "flux_dev" if MAP_LORA in parts else family
    return Assembly(name, {**pieces, "vae": vae.name}, words, _LOOKS_THROUGH.get(family, ""))


def is_part(name: str) -> bool:
    """Whether that is what a piece or a tokenizer is called."""
    return name in PIECES or name in TOKENIZERS


def piece_config(name: str) -> Path:
    """The folder with the configuration of an encoder or a VAE."""
    return skeleton.CONFIGS / "pieces" / name


def shipped_files(assembly: Assembly) -> tuple[Path, ...]:
    """Everything shipped that decides what an assembled model paints, in a fixed order."""
    configs = (piece_config(name) / "config.json" for name in assembly.pieces.values())
    words = (skeleton.CONFIGS / skeleton.VOCABULARY,) if "clip_tokenizer" in assembly.tokenizers.values() else ()
    looking = (piece_config(assembly.pieces["text_encoder"]) / LOOKING,) if assembly.processor else ()
    return (*words, *sorted(assembly.place.rglob("*.json")), *configs, *looking)


def tokenizer_of(folder: Path) -> str:
    """Which tokenizer a folder holds, by its own papers; empty for none that is known here."""
    try:
        said: Any = json.loads((folder / "tokenizer_config.json").read_text(encoding="utf-8"))["tokenizer_class"]
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return ""
    words = (folder / "tokenizer.json").is_file() or (folder / "vocab.json").is_file()
    return next((one.name for one in TOKENIZERS.values() if one.place and said in one.kinds and words), "")


def tokenizers_near(folder: Path) -> dict[str, Path]:
    """The tokenizers of the ComfyUI whose own folder, models' folder or portable folder this is, by their names."""
    found: dict[str, Path] = {}
    for house in (folder, folder.parent, folder / "ComfyUI", folder.parent / "ComfyUI"):
        for one in TOKENIZERS.values():
            if one.place and tokenizer_of(house / one.place) == one.name:
                found.setdefault(one.name, (house / one.place).resolve())
    return found
