"""Text encoders in GGUF: what llama.cpp calls a tensor, and what transformers does.

https://github.com/ggml-org/llama.cpp/blob/master/gguf-py/gguf/tensor_mapping.py
"""

import re
from collections.abc import Mapping

_QWEN = {
    "token_embd": "model.embed_tokens",
    "output_norm": "model.norm",
    "output": "lm_head",
    r"blk\.(\d+)\.attn_norm": r"model.layers.\1.input_layernorm",
    r"blk\.(\d+)\.attn_(q|k|v)": r"model.layers.\1.self_attn.\2_proj",
    r"blk\.(\d+)\.attn_output": r"model.layers.\1.self_attn.o_proj",
    r"blk\.(\d+)\.attn_(q|k)_norm": r"model.layers.\1.self_attn.\2_norm",
    r"blk\.(\d+)\.ffn_norm": r"model.layers.\1.post_attention_layernorm",
    r"blk\.(\d+)\.ffn_(gate|up|down)": r"model.layers.\1.mlp.\2_proj",
}
_T5 = {
    "token_embd": "shared",
    r"enc\.output_norm": "encoder.final_layer_norm",
    r"enc\.blk\.(\d+)\.attn_norm": r"encoder.block.\1.layer.0.layer_norm",
    r"enc\.blk\.(\d+)\.attn_(q|k|v|o)": r"encoder.block.\1.layer.0.SelfAttention.\2",
    r"enc\.blk\.(\d+)\.attn_rel_b": r"encoder.block.\1.layer.0.SelfAttention.relative_attention_bias",
    r"enc\.blk\.(\d+)\.ffn_norm": r"encoder.block.\1.layer.1.layer_norm",
    r"enc\.blk\.(\d+)\.ffn_gate": r"encoder.block.\1.layer.1.DenseReluDense.wi_0",
    r"enc\.blk\.(\d+)\.ffn_up": r"encoder.block.\1.layer.1.DenseReluDense.wi_1",
    r"enc\.blk\.(\d+)\.ffn_down": r"encoder.block.\1.layer.1.DenseReluDense.wo",
}
_NAMES: Mapping[str, Mapping[str, str]] = {
    "qwen3": _QWEN,
    "qwen2vl": _QWEN,
    "t5encoder": _T5,
    "t5": _T5,
    "llama": _QWEN,
    "mistral3": _QWEN,
}
"""By `general.architecture`."""

REORDERED = ("llama", "mistral3")
"""Architectures of which llama.cpp reorders the rows of queries and keys, for the way in which it turns them."""


def own_name(architecture: str, name: str) -> str:
    """What transformers calls a tensor of a GGUF file; the name as it is where nobody here knows another."""
    stem, _, end = name.rpartition(".")
    for there, here in _NAMES.get(architecture, {}).items():
        if match := re.fullmatch(there, stem):
            return f"{match.expand(here)}.{end}"
    return name


def heads_of(architecture: str, name: str) -> str:
    """The key of a GGUF file under which it says how many heads the rows of a tensor belong to; empty where they are in order.

    name: what transformers calls the tensor.
    """
    if architecture not in REORDERED or not name.endswith((".self_attn.q_proj.weight", ".self_attn.k_proj.weight")):
        return ""
    return f"{architecture}.attention.head_count{'_kv' if '.k_proj.' in name else ''}"


def is_encoder(architecture: str) -> bool:
    """Whether that is an architecture of text encoders that is read here."""
    return architecture in _NAMES
