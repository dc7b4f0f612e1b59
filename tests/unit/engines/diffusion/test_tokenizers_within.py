"""Tokenizers that lie in an encoder's own file cut words as their makers' own rules say."""

import base64
import itertools
import json
import re
from pathlib import Path
from typing import Any

import gguf
import pytest
import torch
from safetensors.torch import save_file

from inlay.engines.diffusion.tokenizers_within import tokenizer_within
from inlay.errors import InvalidInput
from support import tiny_words
from support.gguf_files import write_gguf

TEXTS = ["a red kite edited", "ite  re\n", "ä kited!", "x[INST]y"]


def tiktokens(said: dict[str, Any], text: str) -> list[int]:
    """What tiktoken makes of a text: of two neighbours the pair that comes first is merged, until no pair is a word."""
    reserved = said["config"]["default_num_special_tokens"]
    rank = {base64.b64decode(one["token_bytes"]): one["rank"] for one in said["vocab"]}
    rank = {word: number for word, number in rank.items() if number < said["config"]["default_vocab_size"] - reserved}
    control = {one["token_str"]: one["rank"] for one in said["special_tokens"]}
    found: list[int] = []
    for part in re.split("(" + "|".join(map(re.escape, control)) + ")", text):
        if part in control:
            found.append(control[part])
            continue
        for piece in re.findall(r" ?\w+| ?[^\s\w]+|\s+", part):
            pieces = [bytes([code]) for code in piece.encode()]
            while pairs := [(rank[a + b], at) for at, (a, b) in enumerate(itertools.pairwise(pieces)) if a + b in rank]:
                _, at = min(pairs)
                pieces[at : at + 2] = [pieces[at] + pieces[at + 1]]
            found += [reserved + rank[one] for one in pieces]
    return found


def put(path: Path, data: bytes) -> Path:
    save_file({"tekken_model": torch.frombuffer(bytearray(data), dtype=torch.uint8)}, path)
    return path


@pytest.mark.parametrize("text", TEXTS)
def test_mistrals_words_are_those_that_tiktoken_makes(text: str, tmp_path: Path) -> None:
    data = tiny_words.tekken()
    found = tokenizer_within(put(tmp_path / "encoder.safetensors", data))
    assert found(text, add_special_tokens=False)["input_ids"] == tiktokens(json.loads(data), text)


def test_flux2s_mistral_is_spoken_to_in_its_own_way_and_filled_up_on_the_left(tmp_path: Path) -> None:
    said = json.loads(tiny_words.tekken())
    found = tokenizer_within(put(tmp_path / "encoder.safetensors", tiny_words.tekken()))
    told = [
        {"role": "system", "content": [{"type": "text", "text": "Be brief."}]},
        {"role": "user", "content": [{"type": "text", "text": "a red kite"}]},
    ]
    cut = found.apply_chat_template(told, tokenize=True, return_dict=True, padding="max_length", max_length=64)
    expected = tiktokens(said, "<s>[SYSTEM_PROMPT]Be brief.[/SYSTEM_PROMPT][INST]a red kite[/INST]")
    assert cut["input_ids"] == [11] * (64 - len(expected)) + expected
    assert cut["attention_mask"] == [0] * (64 - len(expected)) + [1] * len(expected)


@pytest.mark.parametrize("data", [b"", b"{}", b"[1]", b'{"config": 3, "special_tokens": []}'])
def test_what_is_no_tekken_json_is_refused_by_its_name(data: bytes, tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match=r"its tekken_model must be Mistral's tekken\.json"):
        tokenizer_within(put(tmp_path / "encoder.safetensors", data or b" "))


def test_an_encoder_that_carries_none_says_so(tmp_path: Path) -> None:
    save_file({"model.norm.weight": torch.zeros(2)}, tmp_path / "encoder.safetensors")
    with pytest.raises(InvalidInput, match="it must carry its tokenizer"):
        tokenizer_within(tmp_path / "encoder.safetensors")


@pytest.mark.parametrize(
    ("cuts", "merges", "said"),
    [
        ("chatglm-bpe", ["a b"], r"must say tokenizer\.ggml\.pre of tekken, qwen2; it is chatglm-bpe"),
        ("qwen2", ["a b"], "the tokenizer that it carries must be whole"),
        ("qwen2", [], r"lacks tokenizer\.ggml\.merges"),
    ],
)
def test_a_tokenizer_in_gguf_that_is_not_whole_is_refused_by_what_it_lacks(
    cuts: str, merges: list[str], said: str, tmp_path: Path
) -> None:
    def say(writer: gguf.GGUFWriter) -> None:
        writer.add_tokenizer_model("gpt2")
        writer.add_tokenizer_pre(cuts)
        writer.add_token_list(["a", "b"])
        writer.add_token_types([gguf.TokenType.NORMAL] * 2)
        if merges:
            writer.add_token_merges(merges)

    write_gguf({"output_norm.weight": torch.zeros(4)}, tmp_path / "encoder.gguf", architecture="qwen3", say=say)
    with pytest.raises(InvalidInput, match=said):
        tokenizer_within(tmp_path / "encoder.gguf")
