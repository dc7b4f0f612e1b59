"""Layouts that are known by name and not read: what their tensors are called, and what to get instead."""

import importlib.util
import json
import re
from pathlib import Path
from typing import Any, cast

from inlay.engines.models.header import Header

_SIGNS = tuple(
    (re.compile(pattern), name)
    for pattern, name in (
        (
            r"(^|\.)(wscales|smooth_factor|proj_down|proj_up|wcscales|wtscale|smooth_factor_orig)$",
            "SVDQuant (Nunchaku)",
        ),
        (r"\.quant_state\.bitsandbytes__|\.absmax$|\.quant_map$|\.nested_absmax$", "bitsandbytes' nf4"),
        (r"\.SCB$|\.weight_format$", "bitsandbytes' int8"),
        (r"(^|\.)(qweight|qzeros|g_idx)$", "GPTQ or AWQ"),
        (r"\.weight_scale_inv$", "block-wise fp8 (DeepSeek's)"),
        (r"\.weight_(packed|shape|zero_point|g_idx)$", "compressed-tensors"),
        (r"\.(svd_up|svd_down|zero_point)$", "SDNQ"),
        (r"\._?weight_?(_data|_?qdata|:_?q?data|\._data|\.tensor_impl.*)$", "torchao"),
    )
)
_TITLES = {
    "svdquant": "SVDQuant (Nunchaku)",
    "nunchaku_lite": "SVDQuant (Nunchaku)",
    "sdnq": "SDNQ",
    "gptq": "GPTQ",
    "awq": "AWQ",
    "compressed-tensors": "compressed-tensors",
    "fp8": "block-wise fp8 (DeepSeek's)",
}
"""By the `quant_method` of a part's config.json, or the method of a file's header."""
_BY_LIBRARY = ("bitsandbytes", "torchao")
"""Methods with which diffusers and transformers read a folder where the library of that name is installed."""

_INSTEAD = "use the model's bf16, fp8_scaled, int8, nvfp4 or GGUF file"


def foreign_layout(header: Header) -> str:
    """A sentence about a layout that nobody here reads; empty where the file has none of them."""
    said = header.metadata.get("quantization_config", "")
    if said or "nunchaku" in header.metadata.get("model_class", "").lower():
        return f"it is stored as {_method(said)}, which is not read here; {_INSTEAD}"
    for sign, title in _SIGNS:  # in their order: SVDQuant has tensors of GPTQ's names too
        for name in header.tensors:
            if sign.search(name):
                return f"it is stored as {title} (its tensor {name[-60:]!r}), which is not read here; {_INSTEAD}"
    return ""


def _method(said: str) -> str:
    """What a `quantization_config` calls itself."""
    try:
        read: Any = json.loads(said)
    except (ValueError, RecursionError):
        read = {}
    method = str(cast(dict[str, Any], read).get("method", "")) if isinstance(read, dict) else ""
    return _TITLES.get(method, method[:60]) or ("something of its own" if said else _TITLES["svdquant"])


def foreign_part(folder: Path) -> str:
    """The same for a diffusers folder: the first part whose config.json says that a library stored it, which is not here."""
    for config in sorted(folder.glob("*/config.json")):
        try:
            read: Any = json.loads(config.read_text(encoding="utf-8"))
            method = str(read["quantization_config"]["quant_method"]).lower()
        except (OSError, ValueError, KeyError, TypeError, RecursionError):
            continue  # whoever reads it says what is wrong
        part = config.parent.name
        if method not in _BY_LIBRARY:
            return f"its {part} is stored as {_TITLES.get(method, method[:60])}, which is not read here; {_INSTEAD}"
        if importlib.util.find_spec(method) is None:
            return f"its {part} is stored as {method}, which needs that library: pip install {method}; or {_INSTEAD}"
    return ""
