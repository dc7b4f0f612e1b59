"""Tokenizers that lie in an encoder's own file: Mistral's beside its weights, as ComfyUI has it, and those that GGUF files carry.

tekken.json: https://docs.mistral.ai/guides/tokenization, words of bytes in the order of their merging, as tiktoken has them.
GGUF: https://github.com/ggml-org/ggml/blob/master/docs/gguf.md#tokenizer
"""

import base64
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, cast

from inlay.engines.models.header import TOKENIZER_MODEL, header_of
from inlay.engines.models.pieces import TEKKEN
from inlay.errors import InvalidInput

CONTROL, OWN = 3, 4
"""Types of a GGUF file's tokens: those that stand for no text, and those that are never cut."""

MISTRALS_TURN = (
    "<s>{% for message in messages %}{% set text = message.content[0].text %}"
    "{% if message.role == 'system' %}[SYSTEM_PROMPT]{{ text }}[/SYSTEM_PROMPT]{% else %}[INST]{{ text }}[/INST]{% endif %}"
    "{% endfor %}"
)
"""How FLUX.2's Mistral is spoken to."""

SPLITS = {
    "tekken": (
        r"[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+"
        r"|[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+[\p{Ll}\p{Lm}\p{Lo}\p{M}]*"
        r"|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+"
    ),
    "qwen2": (
        r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"
    ),
}
"""Where text is cut before anything is merged, by `tokenizer.ggml.pre`; tekken.json says it itself."""

_PRE, _TOKENS, _MERGES, _TYPES = (f"tokenizer.ggml.{name}" for name in ("pre", "tokens", "merges", "token_type"))


def tokenizer_within(file: Path) -> Any:
    """The tokenizer that an encoder's file carries. Raises InvalidInput where it carries none that is read here."""
    header = header_of(file)
    if TEKKEN in header.tensors:
        stored = header.tensors[TEKKEN]
        with stored.file.open("rb") as opened:
            opened.seek(stored.start)
            return _of_tekken(opened.read(stored.end - stored.start), file)
    if header.is_gguf and header.metadata.get(TOKENIZER_MODEL) == "gpt2":
        return _of_gguf(file)
    raise InvalidInput("path", file, "it must carry its tokenizer, and has none that is read here")


def _of_tekken(data: bytes, file: Path) -> Any:
    """From tekken.json: first what stands for no text, then bytes, of which as many as the model has rows for."""
    try:
        said: Any = json.loads(data)
        config, special = said["config"], said["special_tokens"]
        reserved, most = int(config["default_num_special_tokens"]), int(config["default_vocab_size"])
        names = {int(one["rank"]): str(one["token_str"]) for one in special}
        control = [names.get(number, f"<SPECIAL_{number}>") for number in range(reserved)]
        ranked = sorted(said["vocab"], key=lambda one: int(one["rank"]))[: most - reserved]
        words = [base64.b64decode(one["token_bytes"]) for one in ranked]
        pattern = str(config["pattern"])
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise InvalidInput("path", file, f"its {TEKKEN} must be Mistral's tekken.json ({error})") from None
    spelled = [_spelled(word) for word in words]
    vocabulary = {word: number for number, word in enumerate([*control, *spelled])}
    return _made(file, vocabulary, _merges(words), pattern, control, ())


def _merges(words: list[bytes]) -> list[tuple[str, str]]:
    """Every pair that makes a word, in the order of what it makes; tiktoken merges whatever comes first."""
    rank = {word: number for number, word in enumerate(words)}
    found: list[tuple[str, str]] = []
    for word in words:
        pairs = [(word[:at], word[at:]) for at in range(1, len(word))]
        known = sorted(
            (pair for pair in pairs if pair[0] in rank and pair[1] in rank),
            key=lambda pair: (rank[pair[0]], rank[pair[1]]),
        )
        found += [(_spelled(first), _spelled(second)) for first, second in known]
    return found


def _of_gguf(file: Path) -> Any:
    from gguf import GGUFReader

    reader = GGUFReader(file)
    said: dict[str, Any] = {}
    for name in (_PRE, _TOKENS, _MERGES, _TYPES):
        field = reader.get_field(name)
        if field is None or (name == _PRE and field.contents() not in SPLITS):
            kind = "missing" if field is None else str(field.contents())
            limit = f"the tokenizer that it carries must say {name} of {', '.join(SPLITS)}; it is {kind}"
            raise InvalidInput("path", file, limit if name == _PRE else f"the tokenizer that it carries lacks {name}")
        said[name] = field.contents()
    tokens, types = cast(list[str], said[_TOKENS]), cast(list[int], said[_TYPES])
    control = [token for token, kind in zip(tokens, types, strict=False) if kind == CONTROL]
    own = [token for token, kind in zip(tokens, types, strict=False) if kind == OWN]
    merges = [tuple(merge.split(" ")) for merge in cast(list[str], said[_MERGES])]
    vocabulary = {token: number for number, token in enumerate(tokens)}
    return _made(file, vocabulary, cast(list[tuple[str, str]], merges), SPLITS[said[_PRE]], control, own)


def _made(
    file: Path, vocabulary: Mapping[str, int], merges: list[tuple[str, str]], pattern: str, control: list[str], own: Any
) -> Any:
    """A tokenizer of bytes; control: what stands for no text, own: what is never cut."""
    from tokenizers import AddedToken, Regex, Tokenizer, decoders, normalizers, pre_tokenizers
    from tokenizers.models import BPE
    from transformers import PreTrainedTokenizerFast

    mistrals = "[INST]" in vocabulary
    for pair in merges:  # of which the library only says that it panicked
        if len(pair) != 2 or not {*pair, "".join(pair)} <= vocabulary.keys():
            limit = f"the tokenizer that it carries must be whole: it merges {' and '.join(pair)[:60]!r}, which are no words of it"
            raise InvalidInput("path", file, limit)
    tokenizer = Tokenizer(BPE(dict(vocabulary), merges, fuse_unk=False, ignore_merges=mistrals))
    if not mistrals:
        tokenizer.normalizer = normalizers.NFC()
    pieces = [
        pre_tokenizers.Split(Regex(pattern), behavior="isolated"),
        pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False),
    ]
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(pieces)
    tokenizer.decoder = decoders.ByteLevel()
    tokenizer.add_special_tokens([AddedToken(word, normalized=False, special=True) for word in control])
    tokenizer.add_tokens([AddedToken(word, normalized=False, special=False) for word in own])
    pad = next((word for word in ("<pad>", "<|endoftext|>") if word in vocabulary), None)
    found = PreTrainedTokenizerFast(
        tokenizer_object=tokenizer, pad_token=pad, padding_side="left" if mistrals else "right"
    )
    if mistrals:
        found.chat_template = MISTRALS_TURN
    return found


def _spelled(word: bytes) -> str:
    """Bytes as byte-level vocabularies write them: a character each."""
    from transformers.convert_slow_tokenizer import bytes_to_unicode

    characters = bytes_to_unicode()
    return "".join(characters[byte] for byte in word)
