"""Layouts that are known by name and not read: what their tensors are called, and what to get instead."""

import json
import re
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
        (r"\.weight_?(_data|:_data|\._data|\.tensor_impl.*)$", "torchao"),
    )
)
_INSTEAD = "use the model's bf16, fp8_scaled, int8, nvfp4 or GGUF file"


def foreign_layout(header: Header) -> str:
    """A sentence about a layout that nobody here reads; empty where the file has none of them."""
    said = header.metadata.get("quantization_config", "")
    if said or "nunchaku" in header.metadata.get("model_class", "").lower():
        return f"it is stored as {_method(said)}, which is not read here; {_INSTEAD}"
    for name in header.tensors:
        for sign, title in _SIGNS:
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
    return {"svdquant": "SVDQuant (Nunchaku)", "": "SVDQuant (Nunchaku)" if not said else "something of its own"}.get(
        method, method[:60]
    )
