"""LoRAs as part of the weights: W + weight * alpha / rank * up @ down (Hu et al. 2021, https://arxiv.org/abs/2106.09685).

Merged, they cost nothing per step and need no further library; what was there before is kept, so that taking them off gives
the same weights bit for bit. The names of a file's tensors are put straight by diffusers' own reader of the family.
"""

import re
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import load_file

from inlay.engines.models.catalog import Lora
from inlay.errors import InvalidInput, Unsupported

_DOWN = re.compile(r"(?P<path>.+?)[._](?:lora_A|lora_down|lora\.down|lora_linear_layer\.down)(?:\.default)?\.weight$")
_UPS = (("lora_A", "lora_B"), ("lora_down", "lora_up"), (".down.", ".up."))
_PLAIN = re.compile(
    r"([._](lora_[AB]|lora_(down|up)|lora\.(down|up)|lora_linear_layer\.(down|up))(\.default)?\.weight|\.alpha)$"
)
"""What a plain LoRA's tensors end with."""
_OTHER_KINDS = tuple(
    (re.compile(pattern), kind)
    for pattern, kind in (
        (r"dora_scale|lora_magnitude_vector", "a DoRA"),
        (r"\.hada_", "a LoHa"),
        (r"\.lokr_", "a LoKr"),
        (r"\.lora_mid", "a CP-decomposed LoCon"),
        (r"\.b?oft_", "an OFT adapter"),
        (r"\.diff(_b)?$", "a file of whole weights"),
        (r"lora_(B|up)(\.default)?\.bias$", "a LoRA with biases"),
    )
)
"""How files of further kinds give themselves away; each would come out as another change than the file means."""
_LONGEST_NAME, _LONGEST_REASON, _MOST_NAMES = 60, 120, 3
_FUSED = {"qkv": ("to_q", "to_k", "to_v")}
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
    unplaced: list[str] = []
    for name, down in tensors.items():
        match = _DOWN.match(name)
        if match is None:
            continue
        up = next(
            (tensors[other] for old, new in _UPS if (other := name.replace(old, new)) != name and other in tensors),
            None,
        )
        parameters = _weights(match["path"], modules)
        if up is None or not parameters:
            unplaced.append(match["path"])
            continue
        alpha = alphas.get(f"{match['path']}.alpha", alphas.get(f"{name}.alpha", down.shape[0]))
        change = up.float().flatten(1) @ down.float().flatten(1) * (float(alpha) / down.shape[0])
        if change.numel() != sum(parameter.numel() for parameter in parameters):
            shapes = f"{tuple(up.shape)} and {tuple(down.shape)} for a weight of {tuple(parameters[0].shape)}"
            raise InvalidInput("loras", lora.path, f"it is for another model: {shapes}")
        rows = [parameter.shape[0] for parameter in parameters]
        for parameter, part in zip(parameters, change.split(rows), strict=True):
            if parameter.dtype not in (torch.float32, torch.float16, torch.bfloat16):
                raise Unsupported("quantised weights cannot take a LoRA; use the model unquantised", field="loras")
            found.append((parameter, part.reshape(parameter.shape)))
    if not found:
        raise InvalidInput("loras", lora.path, "none of its tensors belongs to this model")
    if unplaced:
        raise InvalidInput("loras", lora.path, f"{_counted(unplaced)} of its modules are not in this model")
    return found


def _straightened(lora: Lora, modules: Modules) -> tuple[dict[str, torch.Tensor], dict[str, Any]]:
    """The file's tensors under diffusers' names (`unet.down_blocks...`), and the alphas. Raises InvalidInput, Unsupported.

    What a reader does not know it drops with a line in a log. So it is first asked about labels instead of weights: each
    module of the file has to come out somewhere.
    """
    if not lora.path.endswith(".safetensors") or not Path(lora.path).is_file():
        raise InvalidInput("loras", lora.path, "it must be a .safetensors file that exists")
    tensors = load_file(lora.path)
    labels = _labels(lora, tensors)
    kept = {float(value.flatten()[0]) for value in _read(lora, labels, modules)[0].values() if value.numel()}
    names = [name for name in labels if _DOWN.match(name)]
    if len(names) and not any(label in kept for label in range(1, len(names) + 1)):
        raise InvalidInput("loras", lora.path, "none of its tensors belongs to this model")
    dropped = [name for label, name in enumerate(names, 1) if label not in kept]
    if dropped:
        raise InvalidInput(
            "loras", lora.path, f"{_counted(dropped)} of its modules are not known for this kind of model"
        )
    return _read(lora, tensors, modules)


