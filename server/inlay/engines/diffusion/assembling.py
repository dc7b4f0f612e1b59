"""Lone files put together: a denoiser, its encoders and its VAE from a file each, tokenizers from folders, the rest shipped."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import torch

from inlay.engines.diffusion.fitting import Fitted
from inlay.engines.diffusion.folders import encoder_from
from inlay.engines.diffusion.processors import without_films
from inlay.engines.diffusion.tokenizers_within import tokenizer_within
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

QWEN_VLS_TURN = (
    "{% for message in messages %}<|im_start|>{{ message.role }}\n{% for part in message.content %}{{ part.text }}{% endfor %}"
    "<|im_end|>\n{% endfor %}"
)
"""How a Qwen that looks at pictures is told of words alone; their pipelines write all else themselves."""

LEAST_KNOWN = 0.98
"""An encoder has a few rows more than its tokenizer has words; another tokenizer's count is further off."""


def pieces_of(assembly: Assembly, parts: Parts, dtype: torch.dtype) -> Iterator[tuple[str, Any]]:
    """Encoders and VAE by their components' names, each as soon as it is read. Raises InvalidInput for another network's file."""
    for component, piece in assembly.pieces.items():
        yield component, _network(piece, Path(dict(parts)[piece]), dtype, looks=bool(assembly.processor))


def tokenizers_of(assembly: Assembly, parts: Parts, encoders: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    """Tokenizers by their components' names. Raises InvalidInput where one knows other words than its encoder."""
    from transformers import AutoTokenizer

    for component, name in assembly.tokenizers.items():
        place = dict(parts).get(TOKENIZERS[name].within or name, "")
        if not place:
            yield component, clip_tokenizer(TOKENIZER_PADS["sd15"][0])
            continue
        found: Any = (
            tokenizer_within(Path(place))
            if Path(place).is_file()
            else AutoTokenizer.from_pretrained(place, local_files_only=True, trust_remote_code=False)
        )
        rows = encoders[component.replace("tokenizer", "text_encoder")].get_input_embeddings().num_embeddings
        if not LEAST_KNOWN * rows <= len(found) <= rows:
            limit = f"it must be {TOKENIZERS[name].title}: it knows {len(found)} words, and the encoder {rows}"
            raise InvalidInput(f"parts.{name}", place, limit)
        if name == "qwen_tokenizer":
            found.chat_template = QWENS_TURN
        yield component, found


def processor_of(assembly: Assembly, tokenizer: Any) -> dict[str, Any]:
    """What the encoder looks at pictures through, by its component's name; nothing for one that reads words alone."""
    if not assembly.processor:
        return {}
    from transformers import Qwen2VLProcessor, Qwen3VLProcessor
    from transformers.models.qwen2_vl.image_processing_pil_qwen2_vl import Qwen2VLImageProcessorPil

    looking = Qwen2VLImageProcessorPil.from_pretrained(
        str(piece_config(assembly.pieces["text_encoder"])), local_files_only=True
    )
    kind = Qwen3VLProcessor if assembly.pieces["text_encoder"] == "qwen3_vl_8b" else Qwen2VLProcessor
    made = without_films(kind)(image_processor=looking, tokenizer=tokenizer, chat_template=QWEN_VLS_TURN)
    return {assembly.processor: made}


def _network(piece: str, file: Path, dtype: torch.dtype, *, looks: bool) -> Any:
    import diffusers
    import transformers

    config = piece_config(piece)
    said: dict[str, Any] = json.loads((config / "config.json").read_text(encoding="utf-8"))
    if "_class_name" not in said:
        return encoder_from(getattr(transformers, said["architectures"][0]), config, file, dtype, looks=looks)
    header = header_of(file)
    kind = getattr(diffusers, said["_class_name"])
    return Fitted(kind, config.parent, piece, header, layout_of(header), "has its published size").load(dtype)
