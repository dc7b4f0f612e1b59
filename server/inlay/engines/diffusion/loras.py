"""LoRAs as part of the weights: W + weight * alpha / rank * up @ down (Hu et al. 2021, https://arxiv.org/abs/2106.09685).

Merged, they cost nothing per step and need no further library; what was there before is kept, so that taking them off gives
the same weights bit for bit. The names of a file's tensors are put straight by diffusers' own reader of the family.
"""

import re
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import load_file

from inlay.engines.catalog import Lora
from inlay.errors import InvalidInput, Unsupported

_DOWN = re.compile(r"(?P<path>.+?)[._](?:lora_A|lora_down|lora\.down|lora_linear_layer\.down)(?:\.default)?\.weight$")
_UPS = (("lora_A", "lora_B"), ("lora_down", "lora_up"), (".down.", ".up."))
_OLD_NAMES = {"to_out": "to_out.0"}
_OLD_ENCODER_NAMES = {"to_q": "q_proj", "to_k": "k_proj", "to_v": "v_proj", "to_out": "out_proj"}

Modules = dict[str, torch.nn.Module]


class Wardrobe:
    """The LoRAs that a model's weights hold at the moment, and what the weights were without them."""

    def __init__(self) -> None:
        self._worn: tuple[Lora, ...] = ()
        self._bare: dict[torch.nn.Parameter, torch.Tensor] = {}

    @property
    def worn(self) -> tuple[Lora, ...]:
        return self._worn

    def wear(self, loras: tuple[Lora, ...], modules: Modules) -> None:
        """Have exactly `loras` in the weights of `modules`. Raises InvalidInput, Unsupported; the weights are bare then."""
        if loras == self._worn:
            return
        self._undress()
        try:
            for lora in loras:
                for parameter, change in _changes(lora, modules):
                    self._bare.setdefault(parameter, parameter.detach().to("cpu", copy=True))
                    # Small changes on half-precision weights would be lost one by one: sum in float32, round once.
                    parameter.data.copy_(parameter.data.float() + lora.weight * change.to(parameter.device))
        except BaseException:
            self._undress()
            raise
        self._worn = loras

    def _undress(self) -> None:
        for parameter, bare in self._bare.items():
            parameter.data.copy_(bare)
        self._bare, self._worn = {}, ()


def _changes(lora: Lora, modules: Modules) -> list[tuple[torch.nn.Parameter, torch.Tensor]]:
    """Each weight that the file changes, and up @ down scaled by alpha / rank, float32, in the weight's shape."""
    tensors, alphas = _straightened(lora, modules)
    found: list[tuple[torch.nn.Parameter, torch.Tensor]] = []
    for name, down in tensors.items():
        match = _DOWN.match(name)
        if match is None:
            continue
        up = next(
            (tensors[other] for old, new in _UPS if (other := name.replace(old, new)) != name and other in tensors),
            None,
        )
        parameter = _weight(match["path"], modules)
        if up is None or parameter is None:
            continue
        if parameter.dtype not in (torch.float32, torch.float16, torch.bfloat16):
            raise Unsupported("quantised weights cannot take a LoRA; use the model unquantised", field="loras")
        alpha = alphas.get(f"{match['path']}.alpha", alphas.get(f"{name}.alpha", down.shape[0]))
        change = up.float().flatten(1) @ down.float().flatten(1) * (float(alpha) / down.shape[0])
        if change.numel() != parameter.numel():
            shapes = f"{tuple(up.shape)} and {tuple(down.shape)} for a weight of {tuple(parameter.shape)}"
            raise InvalidInput("loras", lora.path, f"it is for another model: {shapes}")
        found.append((parameter, change.reshape(parameter.shape)))
    if not found:
        raise InvalidInput("loras", lora.path, "none of its tensors belongs to this model")
    return found


def _straightened(lora: Lora, modules: Modules) -> tuple[dict[str, torch.Tensor], dict[str, Any]]:
    """The file's tensors under diffusers' names (`unet.down_blocks...`), and the alphas."""
    if not lora.path.endswith(".safetensors") or not Path(lora.path).is_file():
        raise InvalidInput("loras", lora.path, "it must be a .safetensors file that exists")
    tensors = load_file(lora.path)
    reader, options = _reader(modules)
    straight, alphas, *_ = reader.lora_state_dict(tensors, **options)
    own = {name: value.item() for name, value in straight.items() if name.endswith(".alpha")}
    return straight, {**(alphas or {}), **own}


def _reader(modules: Modules) -> tuple[Any, dict[str, Any]]:
    """diffusers' reader for the family that has such a denoiser."""
    from diffusers import loaders

    if "unet" in modules:
        kind = "StableDiffusionXLLoraLoaderMixin" if "text_encoder_2" in modules else "StableDiffusionLoraLoaderMixin"
        return getattr(loaders, kind), {"unet_config": modules["unet"].config}
    denoiser = type(modules["transformer"]).__name__
    readers = {"Flux2": "Flux2", "Flux": "Flux", "QwenImage": "QwenImage", "ZImage": "ZImage"}
    name = next(reader for start, reader in readers.items() if denoiser.startswith(start))
    return getattr(loaders, f"{name}LoraLoaderMixin"), {"return_alphas": True} if name == "Flux" else {}


def _weight(path: str, modules: Modules) -> torch.nn.Parameter | None:
    """The weight at a path such as `unet.down_blocks.0.attentions.0.proj_in`; None where this model has none."""
    component, _, rest = path.partition(".")
    module = modules.get(component)
    if module is None:
        return None
    names = _OLD_ENCODER_NAMES if component.startswith("text_encoder") else _OLD_NAMES
    rest = rest.replace(".processor.", ".")
    head, _, last = rest.rpartition(".")
    # transformers 5.6 took the `text_model` level out of CLIPTextModel; files still have it.
    for candidate in (rest, f"{head}.{names.get(last, last)}"):
        for flat in (candidate, candidate.removeprefix("text_model.")):
            try:
                return module.get_parameter(f"{flat}.weight")
            except AttributeError:
                continue
    return None
