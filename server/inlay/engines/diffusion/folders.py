"""Networks from diffusers folders: every tensor has its place, and those that are stored small are unpacked.

diffusers and transformers leave a tensor that they do not know aside, and draw one that they lack by chance, with no more than a
line in a log; a text encoder read without its scales paints noise like a denoiser.
"""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch

from inlay.engines.diffusion.fitting import Fitted, Misfit, clipped
from inlay.engines.diffusion.unpacking import unpacked
from inlay.engines.models.header import header_of, headers_of
from inlay.engines.models.layouts import layout_of
from inlay.errors import InvalidInput, Unsupported

UNREAD = (
    "vision_model.",
    "visual_projection.",
    "text_projection.",
    "logit_scale",
    "lm_head.",
    "decoder.",
    "spiece_model",
)
"""Parts of encoders that painting does not use; some folders bring them along."""


def network_of(kind: Any, folder: Path, dtype: torch.dtype, **options: Any) -> Any:
    """The network of a class of diffusers or transformers in `folder`, in `dtype`. options: further ones of `from_pretrained`.

    Raises InvalidInput, naming the tensors, where its files are not the network's; Unsupported where a library is missing.
    """
    ours = kind.__module__.startswith("diffusers")
    if not (options or _quantised_by_library(folder)):
        header = headers_of(folder, _weights(folder))
        layout = layout_of(header)
        if layout.packed and ours:
            return Fitted(kind, folder.parent, folder.name, header, layout, "fits its config.json").load(dtype)
        if layout.packed:
            options["config"] = kind.config_class.from_pretrained(str(folder), local_files_only=True)
            options["state_dict"] = dict(unpacked(header, layout, dtype))
    if variant := _variant(folder):
        options["variant"] = variant
    options |= {"local_files_only": True, "output_loading_info": True, "torch_dtype" if ours else "dtype": dtype}
    if not ours:
        options["trust_remote_code"] = False  # otherwise transformers asks on the terminal
    try:
        network, told = kind.from_pretrained(
            None if "state_dict" in options else str(folder), use_safetensors=True, **options
        )
    except ImportError as error:
        reason = str(error).strip().partition("\n")[0]
        raise Unsupported(f"{folder.name} is stored in a way that needs a library: {reason}", field="path") from error
    _check_told(folder, kind, told)
    return network


def encoder_from(kind: Any, config: Path, file: Path, dtype: torch.dtype) -> Any:
    """The text encoder, a class of transformers, that lies alone in `file`, in `dtype`. config: the folder of its configuration.

    Raises InvalidInput, naming the tensors, where the file's are not the network's.
    """
    header = header_of(file)
    weights = dict(unpacked(header, layout_of(header), dtype))
    told: Any
    network, told = kind.from_pretrained(
        None,
        config=kind.config_class.from_pretrained(str(config), local_files_only=True),
        state_dict=weights,
        dtype=dtype,
        output_loading_info=True,
    )
    _check_told(file, kind, told)
    return network


def _check_told(place: Path, kind: Any, told: Mapping[str, Any]) -> None:
    """Raises InvalidInput where a library tells of tensors that did not fit."""
    extra = sorted(str(name) for name in told.get("unexpected_keys", ()) if not str(name).startswith(UNREAD))
    misfit = Misfit(extra, sorted(str(name) for name in told.get("missing_keys", ())))
    if misfit:
        raise InvalidInput("path", place, f"it must hold a whole {kind.__name__}: {misfit.sentence}")
    for entry in told.get("mismatched_keys", ()):
        name = clipped(str(entry[0] if isinstance(entry, tuple) else entry))
        raise InvalidInput("path", place, f"its {name} must have the shape that its config.json says")


def _weights(folder: Path) -> list[Path]:
    """The files that a library would read: one, or the shards that an index names."""
    index = next(iter(sorted(folder.glob("*.safetensors.index*.json"))), None)
    if index is None:
        return sorted(folder.glob("*.safetensors"))
    shards = json.loads(index.read_text(encoding="utf-8"))["weight_map"].values()
    return sorted({folder / str(shard) for shard in shards})


def _variant(folder: Path) -> str:
    """`fp16` where that is all there is (diffusion_pytorch_model.fp16.safetensors)."""
    names = [file.name for file in folder.glob("*.safetensors")]
    return "fp16" if names and all(".fp16." in name for name in names) else ""


def _quantised_by_library(folder: Path) -> bool:
    """Whether a part's config.json says that bitsandbytes, torchao or another library stored it."""
    try:
        return bool(json.loads((folder / "config.json").read_text(encoding="utf-8")).get("quantization_config"))
    except (OSError, ValueError, AttributeError):
        return False
