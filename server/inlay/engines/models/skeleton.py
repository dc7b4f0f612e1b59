"""What a whole SD 1.5 or SDXL checkpoint lacks beside its weights, shipped with Inlay: configurations and CLIP's tokenizer.

`configs` holds diffusers folders without weights. The vocabulary is OpenAI's, https://github.com/openai/CLIP, under the licence
beside it.
"""

import gzip
import json
from collections.abc import Container, Mapping
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

from inlay.errors import InvalidInput

CONFIGS = Path(str(files("inlay.engines.models") / "configs"))
"""A folder, never a place in an archive: diffusers reads nothing else."""

VOCABULARY = Path("clip", "bpe_simple_vocab_16e6.txt.gz")
CLIP_WORDS = 49_408
"""What CLIP's encoders know: 256 bytes, each alone and at a word's end, what they merge to, and two marks."""

CLIP_CONTEXT = 77
TOKENIZER_PADS = {"sd15": ("<|endoftext|>",), "sdxl": ("<|endoftext|>", "!")}
"""For each family the tokens with which its tokenizers fill up; SDXL's second encoder was trained on zeros, which are `!`."""

_MARKS = ("<|startoftext|>", "<|endoftext|>")
_OTHER_NOISE = ("edm_mean", "edm_std", "edm_vpred.sigma_max")
"""Tensors of checkpoints that were trained on EDM's noise (Playground 2.5, CosXL)."""


def skeleton(family: str) -> Path | None:
    """The diffusers folder without weights for whole checkpoints of `family`; None for families that need a base."""
    return CONFIGS / family if family in TOKENIZER_PADS else None


def skeleton_files(family: str) -> tuple[Path, ...]:
    """Everything shipped that decides what a checkpoint of `family` paints, in a fixed order; nothing without a skeleton."""
    place = skeleton(family)
    return (CONFIGS / VOCABULARY, *sorted(place.rglob("*.json"))) if place else ()


def shipped(family: str, tensors: Container[str], metadata: Mapping[str, str], path: Path) -> dict[str, Any]:
    """The components that are no weights, by name: tokenizers, and the scheduler with the noise that the file tells of.

    tensors: the names in the file. metadata: of its header.

    Raises InvalidInput for a file whose noise schedule is another one.
    """
    place = CONFIGS / family
    index: dict[str, Any] = json.loads((place / "model_index.json").read_text(encoding="utf-8"))
    names = ("tokenizer", "tokenizer_2")
    components: dict[str, Any] = {
        name: clip_tokenizer(pad) for name, pad in zip(names, TOKENIZER_PADS[family], strict=False)
    }
    import diffusers

    kind: Any = getattr(diffusers, index["scheduler"][1])
    components["scheduler"] = kind.from_config(
        kind.load_config(str(place / "scheduler")), **noise(tensors, metadata, path)
    )
    return components


def noise(tensors: Container[str], metadata: Mapping[str, str], path: Path) -> dict[str, Any]:
    """What a checkpoint says of its training, as a scheduler's settings; empty: noise prediction, which few files say.

    By the tensors `v_pred` and `ztsnr` that trainers leave, and https://github.com/Stability-AI/ModelSpec.
    """
    if other := [name for name in _OTHER_NOISE if name in tensors]:
        limit = (
            f"its tensor {other[0]} tells of EDM's noise, which no scheduler here takes away; use another checkpoint"
        )
        raise InvalidInput("path", path, limit)
    told: dict[str, Any] = {}
    said = metadata.get("modelspec.prediction_type", "").lower().replace("-", "_")
    if "v_pred" in tensors or said in ("v", "v_pred", "v_prediction"):
        told["prediction_type"] = "v_prediction"
    if "ztsnr" in tensors:
        told |= {"rescale_betas_zero_snr": True, "timestep_spacing": "trailing"}
    return told


def clip_tokenizer(pad: str) -> Any:
    """CLIP's tokenizer (transformers), filling up with `pad`."""
    from transformers import CLIPTokenizer

    words, merges = _vocabulary()
    start, end = _MARKS
    return CLIPTokenizer(
        vocab=words,
        merges=merges,
        bos_token=start,
        eos_token=end,
        unk_token=end,
        pad_token=pad,
        model_max_length=CLIP_CONTEXT,
    )


@cache
def _vocabulary() -> tuple[dict[str, int], Any]:
    """Ids by token, and the merges, pairs of tokens in their order. The file has a heading, and more than CLIP uses."""
    from transformers.convert_slow_tokenizer import bytes_to_unicode

    symbols: list[str] = list(bytes_to_unicode().values())
    alone = [*symbols, *(f"{symbol}</w>" for symbol in symbols)]
    count = CLIP_WORDS - len(alone) - len(_MARKS)
    lines = gzip.decompress((CONFIGS / VOCABULARY).read_bytes()).decode().split("\n")
    merges = [(left, right) for left, right in (line.split() for line in lines[1 : count + 1])]
    words = [*alone, *(left + right for left, right in merges), *_MARKS]
    return {word: number for number, word in enumerate(words)}, merges
