"""Lone files put together: a denoiser, its encoders and its VAE from a file each, tokenizers from folders, the rest shipped."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import torch

from inlay.engines.diffusion.fitting import Fitted
from inlay.engines.diffusion.folders import encoder_from
from inlay.engines.models.assembly import TOKENIZERS, Assembly, piece_config
from inlay.engines.models.beside import Parts
from inlay.engines.models.header import header_of
from inlay.engines.models.layouts import layout_of
from inlay.engines.models.skeleton import TOKENIZER_PADS, clip_tokenizer
from inlay.errors import InvalidInput

QWENS_TURN = (
    "{% for message in messages %}<|im_start|>{{ message.role }}\n{{ message.content }}<|im_end|>\n{% endfor %}"
    "{% if add_generation_prompt %}<|im_start|>assistant\n"
    "{% if enable_thinking is defined and enable_thinking is false %}<think>\n\n</think>\n\n{% endif %}{% endif %}"
)
"""How Qwen3 is spoken to. The tokenizer in ComfyUI's folder is Qwen2.5's, whose own way begins with a system's words."""

LEAST_KNOWN = 0.98
"""An encoder has a few rows more than its tokenizer has words; another tokenizer's count is further off."""


def pieces_of(assembly: Assembly, parts: Parts, dtype: torch.dtype) -> Iterator[tuple[str, Any]]:
    """Encoders and VAE by their components' names, each as soon as it is read. Raises InvalidInput for another network's file."""
    for component, piece in assembly.pieces.items():
        yield component, _network(piece, Path(dict(parts)[piece]), dtype)


def tokenizers_of(assembly: Assembly, parts: Parts, encoders: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    """Tokenizers by their components' names. Raises InvalidInput where one knows other words than its encoder."""
    from transformers import AutoTokenizer

    for component, name in assembly.tokenizers.items():
        if not TOKENIZERS[name].place:
            yield component, clip_tokenizer(TOKENIZER_PADS["sd15"][0])
            continue
        place = dict(parts)[name]
        found: Any = AutoTokenizer.from_pretrained(place, local_files_only=True, trust_remote_code=False)
        rows = encoders[component.replace("tokenizer", "text_encoder")].get_input_embeddings().num_embeddings
        if not LEAST_KNOWN * rows <= len(found) <= rows:
            limit = f"it must be {TOKENIZERS[name].title}: it knows {len(found)} words, and the encoder {rows}"
            raise InvalidInput(f"parts.{name}", place, limit)
        if name == "qwen_tokenizer":
            found.chat_template = QWENS_TURN
        yield component, found


def _network(piece: str, file: Path, dtype: torch.dtype) -> Any:
    import diffusers
    import transformers

    config = piece_config(piece)
    said: dict[str, Any] = json.loads((config / "config.json").read_text(encoding="utf-8"))
    if "_class_name" not in said:
        return encoder_from(getattr(transformers, said["architectures"][0]), config, file, dtype)
    header = header_of(file)
    kind = getattr(diffusers, said["_class_name"])
    return Fitted(kind, config.parent, piece, header, layout_of(header), "has its published size").load(dtype)