def _labels(lora: Lora, tensors: dict[str, torch.Tensor]) -> dict[str, torch.Tensor]:
    """As `tensors`, but each module's `down` holds its number, from 1 on. Raises Unsupported for what is no plain LoRA."""
    ranks = {f"{match['path']}.alpha": len(tensor) for name, tensor in tensors.items() if (match := _DOWN.match(name))}
    labels: dict[str, torch.Tensor] = {}
    downs = 0
    for name, tensor in tensors.items():
        kind = next((kind for pattern, kind in _OTHER_KINDS if pattern.search(name)), None)
        if kind is None and not _PLAIN.search(name):
            kind = f"a file with the tensor {name[-_LONGEST_NAME:]!r}"
        if kind is not None:
            raise Unsupported(
                f"{Path(lora.path).name} is {kind}; only plain LoRAs can be merged exactly", field="loras"
            )
        is_down = _DOWN.match(name) is not None
        downs += is_down
        value = downs if is_down else ranks.get(name, 0)  # an alpha of the rank scales nothing
        labels[name] = torch.full((), float(value)).expand(tensor.shape)
    return labels


def _read(
    lora: Lora, tensors: dict[str, torch.Tensor], modules: Modules
) -> tuple[dict[str, torch.Tensor], dict[str, Any]]:
    reader, options = _reader(modules)
    try:
        answer = reader.lora_state_dict(dict(tensors), **options)
    except (ValueError, KeyError, RuntimeError, NotImplementedError, AttributeError) as error:
        reason = str(error).partition("\n")[0][:_LONGEST_REASON]
        raise InvalidInput("loras", lora.path, f"it is not a LoRA of this kind of model ({reason})") from error
    straight, alphas = answer[:2] if isinstance(answer, tuple) else (answer, None)
    own = {name: value.item() for name, value in straight.items() if name.endswith(".alpha")}
    return straight, {**(alphas or {}), **own}


def _counted(names: list[str]) -> str:
    """`2 (a, b)`; the first few by name."""
    shown = ", ".join(name[-_LONGEST_NAME:] for name in names[:_MOST_NAMES])
    return f"{len(names)} ({shown}{', ...' if len(names) > _MOST_NAMES else ''})"


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


def _weights(path: str, modules: Modules) -> list[torch.nn.Parameter]:
    """The weights that a module of the file stands for: one, or query, key and value where the file has them in one; none
    where this model has no such module."""
    whole = _weight(path, modules)
    if whole is not None:
        return [whole]
    head, _, last = path.rpartition(".")
    parts = [_weight(f"{head}.{name}", modules) for name in _FUSED.get(last, ())]
    return [part for part in parts if part is not None] if None not in parts else []


def _weight(path: str, modules: Modules) -> torch.nn.Parameter | None:
    """The weight at a path such as `unet.down_blocks.0.attentions.0.proj_in`; None where this model has none."""
    component, _, rest = path.partition(".")
    module = modules.get(component)
    if module is None:
        return None
    names = _OLD_ENCODER_NAMES if component.startswith("text_encoder") else _OLD_NAMES
    rest = rest.removeprefix(f"{component}.").replace(".processor.", ".")  # diffusers puts it before a name that has it
    head, _, last = rest.rpartition(".")
    # transformers 5.6 took the `text_model` level out of CLIPTextModel; files still have it.
    for candidate in (rest, f"{head}.{names.get(last, last)}"):
        for flat in (candidate, candidate.removeprefix("text_model.")):
            try:
                return module.get_parameter(f"{flat}.weight")
            except AttributeError:
                continue
    return None
