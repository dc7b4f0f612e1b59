"""GGUF files as llama.cpp's own library writes them."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import gguf
import numpy as np
import torch

Q8_0 = gguf.GGMLQuantizationType.Q8_0


def say_words(writer: gguf.GGUFWriter, tokenizer: Any, cuts: str) -> None:
    """A tokenizer of bytes, as llama.cpp's converters write one. cuts: whose way it has of cutting text."""
    said = json.loads(tokenizer.backend_tokenizer.to_str())
    control = {word["content"] for word in said["added_tokens"] if word["special"]}
    words = sorted(tokenizer.get_vocab().items(), key=lambda one: one[1])
    writer.add_tokenizer_model("gpt2")
    writer.add_tokenizer_pre(cuts)
    writer.add_token_list([word for word, _ in words])
    writer.add_token_types([gguf.TokenType.CONTROL if word in control else gguf.TokenType.NORMAL for word, _ in words])
    writer.add_token_merges([" ".join(pair) for pair in said["model"]["merges"]])


def write_gguf(
    tensors: dict[str, torch.Tensor],
    path: Path,
    kind: gguf.GGMLQuantizationType = Q8_0,
    odd: str = "",
    architecture: str = "flux",
    say: Callable[[gguf.GGUFWriter], None] = lambda _: None,
) -> None:
    """Matrices as `kind`, everything else as it is. odd: the name of one in 64 bit. say: writes what the file says of itself."""
    writer = gguf.GGUFWriter(path, architecture)
    say(writer)
    for name, tensor in tensors.items():
        values = tensor.float().numpy()
        if name == odd:
            writer.add_tensor(name, values.astype(np.float64))
        elif kind != gguf.GGMLQuantizationType.F32 and values.ndim == 2 and values.shape[1] % 32 == 0:
            writer.add_tensor(name, gguf.quants.quantize(values, kind), raw_dtype=kind)
        else:
            writer.add_tensor(name, values)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
