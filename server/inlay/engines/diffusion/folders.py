"""Networks from diffusers folders: every tensor has its place, and those that are stored small are unpacked.

diffusers and transformers leave a tensor that they do not know aside, and draw one that they lack by chance, with no more than a
line in a log; a text encoder read without its scales paints noise like a denoiser.
"""

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import torch

from inlay.engines.diffusion.fitting import Fitted, Misfit, clipped
from inlay.engines.diffusion.unpacking import unpacked
from inlay.engines.models.header import Header, header_of, headers_of
from inlay.engines.models.layouts import Layout, layout_of
from inlay.errors import InvalidInput, Unsupported

UNREAD = (
    "vision_model.",
    "visual_projection.",
    "text_projection.",
    "logit_scale",
    "lm_head.",
    "decoder.",
    "spiece_model",
    "tekken_model",
)
"""Parts of encoders that painting does not use; some folders bring them along."""


MISTRAL, READ_BY_FLUX2, LAST_NORM = "mistral", 30, ("norm.weight", "model.norm.weight")
"""FLUX.2 reads the first layers of Mistral Small 3, and its lone files end there, mostly without what follows."""

SEEING = "model.visual."
"""What of an encoder looks at pictures."""


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
        config = _check_sides(kind, folder, header) if ours else check_encoder(kind, folder, header, layout)
        if layout.packed:
            options |= {"config": config, "state_dict": dict(unpacked(header, layout, dtype))}
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


def encoder_from(kind: Any, config: Path, file: Path, dtype: torch.dtype, *, looks: bool = True) -> Any:
    """The text encoder, a class of transformers, that lies alone in `file`, in `dtype`. config: the folder of its configuration.

    looks: whether it is shown pictures; GGUF keeps what does that in another file.

    Raises InvalidInput, naming the tensors, where the file's are not the network's.
    """
    header = header_of(file)
    layout = layout_of(header)
    blind = header.is_gguf and not looks
    said = check_encoder(kind, config, header, layout, blind=blind)
    network = kind.from_pretrained(None, config=said, state_dict=dict(unpacked(header, layout, dtype)), dtype=dtype)
    if _is_cut(said):
        network.base_model.norm = torch.nn.Identity()  # its last layer is read as all others are
    if blind and hasattr(network.base_model, "visual"):
        network.base_model.visual = None
    return network


def check_encoder(kind: Any, folder: Path, header: Header, layout: Layout, *, blind: bool = False) -> Any:
    """The configuration in `folder` of a class of transformers, compared with a file's tensors by names and shapes: none is read.

    blind: without what looks at pictures.

    Raises InvalidInput, naming the tensors, where they are not that network's.
    """
    config = kind.config_class.from_pretrained(str(folder), local_files_only=True)
    if blind and (eye := getattr(config, "vision_config", None)):
        eye.depth = 0
    if config.model_type == MISTRAL and _layers(header) == READ_BY_FLUX2:
        config.num_hidden_layers = READ_BY_FLUX2
    weights = {
        name: torch.empty(layout.packed[name].shape if name in layout.packed else stored.shape, device="meta")
        for name, stored in header.tensors.items()
        if name not in layout.marks
    }
    options = {"device_map": "meta", "ignore_mismatched_sizes": True, "output_loading_info": True}
    told: Any
    _, told = kind.from_pretrained(None, config=config, state_dict=weights, dtype=torch.float32, **options)
    if blind:
        told["missing_keys"] = {name for name in told["missing_keys"] if not name.startswith(SEEING)}
    if _is_cut(config):
        told["missing_keys"] = {name for name in told["missing_keys"] if name not in LAST_NORM}
    _check_told(header.path, kind, told)
    return config


def _layers(header: Header) -> int:
    return sum(name.endswith(".input_layernorm.weight") for name in header.tensors)


def _is_cut(config: Any) -> bool:
    return config.model_type == MISTRAL and config.num_hidden_layers == READ_BY_FLUX2


def _check_sides(kind: Any, folder: Path, header: Header) -> None:
    """Raises InvalidInput where a tensor of a diffusers folder has another shape than its config.json says."""
    from accelerate import init_empty_weights

    with init_empty_weights():
        network = kind.from_config(kind.load_config(str(folder), local_files_only=True))
    for name, wanted in network.state_dict().items():
        if name in header.tensors and header.tensors[name].shape != tuple(wanted.shape):
            raise _misshapen(folder, name, header.tensors[name].shape, wanted.shape)


def _misshapen(place: Path, name: str, found: Iterable[int], wanted: Iterable[int]) -> InvalidInput:
    limit = f"its {clipped(name)} is {list(found)}, and by its configuration it must be {list(wanted)}"
    return InvalidInput("path", place, limit)


def _check_told(place: Path, kind: Any, told: Mapping[str, Any]) -> None:
    """Raises InvalidInput where a library tells of tensors that did not fit."""
    extra = sorted(str(name) for name in told.get("unexpected_keys", ()) if not str(name).startswith(UNREAD))
    misfit = Misfit(extra, sorted(str(name) for name in told.get("missing_keys", ())))
    if misfit:
        raise InvalidInput("path", place, f"it must hold a whole {kind.__name__}: {misfit.sentence}")
    for name, found, wanted in sorted(told.get("mismatched_keys", ())):
        raise _misshapen(place, name, found, wanted)


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
